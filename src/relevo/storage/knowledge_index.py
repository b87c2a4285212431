"""Passages and the postings that find them: put in place for a document, dropped, looked up by their terms.

The transaction that indexes a document also takes away what was there of it, so that a search meets
either the old passages or the new ones. How many passages a project has in a language stands in
``counters``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from relevo.domain.ids import DocumentId, ProjectId
from relevo.domain.knowledge import DocumentState, Indexed, Kind, Place
from relevo.domain.signals import Language
from relevo.storage.database import Connection

_AT_ONCE = 50_000  # postings in one statement


@dataclass(frozen=True, slots=True)
class Stored:
    """A passage as it stands, with its document."""

    id: int
    document: DocumentId
    title: str
    source: str
    kind: Kind
    tags: tuple[str, ...]
    text: str
    language: Language
    place: Place


async def index_document(
    connection: Connection, project: ProjectId, document: DocumentId, indexed: Sequence[Indexed]
) -> bool:
    """Replaces the document's passages by these and makes it ``ready``.

    False, and nothing changes, where it has been revoked or deleted meanwhile.
    """
    standing = await (
        await connection.execute(
            "SELECT passages FROM knowledge_documents"
            " WHERE project_id = %s AND id = %s AND state <> 'revoked' FOR UPDATE",
            (project, document),
        )
    ).fetchone()
    if standing is None:
        return False
    if standing["passages"]:
        await drop_passages(connection, project, document)
    rows = await (
        await connection.execute(
            """
            INSERT INTO knowledge_passages (project_id, document_id, position, body, headings, page, seconds,
                language, terms)
            SELECT %(project)s, %(document)s, p.position, p.body,
                ARRAY(SELECT jsonb_array_elements_text(p.headings)), p.page, p.seconds, p.language,
                ARRAY(SELECT jsonb_array_elements_text(p.terms))
            FROM jsonb_to_recordset(%(passages)s) AS p (position integer, body text, headings jsonb,
                page integer, seconds real, language text, terms jsonb)
            RETURNING id, position
            """,
            {"project": project, "document": document, "passages": Jsonb(_rows(indexed))},
        )
    ).fetchall()
    ids = {row["position"]: row["id"] for row in rows}
    postings = [
        (each.passage.language.value, term, ids[position], weight)
        for position, each in enumerate(indexed)
        for term, weight in each.weights.items()
    ]
    for start in range(0, len(postings), _AT_ONCE):
        columns = [list(column) for column in zip(*postings[start : start + _AT_ONCE], strict=True)]
        await connection.execute(
            "INSERT INTO knowledge_postings (project_id, language, term, passage_id, weight)"
            " SELECT %s, * FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::real[])",
            (project, *columns),
        )
    await _count(connection, project, [each.passage.language for each in indexed], 1)
    await connection.execute(
        """
        UPDATE knowledge_documents SET state = %s, done = 1, why = '', passages = %s, language = %s,
            due_at = NULL, attempts = 0, updated_at = now()
        WHERE project_id = %s AND id = %s
        """,
        (DocumentState.READY, len(indexed), _most(indexed), project, document),
    )
    return True


async def drop_passages(connection: Connection, project: ProjectId, document: DocumentId) -> None:
    """Deletes a document's passages and their postings: from then on no search finds it."""
    await connection.execute(
        """
        DELETE FROM knowledge_postings o
        USING (
            SELECT p.language, t.term, p.id FROM knowledge_passages p, unnest(p.terms) AS t (term)
            WHERE p.project_id = %(project)s AND p.document_id = %(document)s
        ) gone
        WHERE o.project_id = %(project)s AND o.language = gone.language AND o.term = gone.term
          AND o.passage_id = gone.id
        """,
        {"project": project, "document": document},
    )
    rows = await (
        await connection.execute(
            "DELETE FROM knowledge_passages WHERE project_id = %s AND document_id = %s RETURNING language",
            (project, document),
        )
    ).fetchall()
    await _count(connection, project, [Language(row["language"]) for row in rows], -1)


async def passages_in(connection: Connection, project: ProjectId) -> dict[Language, int]:
    """How many passages the project has in each language."""
    names = {f"passages.{language}": language for language in Language}
    rows = await (
        await connection.execute(
            "SELECT name, value FROM counters WHERE project_id = %s AND name = ANY(%s)",
            (project, list(names)),
        )
    ).fetchall()
    return {names[row["name"]]: row["value"] for row in rows}


PASSAGES = """
            SELECT p.id, p.document_id, d.title, d.source, d.kind, d.tags, p.body, p.headings, p.page,
                p.seconds, p.language
            FROM knowledge_passages p
            JOIN knowledge_documents d ON d.project_id = p.project_id AND d.id = p.document_id
"""


async def read_passages(connection: Connection, project: ProjectId, ids: Sequence[int]) -> dict[int, Stored]:
    """The passages with these ids whose documents are ready."""
    rows = await (
        await connection.execute(
            f"""
            {PASSAGES}
            WHERE p.project_id = %s AND p.id = ANY(%s) AND d.state = 'ready'
            """,
            (project, list(ids)),
        )
    ).fetchall()
    return {row["id"]: stored(row) for row in rows}


async def document_passages(connection: Connection, project: ProjectId, document: DocumentId) -> list[Stored]:
    """A document's passages, in their order."""
    rows = await (
        await connection.execute(
            f"""
            {PASSAGES}
            WHERE p.project_id = %s AND p.document_id = %s ORDER BY p.position
            """,
            (project, document),
        )
    ).fetchall()
    return [stored(row) for row in rows]


async def _count(
    connection: Connection, project: ProjectId, languages: Sequence[Language], sign: int
) -> None:
    for language in sorted(set(languages)):
        await connection.execute(
            "INSERT INTO counters AS c (project_id, name, value) VALUES (%s, %s, %s)"
            " ON CONFLICT (project_id, name) DO UPDATE SET value = c.value + excluded.value",
            (project, f"passages.{language}", sign * languages.count(language)),
        )


def _rows(indexed: Sequence[Indexed]) -> list[dict[str, Any]]:
    return [
        {
            "position": position,
            "body": each.passage.text,
            "headings": list(each.passage.place.headings),
            "page": each.passage.place.page,
            "seconds": each.passage.place.seconds,
            "language": each.passage.language,
            "terms": list(each.weights),
        }
        for position, each in enumerate(indexed)
    ]


def _most(indexed: Sequence[Indexed]) -> str | None:
    found = [each.passage.language for each in indexed]
    return max(sorted(set(found)), key=found.count) if found else None


def stored(row: dict[str, Any]) -> Stored:
    """What a row of ``PASSAGES`` says."""
    return Stored(
        id=row["id"],
        document=DocumentId(row["document_id"]),
        title=row["title"],
        source=row["source"],
        kind=Kind(row["kind"]),
        tags=tuple(row["tags"]),
        text=row["body"],
        language=Language(row["language"]),
        place=Place(tuple(row["headings"]), row["page"], row["seconds"]),
    )
