"""Parts of replies that did not go out, or of which nobody knows: to look at, and to be sent again."""

from dataclasses import dataclass
from datetime import datetime

from relevo.domain.ids import ChannelName, ConversationId, ProjectId
from relevo.storage.database import Connection


@dataclass(frozen=True, slots=True)
class Undelivered:
    """``state`` is failed or unknown, ``error`` why."""

    id: int
    conversation: ConversationId
    channel: ChannelName
    address: str
    text: str
    state: str
    tries: int
    error: str | None
    at: datetime


async def read_undelivered(connection: Connection, project: ProjectId, most: int) -> list[Undelivered]:
    """The oldest ``most`` parts that have failed or are unknown."""
    rows = await (
        await connection.execute(
            "SELECT id, conversation_id, channel, address, body, state, attempts, error, updated_at"
            " FROM outbox WHERE project_id = %s AND state IN ('failed', 'unknown') ORDER BY id LIMIT %s",
            (project, most),
        )
    ).fetchall()
    return [
        Undelivered(
            row["id"],
            ConversationId(row["conversation_id"]),
            ChannelName(row["channel"]),
            row["address"],
            row["body"],
            row["state"],
            row["attempts"],
            row["error"],
            row["updated_at"],
        )
        for row in rows
    ]


async def retry_undelivered(connection: Connection, project: ProjectId, part: int) -> bool:
    """Lets a part be sent again, with all its tries.

    False where there is no such one, or its conversation has left the address: it is someone else's now.
    """
    done = await connection.execute(
        """
        UPDATE outbox o SET state = 'due', due_at = now(), attempts = 0, provider_id = NULL, error = NULL,
            updated_at = now()
        FROM conversations c
        WHERE o.project_id = %s AND o.id = %s AND o.state IN ('failed', 'unknown')
          AND c.project_id = o.project_id AND c.id = o.conversation_id AND c.address = o.address
        """,
        (project, part),
    )
    return done.rowcount == 1
