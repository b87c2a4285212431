"""What was said and decided in a conversation, and what a person's earlier matters came to."""

from dataclasses import dataclass
from typing import Any

from relevo.domain.ids import ConversationId, MessageId, ProjectId, TurnId
from relevo.domain.message import Role, Said
from relevo.storage.codec import read_tools
from relevo.storage.database import Connection

COLUMNS = "id, role, name, body, created_at, turn_id, meta, state"


async def read_messages(
    connection: Connection,
    project: ProjectId,
    conversation: ConversationId,
    *,
    most: int,
    days: int | None = None,
) -> list[Said]:
    """The newest ``most`` messages that have had their turn, oldest first; ``days`` bounds their age."""
    rows = await (
        await connection.execute(
            f"SELECT {COLUMNS} FROM messages WHERE project_id = %(project)s"
            " AND conversation_id = %(conversation)s AND state IN ('done', 'said')"
            " AND (%(days)s::int IS NULL OR created_at > now() - make_interval(days => %(days)s::int))"
            " ORDER BY id DESC LIMIT %(most)s",
            {"project": project, "conversation": conversation, "days": days, "most": most},
        )
    ).fetchall()
    return [said(row) for row in reversed(rows)]


async def read_of_turn(
    connection: Connection,
    project: ProjectId,
    conversation: ConversationId,
    turn: TurnId,
    *,
    named: list[int],
    first: MessageId,
    last: MessageId,
) -> list[Said]:
    """The messages a turn began with (``named``, and ``first`` to ``last``) and those it said, in order."""
    rows = await (
        await connection.execute(
            f"SELECT {COLUMNS} FROM messages WHERE project_id = %s AND conversation_id = %s"
            " AND (id = ANY(%s) OR id BETWEEN %s AND %s OR turn_id = %s) ORDER BY id",
            (project, conversation, named, first, last, turn),
        )
    ).fetchall()
    return [said(row) for row in rows]


def said(row: dict[str, Any]) -> Said:
    return Said(
        id=row["id"],
        role=Role(row["role"]),
        text=row["body"],
        at=row["created_at"],
        name=row["name"],
        turn=row["turn_id"],
        tools=read_tools(row["meta"].get("tools", [])),
        attached=tuple(f"{each['type']} {each['url']}" for each in row["meta"].get("media", ())),
    )


async def read_after(
    connection: Connection, project: ProjectId, conversation: ConversationId, after: MessageId, most: int
) -> list[dict[str, Any]]:
    """The rows that came after a message, oldest first, whatever their state (for those who look on)."""
    return await (
        await connection.execute(
            f"SELECT {COLUMNS} FROM messages WHERE project_id = %s"
            " AND conversation_id = %s AND id > %s ORDER BY id LIMIT %s",
            (project, conversation, after, most),
        )
    ).fetchall()


@dataclass(frozen=True, slots=True)
class PastHandoff:
    giver: str
    receiver: str
    reason: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """A ticket of this person that people have closed."""

    number: int
    subject: str
    outcome: str


async def read_handoffs(
    connection: Connection,
    project: ProjectId,
    conversation: ConversationId,
    most: int,
    *,
    before: TurnId | None = None,
) -> list[PastHandoff]:
    """The newest ``most`` handoffs, oldest first; with ``before`` those of earlier turns."""
    rows = await (
        await connection.execute(
            "SELECT giver, receiver, reason FROM handoffs WHERE project_id = %s AND conversation_id = %s"
            " AND (%s::text IS NULL OR turn_id < %s) ORDER BY id DESC LIMIT %s",
            (project, conversation, before, before, most),
        )
    ).fetchall()
    return [PastHandoff(row["giver"], row["receiver"], row["reason"]) for row in reversed(rows)]
