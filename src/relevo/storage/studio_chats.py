"""The chats of a user of the studio: all are one person's, who is the user."""

from dataclasses import dataclass
from datetime import datetime

from relevo.domain.ids import ConversationId, CustomerRef, ProjectId
from relevo.storage.database import Connection

MOST = 50
"""Chats that are listed: the last ones."""
TITLE_CHARS = 80


@dataclass(frozen=True, slots=True)
class ChatHead:
    """``title`` is how its first message begins; empty while there is none."""

    id: ConversationId
    title: str
    last_message_at: datetime


def as_customer(user: str) -> CustomerRef:
    """What a user is called as the person of their chats."""
    return CustomerRef(f"user:{user}")


async def list_chats(connection: Connection, project: ProjectId, user: str) -> list[ChatHead]:
    """The user's last chats, the last used first."""
    rows = await (
        await connection.execute(
            """
            SELECT c.id, c.last_message_at, (
                SELECT left(m.body, %(chars)s) FROM messages m
                WHERE m.project_id = c.project_id AND m.conversation_id = c.id AND m.role = 'customer'
                ORDER BY m.id LIMIT 1
            ) AS title
            FROM persons p
            JOIN conversations c ON c.project_id = p.project_id AND c.person_id = p.id
            WHERE p.project_id = %(project)s AND p.customer_ref = %(user)s
            ORDER BY c.last_message_at DESC, c.id LIMIT %(most)s
            """,
            {"project": project, "user": as_customer(user), "most": MOST, "chars": TITLE_CHARS},
        )
    ).fetchall()
    return [ChatHead(ConversationId(row["id"]), row["title"] or "", row["last_message_at"]) for row in rows]
