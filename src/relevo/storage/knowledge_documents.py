"""Documents and their files: stored once, listed, revoked, deleted with all that came of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from relevo.domain.ids import DocumentId, ProjectId, new_id
from relevo.domain.knowledge import Document, DocumentState, Kind
from relevo.domain.signals import Language
from relevo.storage.database import Connection
from relevo.storage.knowledge_index import drop_passages

_COLUMNS = (
    "id, kind, title, source, file_name, sha256, size, state, why, done, language, tags, passages,"
    " created_at, updated_at"
)


@dataclass(frozen=True, slots=True)
class NewDocument:
    """What is known of a document before it is read; ``id`` where it has one of its own."""

    kind: Kind
    title: str
    source: str
    sha256: str
    body: bytes
    tags: tuple[str, ...] = ()
    id: DocumentId | None = None
    file_name: str = ""


async def store_document(
    connection: Connection, project: ProjectId, new: NewDocument
) -> tuple[Document, bool]:
    """Stores a document and its file as ``queued``; False with the one that has the same bytes."""
    values = {
        "project": project,
        "id": new.id or new_id("d"),
        "kind": new.kind,
        "title": new.title,
        "source": new.source,
        "file_name": new.file_name,
        "sha256": new.sha256,
        "size": len(new.body),
        "tags": list(new.tags),
        "body": new.body,
    }
    row = await (
        await connection.execute(
            f"""
            WITH fresh AS (
                INSERT INTO knowledge_documents (project_id, id, kind, title, source, file_name, sha256,
                    size, state, tags)
                VALUES (%(project)s, %(id)s, %(kind)s, %(title)s, %(source)s, %(file_name)s, %(sha256)s,
                    %(size)s, 'queued', %(tags)s)
                ON CONFLICT (project_id, sha256) DO NOTHING
                RETURNING {_COLUMNS}
            )
            SELECT * FROM fresh
            """,
            values,
        )
    ).fetchone()
    if row is not None:
        await connection.execute(
            "INSERT INTO knowledge_files (project_id, document_id, body)"
            " VALUES (%(project)s, %(id)s, %(body)s)",
            values,
        )
        return _document(row), True
    found = await document_of_bytes(connection, project, new.sha256)
    assert found is not None
    return found, False


async def document_of_bytes(connection: Connection, project: ProjectId, sha256: str) -> Document | None:
    """The document whose file has these bytes."""
    row = await (
        await connection.execute(
            f"SELECT {_COLUMNS} FROM knowledge_documents WHERE project_id = %s AND sha256 = %s",
            (project, sha256),
        )
    ).fetchone()
    return _document(row) if row else None


async def stored_bytes(connection: Connection, project: ProjectId) -> int:
    """How many bytes the project's documents have together, the team's own help pages aside."""
    row = await (
        await connection.execute(
            "SELECT coalesce(sum(size), 0)::bigint AS bytes FROM knowledge_documents"
            " WHERE project_id = %s AND kind <> 'help'",
            (project,),
        )
    ).fetchone()
    assert row is not None
    return int(row["bytes"])


async def set_state(
    connection: Connection,
    project: ProjectId,
    document: DocumentId,
    state: DocumentState,
    *,
    done: float = 0.0,
    why: str = "",
) -> bool:
    """Says how far a document is; False where it has been revoked or deleted meanwhile, and stays so.

    A ``queued`` one is due at once, one on its way stays its reader's, any other is at rest.
    """
    changed = await connection.execute(
        "UPDATE knowledge_documents SET state = %s, done = %s, why = %s, updated_at = now(),"
        " due_at = CASE WHEN %s THEN now() WHEN %s THEN due_at END"
        " WHERE project_id = %s AND id = %s AND state <> 'revoked'",
        (state, done, why, state is DocumentState.QUEUED, state.pending, project, document),
    )
    return changed.rowcount == 1


async def read_document(connection: Connection, project: ProjectId, document: DocumentId) -> Document | None:
    row = await (
        await connection.execute(
            f"SELECT {_COLUMNS} FROM knowledge_documents WHERE project_id = %s AND id = %s",
            (project, document),
        )
    ).fetchone()
    return _document(row) if row else None


async def read_file(connection: Connection, project: ProjectId, document: DocumentId) -> bytes | None:
    row = await (
        await connection.execute(
            "SELECT body FROM knowledge_files WHERE project_id = %s AND document_id = %s", (project, document)
        )
    ).fetchone()
    return bytes(row["body"]) if row else None


async def usable_documents(connection: Connection, project: ProjectId, ids: Iterable[str]) -> set[str]:
    """Which of these documents are there and not revoked."""
    rows = await (
        await connection.execute(
            "SELECT id FROM knowledge_documents"
            " WHERE project_id = %s AND id = ANY(%s) AND state <> 'revoked'",
            (project, list(ids)),
        )
    ).fetchall()
    return {row["id"] for row in rows}


async def list_documents(
    connection: Connection, project: ProjectId, kinds: Sequence[Kind] = tuple(Kind)
) -> list[Document]:
    """The project's documents, the newest first."""
    rows = await (
        await connection.execute(
            f"SELECT {_COLUMNS} FROM knowledge_documents WHERE project_id = %s AND kind = ANY(%s)"
            " ORDER BY created_at DESC, id DESC",
            (project, [kind.value for kind in kinds]),
        )
    ).fetchall()
    return [_document(row) for row in rows]


async def revoke_document(connection: Connection, project: ProjectId, document: DocumentId) -> bool:
    """Takes a document out of every answer, its file stays. False where there is none."""
    done = await connection.execute(
        "UPDATE knowledge_documents SET state = 'revoked', passages = 0, due_at = NULL, updated_at = now()"
        " WHERE project_id = %s AND id = %s",
        (project, document),
    )
    await drop_passages(connection, project, document)
    return done.rowcount == 1


async def allow_document(connection: Connection, project: ProjectId, document: DocumentId) -> bool:
    """Makes a document ``queued``, to be read again; a revoked one too. False where there is none."""
    done = await connection.execute(
        "UPDATE knowledge_documents SET state = 'queued', done = 0, why = '', updated_at = now(),"
        " due_at = now(), attempts = 0"
        " WHERE project_id = %s AND id = %s",
        (project, document),
    )
    return done.rowcount == 1


async def delete_document(connection: Connection, project: ProjectId, document: DocumentId) -> bool:
    """Deletes a document with its file, its passages and their postings. False where there is none."""
    await connection.execute(
        "SELECT FROM knowledge_documents WHERE project_id = %s AND id = %s FOR UPDATE", (project, document)
    )
    await drop_passages(connection, project, document)
    await connection.execute(
        "DELETE FROM knowledge_files WHERE project_id = %s AND document_id = %s", (project, document)
    )
    done = await connection.execute(
        "DELETE FROM knowledge_documents WHERE project_id = %s AND id = %s", (project, document)
    )
    return done.rowcount == 1


def _document(row: dict[str, Any]) -> Document:
    return Document(
        id=DocumentId(row["id"]),
        kind=Kind(row["kind"]),
        title=row["title"],
        source=row["source"],
        file_name=row["file_name"],
        sha256=row["sha256"],
        size=row["size"],
        state=DocumentState(row["state"]),
        why=row["why"],
        done=row["done"],
        language=Language(row["language"]) if row["language"] else None,
        tags=tuple(row["tags"]),
        passages=row["passages"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
