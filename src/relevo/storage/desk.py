"""What a person at the desk reads and changes in a conversation."""

from collections.abc import Callable, Sequence

from relevo.domain.ids import ChannelName, ConversationId, MessageId, ProjectId
from relevo.domain.message import Role
from relevo.domain.signals import Language
from relevo.domain.ticket import AGREED, Delivery, Waiting
from relevo.storage.codec import json
from relevo.storage.database import Connection
from relevo.storage.outbox import enqueue
from relevo.storage.tickets import COLUMNS, ticket_of

_BADNESS = "array['failed', 'unknown', 'due', 'sending', 'sent', 'delivered', 'read']"


async def list_waiting(
    connection: Connection, project: ProjectId, *, closed: bool, most: int
) -> list[Waiting]:
    """Tickets by priority, the oldest first among equals; open and taken ones, or the closed."""
    which = "state = 'closed'" if closed else "state <> 'closed'"
    rows = await (
        await connection.execute(
            f"SELECT {COLUMNS}, p.name AS person_name, p.customer_ref, c.channel"
            f" FROM (SELECT * FROM tickets WHERE project_id = %s AND {which}"
            " ORDER BY priority DESC, opened_at LIMIT %s) tickets"
            " LEFT JOIN persons p ON p.project_id = tickets.project_id AND p.id = tickets.person_id"
            " LEFT JOIN conversations c ON c.project_id = tickets.project_id"
            " AND c.id = tickets.conversation_id"
            " ORDER BY priority DESC, opened_at",
            (project, most),
        )
    ).fetchall()
    return [Waiting(ticket_of(row), row["person_name"], row["customer_ref"], row["channel"]) for row in rows]


async def read_deliveries(
    connection: Connection, project: ProjectId, conversation: ConversationId
) -> dict[MessageId, Delivery]:
    """How far the conversation's messages got, by message; nothing of those that are read where written."""
    rows = await (
        await connection.execute(
            "SELECT DISTINCT ON (message_id) message_id, state, error FROM outbox"
            " WHERE project_id = %s AND conversation_id = %s"
            f" ORDER BY message_id, array_position({_BADNESS}, state)",
            (project, conversation),
        )
    ).fetchall()
    return {MessageId(row["message_id"]): Delivery(row["state"], row["error"]) for row in rows}


async def owner_of(connection: Connection, project: ProjectId, conversation: ConversationId) -> str | None:
    """The operator who owns the conversation, if one does."""
    row = await (
        await connection.execute(
            "SELECT owner FROM conversations WHERE project_id = %s AND id = %s", (project, conversation)
        )
    ).fetchone()
    return row["owner"] if row else None


async def lock_conversation(
    connection: Connection, project: ProjectId, conversation: ConversationId
) -> str | None:
    """Lets nobody else change the conversation until the transaction ends; returns its owner."""
    row = await (
        await connection.execute(
            "SELECT owner FROM conversations WHERE project_id = %s AND id = %s FOR NO KEY UPDATE",
            (project, conversation),
        )
    ).fetchone()
    return row["owner"] if row else None


async def set_owner(
    connection: Connection, project: ProjectId, conversation: ConversationId, owner: str | None
) -> None:
    """Gives the conversation to an operator, or (None) back to the agents."""
    await connection.execute(
        "UPDATE conversations SET owner = %s, version = version + 1, last_message_at = now()"
        " WHERE project_id = %s AND id = %s",
        (owner, project, conversation),
    )


async def drop_questions(connection: Connection, project: ProjectId, conversation: ConversationId) -> None:
    """What an agent asked is no longer asked: a "yes" said to a person must not confirm it afterwards."""
    await connection.execute(
        "UPDATE conversations SET state = state - '{pending,awaiting}'::text[], version = version + 1"
        " WHERE project_id = %s AND id = %s",
        (project, conversation),
    )


async def remember_agreed(
    connection: Connection, project: ProjectId, conversation: ConversationId, agreed: str
) -> None:
    """What was agreed with a person becomes a fact that every agent reads."""
    await connection.execute(
        "UPDATE conversations SET version = version + 1, state = jsonb_set(state, '{facts}',"
        " coalesce(state -> 'facts', '{}') || jsonb_build_object(%s::text, %s::text))"
        " WHERE project_id = %s AND id = %s",
        (AGREED, agreed, project, conversation),
    )


async def language_of(
    connection: Connection, project: ProjectId, conversation: ConversationId
) -> Language | None:
    """The language the conversation is held in, None when that is not known yet."""
    row = await (
        await connection.execute(
            "SELECT state ->> 'language' AS language FROM conversations WHERE project_id = %s AND id = %s",
            (project, conversation),
        )
    ).fetchone()
    return Language(row["language"]) if row and row["language"] else None


async def write_message(
    connection: Connection,
    project: ProjectId,
    conversation: ConversationId,
    role: Role,
    name: str,
    text: str,
    split: Callable[[ChannelName, str], Sequence[str]],
) -> MessageId:
    """Says ``text`` in a locked conversation; what ``split`` makes of it for the channel is to be sent."""
    row = await (
        await connection.execute(
            "WITH c AS (UPDATE conversations SET version = version + 1, last_message_at = now()"
            " WHERE project_id = %(project)s AND id = %(conversation)s RETURNING channel, address)"
            " INSERT INTO messages (project_id, conversation_id, role, name, body, channel, state, meta)"
            " SELECT %(project)s, %(conversation)s, %(role)s, %(name)s, %(text)s, channel, 'said', %(meta)s"
            " FROM c RETURNING id, channel, (SELECT address FROM c) AS address",
            {
                "project": project,
                "conversation": conversation,
                "role": role,
                "name": name,
                "text": text,
                "meta": json({"kind": "answer"}),
            },
        )
    ).fetchone()
    assert row is not None
    message, channel = MessageId(row["id"]), ChannelName(row["channel"])
    parts = split(channel, text)
    await enqueue(connection, project, conversation, message, channel, row["address"], parts)
    return message
