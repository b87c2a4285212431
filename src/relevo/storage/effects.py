"""Side effects that were done: one row per (message, tool, arguments), so that none is done twice."""

from typing import Any

from relevo.domain.ids import MessageId, ProjectId
from relevo.storage.codec import json
from relevo.storage.database import Connection


async def find_effect(
    connection: Connection, project: ProjectId, message: MessageId, tool: str, arguments_hash: str
) -> Any | None:
    """What the effect returned when it was done, or None."""
    row = await (
        await connection.execute(
            "SELECT result FROM effects"
            " WHERE project_id = %s AND message_id = %s AND tool = %s AND arguments_hash = %s",
            (project, message, tool, arguments_hash),
        )
    ).fetchone()
    return row["result"] if row else None


async def record_effect(
    connection: Connection,
    project: ProjectId,
    message: MessageId,
    tool: str,
    arguments_hash: str,
    result: Any,
) -> None:
    await connection.execute(
        "INSERT INTO effects (project_id, message_id, tool, arguments_hash, result)"
        " VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (project, message, tool, arguments_hash, json(result)),
    )
