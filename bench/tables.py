"""The figures as tables, and the page that shows them: docs/benchmarks.md, between its marks."""

import statistics
from collections.abc import Callable
from typing import Any

from bench.knowledge_table import knowledge
from bench.services import ROOT

Found = dict[str, Any]
PAGE = ROOT / "docs" / "benchmarks.md"
MEASURES: tuple[tuple[str, str, str, float, int, str], ...] = (
    ("CPU, ms a turn", "one_by_one", "cpu_ms", 1, 1, "≤ 0.5"),
    ("PostgreSQL's CPU, ms a turn", "one_by_one", "postgres_cpu_ms", 1, 1, ""),
    ("Latency p50, ms", "one_by_one", "p50_ms", 1, 1, "≤ 0.5"),
    ("Latency p95, ms", "one_by_one", "p95_ms", 1, 1, "≤ 0.5"),
    ("Write-ahead log, KB a turn", "one_by_one", "wal_bytes", 1e-3, 1, "≤ 0.5"),
    ("Model calls a turn", "one_by_one", "model_calls", 1, 2, ""),
    ("Tokens read by the model a turn", "one_by_one", "input_tokens", 1, 0, ""),
    ("Tokens written by the model a turn", "one_by_one", "output_tokens", 1, 0, ""),
    ("Turns a second, many at once", "at_once", "turns_per_second", 1, 1, "≥ 2"),
    ("CPU, ms a turn, many at once", "at_once", "cpu_ms", 1, 1, ""),
    ("Latency p50, ms, many at once", "at_once", "p50_ms", 1, 0, ""),
    ("Latency p95, ms, many at once", "at_once", "p95_ms", 1, 0, ""),
)
"""What is compared: its name, where it stands in a round, its factor, its decimals, the ratio wanted."""


def beside(found: Found) -> str:
    """Both sides: median of the rounds (least–most), and the ratio of the medians (of each round)."""
    lines = ["| | Relevo | LangGraph swarm | Ratio | Wanted |", "|---|---|---|---|---|"]
    for name, part, key, factor, digits, wanted in MEASURES:
        ours, theirs = (
            [each[part][key] * factor for each in found["rounds"] if each["side"] == side]
            for side in ("relevo", "peer")
        )
        each_round = [one / other for one, other in zip(ours, theirs, strict=True)]
        ratio = statistics.median(ours) / statistics.median(theirs)
        cells = (_spread(ours, digits), _spread(theirs, digits), f"**{ratio:.2f}** {_range(each_round, 2)}")
        lines.append(f"| {name} | {' | '.join(cells)} | {wanted} |")
    for name, part, key, digits, wanted in (
        ("Rows written a turn", "rows", "rows", 1, ""),
        (f"CPU at turn {found['growing']['relevo']['turn']}, ms", "growing", "cpu_ms_late", 1, ""),
    ):
        one, other = (found[part][side][key] for side in ("relevo", "peer"))
        lines.append(f"| {name} | {one:.{digits}f} | {other:.{digits}f} | **{one / other:.2f}** | {wanted} |")
    one, other = (found["growing"][side]["growth"] for side in ("relevo", "peer"))
    lines.append(f"| The same ÷ CPU at turn 10 | {one:.2f} | {other:.2f} | | ≤ 1.3 |")
    for name, key, digits in (("Ready, s", "ready_seconds", 1), ("Memory (PSS), MB", "memory_mb", 0)):
        ours, theirs = (
            [each[key] for each in found["rounds"] if each["side"] == side] for side in ("relevo", "peer")
        )
        ratio = statistics.median(ours) / statistics.median(theirs)
        lines.append(f"| {name} | {_spread(ours, digits)} | {_spread(theirs, digits)} | {ratio:.2f} | |")
    return "\n".join(lines)


def circumstances(found: Found) -> str:
    """Machine, day and size of the run."""
    machine, size = found["machine"], found["size"]
    paces = [each["one_by_one"]["pace_ms"] for each in found["rounds"]]
    turns = found["rounds"][0]["one_by_one"]["turns"]
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}; "
        f"commit `{found['commit']}`, {found['at'][:10]}. {len(paces) // 2} rounds of {turns} turns one by "
        f"one and {size['spans']} × {size['seconds']:.0f} s of {size['at_once']} conversations at once a "
        f"side. Pace of the core (10 is undisturbed): {_spread(paces, 1)} ms."
    )


def alone(found: Found) -> str:
    """What is measured of Relevo alone."""
    memory, hooks = found["memory"], found["webhooks"]
    rows = [
        ("Session from Redis, p50", memory["session"]["p50_ms"], "< 1 ms"),
        ("Hot history (200 messages) from Redis, p50", memory["history"]["p50_ms"], "< 5 ms"),
        ("Profile from PostgreSQL, p50", memory["profile"]["p50_ms"], "< 10 ms"),
    ]
    lines = ["| | Measured | Wanted |", "|---|---|---|"]
    lines += [f"| {name} | {value:.2f} ms | {wanted} |" for name, value, wanted in rows]
    rate = hooks[0]["rate"]
    for name, key, wanted in (
        (f"Webhook acknowledged, {rate} a second, model hanging, p50", "p50_ms", ""),
        ("The same, p99", "p99_ms", "< 100 ms"),
        ("The same, the longest", "most_ms", ""),
    ):
        lines.append(f"| {name} | {_spread([each[key] for each in hooks], 1)} ms | {wanted} |")
    return "\n".join(lines)


def where_time_goes(found: Found) -> str:
    """The profile: innermost frames by library, and functions of ours with all they call."""
    profile = found["profile"]
    if profile is None:
        return "py-spy may not look into processes on this machine: no profile."
    lines = ["| Library (innermost frame) | Share |", "|---|---|"]
    lines += [f"| {name} | {share:.1%} |" for name, share in profile["libraries"].items()]
    lines += ["", "| Function, with all it calls | Share |", "|---|---|"]
    lines += [
        f"| {name.replace('.py ', ' · ')} | {share:.1%} |" for name, share in profile["functions"].items()
    ]
    return "\n".join(lines)


def four_calls(found: Found) -> str:
    """Relevo and four calls a message, over the hundred conversations."""
    costs = found["four_calls"]
    ours, usual, turns = costs["relevo"], costs["usual"], costs["turns"]
    lines = ["| | Relevo | Four calls a message | Saved |", "|---|---|---|---|"]
    for name, key, digits in (
        ("Model calls a turn", "calls", 2),
        ("Tokens read a turn", "input_tokens", 0),
        ("Tokens written a turn", "output_tokens", 0),
    ):
        one, other = ours[key] / turns, usual[key] / turns
        lines.append(f"| {name} | {one:.{digits}f} | {other:.{digits}f} | {1 - one / other:.0%} |")
    each = [cost["usd"] / costs["conversations"] for cost in (ours, usual)]
    lines.append(
        f"| US dollars a conversation ({costs['priced_as']}) | {each[0]:.4f} | {each[1]:.4f} "
        f"| **{1 - each[0] / each[1]:.0%}** |"
    )
    return "\n".join(lines)


SECTIONS: dict[str, Callable[[Found], str]] = {
    "circumstances": circumstances,
    "beside": beside,
    "alone": alone,
    "four_calls": four_calls,
    "where_time_goes": where_time_goes,
    "knowledge": knowledge,
}


def everything(found: Found) -> str:
    """All tables there are figures for."""
    shown = [name for name in SECTIONS if name != "four_calls" or name in found]
    return "\n\n".join(SECTIONS[name](found) for name in shown)


def page(text: str, found: Found) -> str:
    """The page with its tables made anew: what stands between ``<!-- name -->`` and ``<!-- /name -->``."""
    for name, render in SECTIONS.items():
        before, begin, rest = text.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition(f"<!-- /{name} -->")
        if not begin or not end:
            raise ValueError(f"{PAGE} has no place for {name}")
        text = f"{before}{begin}{render(found)}\n{end}{after}"
    return text


def write_page(found: Found) -> None:
    """Writes the page's tables."""
    PAGE.write_text(page(PAGE.read_text("utf-8"), found), "utf-8")


def _spread(values: list[float], digits: int) -> str:
    return f"{statistics.median(values):.{digits}f} {_range(values, digits)}"


def _range(values: list[float], digits: int) -> str:
    return f"({min(values):.{digits}f}–{max(values):.{digits}f})"
