"""Dead letters: messages set aside after their last try, and how they are tried anew."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from relevo.domain.ids import ChannelName, ConversationId, MessageId, ProjectId
from relevo.storage.database import Connection


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """``address`` is where its conversation is held; one that says ``until`` is someone else's by now."""

    id: MessageId
    conversation: ConversationId
    channel: ChannelName
    address: str
    text: str
    received_at: datetime


async def read_dead(connection: Connection, project: ProjectId, most: int) -> list[DeadLetter]:
    """The oldest ``most`` dead letters."""
    rows = await (
        await connection.execute(
            "SELECT m.id, m.conversation_id, m.channel, c.address, m.body, m.created_at FROM messages m"
            " JOIN conversations c ON c.project_id = m.project_id AND c.id = m.conversation_id"
            " WHERE m.project_id = %s AND m.state = 'dead' ORDER BY m.id LIMIT %s",
            (project, most),
        )
    ).fetchall()
    return [_letter(row) for row in rows]


async def retry_dead(connection: Connection, project: ProjectId, message: MessageId) -> bool:
    """Puts a dead letter back into its conversation's inbox, which becomes due.

    False where there is no such one, or its conversation has left its address: the answer would go astray.
    """
    row = await (
        await connection.execute(
            """
            WITH conversation AS (
                UPDATE conversations SET due_at = coalesce(due_at, now())
                WHERE project_id = %(project)s AND address NOT LIKE '%% (until %%' AND id = (
                    SELECT conversation_id FROM messages
                    WHERE project_id = %(project)s AND id = %(message)s AND state = 'dead'
                )
                RETURNING id
            )
            UPDATE messages m SET state = 'pending' FROM conversation
            WHERE m.project_id = %(project)s AND m.id = %(message)s AND m.state = 'dead'
            RETURNING m.id
            """,
            {"project": project, "message": message},
        )
    ).fetchone()
    return row is not None


def _letter(row: dict[str, Any]) -> DeadLetter:
    return DeadLetter(
        MessageId(row["id"]),
        ConversationId(row["conversation_id"]),
        ChannelName(row["channel"]),
        row["address"],
        row["body"],
        row["created_at"],
    )
