"""Who reads a document: ``due_at`` NULL is at rest, past needs a reader, future is being read by one.

Two readers of one document would come to the same passages, so the lease carries no fence: it only keeps
them from doing the work twice.
"""

from dataclasses import dataclass

from relevo.domain.ids import DocumentId, ProjectId
from relevo.storage.database import Connection


@dataclass(frozen=True, slots=True)
class ToRead:
    """A document that this process is to read. ``attempts`` counts this time, too."""

    project: ProjectId
    document: DocumentId
    attempts: int


async def claim_documents(connection: Connection, most: int, lease: float) -> list[ToRead]:
    """Takes up to ``most`` due documents of any project for ``lease`` seconds, through the door function."""
    rows = await (
        await connection.execute(
            "SELECT project_id, document_id, attempts FROM claim_documents(%s, make_interval(secs => %s))",
            (most, lease),
        )
    ).fetchall()
    return [ToRead(ProjectId(row["project_id"]), row["document_id"], row["attempts"]) for row in rows]


async def claim_document(
    connection: Connection, project: ProjectId, document: DocumentId, lease: float
) -> bool:
    """Takes this document for ``lease`` seconds; False where another reader has it, or it is revoked."""
    done = await connection.execute(
        "UPDATE knowledge_documents SET due_at = now() + make_interval(secs => %s), attempts = attempts + 1"
        " WHERE project_id = %s AND id = %s AND state <> 'revoked' AND (due_at IS NULL OR due_at <= now())",
        (lease, project, document),
    )
    return done.rowcount == 1
