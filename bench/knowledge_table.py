"""The figures of knowledge as a table."""

import statistics
from typing import Any

Found = dict[str, Any]


def knowledge(found: Found) -> str:
    """Searching, indexing, the marketing team, and how well the help is found."""
    own = found["knowledge"]
    size, team, machine = own["size"], own["marketing"], own["machine"]
    rounds, analyses = own["search"], team["analysis"]
    search = f"Search over {size['passages']:,} passages"
    documents = f"{team['documents']} documents of {team['pages']} pages"
    rows = [
        (f"{search}, p50", _spread([each["p50_ms"] for each in rounds], "ms", 1), "< 10 ms"),
        ("The same, p99", _spread([each["p99_ms"] for each in rounds], "ms", 1), "< 50 ms"),
        ("The same, the longest", _spread([each["most_ms"] for each in rounds], "ms", 1), ""),
        ("The same, CPU of our process", _spread([each["own_cpu_ms"] for each in rounds], "ms", 1), ""),
        (
            "The same, held to the project's own documents, p50",
            _spread([each["p50_ms"] for each in own["filtered"]], "ms", 1),
            "",
        ),
        (f"{size['read']:,} passages read and indexed", f"{own['read_seconds']:.1f} s", "< 60 s"),
        (f"{documents} read (PDF)", f"{team['read_seconds']:.1f} s", ""),
        ("Persona without a model, from these", _spread(team["without_ms"], "ms", 0), "< 5,000 ms"),
        (
            "Its answers that documents gave",
            f"{team['answered']} of {team['answers']}",
            "",
        ),
        ("Persona with a model that answers at once", _spread(team["with_model_ms"], "ms", 0), "< 1,000 ms"),
        ("The same, until the first category", _spread(team["first_category_ms"], "ms", 0), ""),
        ("Model calls of a persona", str(team["persona_calls"]), "1"),
        ("Model calls of a whole analysis", _range([each["calls"] for each in analyses]), "≤ 20"),
        ("A whole analysis beside the model", _spread([each["ms"] for each in analyses], "ms", 0), ""),
        ("Routing of the marketing team, p50", f"{team['routing']['p50_ms']:.1f} ms", "< 5 ms"),
        ("The same, p99", f"{team['routing']['p99_ms']:.1f} ms", "< 5 ms"),
    ]
    lines = [
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB; commit "
        f"`{own['commit']}`, {own['at'][:10]}. {len(rounds)} rounds of {size['queries']} questions; pace of "
        f"the core (10 is undisturbed): {_spread(own['pace_ms'], 'ms', 1)}.",
        "",
        "| | Measured | Wanted |",
        "|---|---|---|",
        *(f"| {name} | {value} | {wanted} |" for name, value, wanted in rows),
        "",
        "| Help found | Questions | recall@1 | recall@5 | MRR |",
        "|---|---|---|---|---|",
    ]
    for language, both in own["retrieval"].items():
        for side, name in (("relevo", "Relevo"), ("bm25", "BM25 with Snowball stems")):
            shares = " | ".join(f"{both[side][key]:.3f}" for key in ("recall@1", "recall@5", "mrr"))
            lines.append(f"| {name}, {language} | {both['questions']} | {shares} |")
    return "\n".join(lines)


def _spread(values: list[float], unit: str, digits: int) -> str:
    low, high = min(values), max(values)
    return f"{statistics.median(values):,.{digits}f} ({low:,.{digits}f}–{high:,.{digits}f}) {unit}"


def _range(values: list[int]) -> str:
    low, high = min(values), max(values)
    return str(low) if low == high else f"{low}–{high}"
