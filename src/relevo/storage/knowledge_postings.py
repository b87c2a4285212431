"""Postings looked up: how many passages hold a term, and which passages hold most of what is asked for.

Both read ``knowledge_postings`` by its key alone. Terms that stand in many passages are looked up only in
passages that can still be among the best (MaxScore: H. Turtle and J. Flood, 1995).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from relevo.domain.ids import ProjectId
from relevo.domain.knowledge import Filters
from relevo.domain.signals import Language
from relevo.storage.database import Connection
from relevo.storage.knowledge_index import PASSAGES, Stored, stored


@dataclass(frozen=True, slots=True)
class Held:
    """In how many passages a term stands, and the greatest weight it has in one."""

    passages: int
    most: float


@dataclass(frozen=True, slots=True)
class Frequencies:
    """Of a language: how many passages the project has, and how each term stands there that stands in any."""

    passages: int
    holding: Mapping[str, Held]


@dataclass(frozen=True, slots=True)
class Best:
    """``hits`` are the best passages that are ready, best first, each with its score.

    ``least`` is the score of the last that was looked for, whether it is ready and passes or not; None where
    there are fewer, and where no hit is left.
    """

    hits: list[tuple[Stored, float]]
    least: float | None


async def frequencies(
    connection: Connection, project: ProjectId, asked: Mapping[Language, Sequence[str]]
) -> dict[Language, Frequencies]:
    """For each language with passages: how many there are, and how each of its terms stands in them."""
    pairs = [(language.value, term) for language, found in asked.items() for term in found]
    rows = await (
        await connection.execute(
            """
            SELECT right(c.name, 2) AS language, NULL AS term, c.value AS passages, 0::real AS most
            FROM counters c
            WHERE c.project_id = %(project)s AND c.name = ANY (%(counters)s::text[]) AND c.value > 0
            UNION ALL
            SELECT t.language, t.term, c.passages, c.most
            FROM unnest(%(languages)s::text[], %(terms)s::text[]) AS t (language, term)
            CROSS JOIN LATERAL (
                SELECT count(*) AS passages, max(o.weight) AS most FROM knowledge_postings o
                WHERE o.project_id = %(project)s AND o.language = t.language AND o.term = t.term
            ) c
            WHERE c.passages > 0
            """,
            {
                "project": project,
                "counters": [f"passages.{language}" for language in asked],
                "languages": [language for language, _ in pairs],
                "terms": [term for _, term in pairs],
            },
        )
    ).fetchall()
    counts = {Language(row["language"]): row["passages"] for row in rows if row["term"] is None}
    held: dict[str, dict[str, Held]] = {language: {} for language in asked}
    for row in rows:
        if row["term"] is not None:
            held[row["language"]][row["term"]] = Held(row["passages"], row["most"])
    return {language: Frequencies(count, held[language]) for language, count in counts.items()}


async def share_passing(connection: Connection, project: ProjectId, filters: Filters) -> float:
    """Which share of the project's passages, 0–1, is of documents that pass the filters."""
    row = await (
        await connection.execute(
            f"""
            SELECT coalesce(sum(d.passages) FILTER (WHERE {_PASSES}), 0)
                / greatest(sum(d.passages), 1)::float8 AS share
            FROM knowledge_documents d WHERE d.project_id = %(project)s AND d.state = 'ready'
            """,
            {"project": project, **_filtering(filters)},
        )
    ).fetchone()
    return float(row["share"]) if row else 0.0


async def best_passages(
    connection: Connection,
    project: ProjectId,
    language: Language,
    telling: Mapping[str, float],
    common: Mapping[str, float],
    beyond: float,
    filters: Filters,
    most: int,
    *,
    late: bool = False,
) -> Best:
    """The passages for which the sum of stored weight times the term's worth is greatest.

    Both mappings hold terms with their worths. Passages that hold none of the ``telling`` ones are passed
    over; ``beyond`` is the most that the ``common`` ones can add to a score. What comes is exact where
    ``least`` is no less than ``beyond``. ``late`` filters the best passages, so that fewer may be left, and
    not the passages that are ranked.
    """
    filtered = filters.of_documents
    early, after = _FILTERED if filtered and not late else "", f"AND {_PASSES}" if filtered and late else ""
    rows = await (
        await connection.execute(
            f"""
            WITH telling AS MATERIALIZED (
                SELECT o.passage_id, sum(o.weight * t.worth) AS score
                FROM unnest(%(telling)s::text[], %(worths)s::real[]) AS t (term, worth)
                CROSS JOIN LATERAL (
                    SELECT o.passage_id, o.weight FROM knowledge_postings o
                    WHERE o.project_id = %(project)s AND o.language = %(language)s AND o.term = t.term
                    OFFSET 0
                ) o
                {early}
                GROUP BY o.passage_id
            ), near AS MATERIALIZED (
                SELECT passage_id, score FROM telling WHERE score >= coalesce((
                    SELECT score FROM telling ORDER BY score DESC OFFSET %(most)s - 1 LIMIT 1
                ), 0) - %(beyond)s::real
            ), best AS MATERIALIZED (
                SELECT passage_id, sum(score) AS score FROM (
                    SELECT passage_id, score FROM near
                    UNION ALL
                    SELECT o.passage_id, o.weight * t.worth
                    FROM unnest(%(common)s::text[], %(common_worths)s::real[]) AS t (term, worth)
                    CROSS JOIN LATERAL (
                        SELECT o.passage_id, o.weight FROM knowledge_postings o
                        WHERE o.project_id = %(project)s AND o.language = %(language)s AND o.term = t.term
                          AND o.passage_id = ANY (ARRAY(SELECT passage_id FROM near))
                        OFFSET 0
                    ) o
                ) AS parts
                GROUP BY passage_id ORDER BY score DESC, passage_id LIMIT %(most)s
            )
            SELECT b.score, b.least, p.* FROM (
                SELECT passage_id, score, (SELECT min(score) FROM best HAVING count(*) = %(most)s) AS least
                FROM best
            ) b
            CROSS JOIN LATERAL (
                {PASSAGES}
                WHERE p.project_id = %(project)s AND p.id = b.passage_id AND d.state = 'ready' {after}
                OFFSET 0
            ) p
            ORDER BY b.score DESC, p.id
            """,
            {
                "project": project,
                "language": language,
                "telling": list(telling),
                "worths": list(telling.values()),
                "common": list(common),
                "common_worths": list(common.values()),
                "beyond": beyond,
                "most": most,
                **_filtering(filters),
            },
        )
    ).fetchall()
    return Best([(stored(row), row["score"]) for row in rows], rows[0]["least"] if rows else None)


_PASSES = """
                (%(kinds)s::text[] IS NULL OR d.kind = ANY (%(kinds)s::text[]))
                AND (%(documents)s::text[] IS NULL OR d.id = ANY (%(documents)s::text[]))
                AND (%(tags)s::text[] IS NULL OR d.tags && %(tags)s::text[])
                AND (%(since)s::timestamptz IS NULL OR d.created_at >= %(since)s::timestamptz)
                AND (%(until)s::timestamptz IS NULL OR d.created_at < %(until)s::timestamptz)
"""
"""Whether a document passes the filters."""
_FILTERED = f"""
            WHERE o.passage_id IN (
                SELECT p.id FROM knowledge_documents d
                JOIN knowledge_passages p ON p.project_id = %(project)s AND p.document_id = d.id
                WHERE d.project_id = %(project)s AND {_PASSES}
            )
"""


def _filtering(filters: Filters) -> dict[str, Any]:
    return {
        "kinds": [kind.value for kind in filters.kinds] or None,
        "documents": list(filters.documents) or None,
        "tags": list(filters.tags) or None,
        "since": filters.since,
        "until": filters.until,
    }
