"""Side effects that were done: one row per (message, tool, arguments), so that none is done twice."""

from typing import Any

from relevo.domain.ids import ConversationId, MessageId, ProjectId
from relevo.storage.codec import json
from relevo.storage.database import Connection


async def find_effects(
    connection: Connection, project: ProjectId, message: MessageId, tool: str
) -> dict[str, Any]:
    """What a tool's effects for a message returned, by the hash of their arguments, the oldest first.

    None for one that has begun and of which it is not known whether it was done.
    """
    rows = await (
        await connection.execute(
            "SELECT arguments_hash, result FROM effects"
            " WHERE project_id = %s AND message_id = %s AND tool = %s ORDER BY created_at",
            (project, message, tool),
        )
    ).fetchall()
    return {row["arguments_hash"]: row["result"] for row in rows}


async def read_unsettled(
    connection: Connection, project: ProjectId, conversation: ConversationId
) -> list[str]:
    """The tools whose effect for a message of the conversation has begun, and is not known to be done."""
    rows = await (
        await connection.execute(
            "SELECT DISTINCT e.tool FROM effects e JOIN messages m"
            " ON m.project_id = e.project_id AND m.id = e.message_id"
            " WHERE e.project_id = %s AND m.conversation_id = %s AND e.result IS NULL ORDER BY 1",
            (project, conversation),
        )
    ).fetchall()
    return [row["tool"] for row in rows]


async def begin_effect(
    connection: Connection, project: ProjectId, message: MessageId, tool: str, arguments_hash: str
) -> None:
    await connection.execute(
        "INSERT INTO effects (project_id, message_id, tool, arguments_hash) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        (project, message, tool, arguments_hash),
    )


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
        " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (project_id, message_id, tool, arguments_hash)"
        " DO UPDATE SET result = excluded.result WHERE effects.result IS NULL",
        (project, message, tool, arguments_hash, json(result)),
    )
