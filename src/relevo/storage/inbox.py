"""The inbox: a message is stored once for ever, and its conversation becomes due."""

from dataclasses import dataclass
from typing import Any

from relevo.domain.ids import ConversationId, MessageId, PersonId, new_id
from relevo.domain.message import InboundMessage
from relevo.storage.codec import json
from relevo.storage.database import Connection
from relevo.storage.people import forget_address, person_for


@dataclass(frozen=True, slots=True)
class Stored:
    """Where a message went. ``fresh`` is False for one that was already there; ``state`` is its state."""

    conversation: ConversationId
    message: MessageId
    fresh: bool
    state: str
    meta: dict[str, Any]


async def put(connection: Connection, message: InboundMessage, *, per_minute: int) -> Stored:
    """Stores ``message`` in the transaction of its project, unless it is there already.

    The conversation's row is taken first, so that messages of one conversation are numbered in the order
    they are committed. Beyond ``per_minute`` messages a minute a message is kept as ``limited`` and gets
    no turn.
    """
    conversation = await _touch(connection, message)
    if conversation is not None and message.proved:
        conversation = await _same_person(connection, message, conversation)
    if conversation is None:
        conversation = await _begin(connection, message)
    inserted = await (
        await connection.execute(
            """
            INSERT INTO messages (project_id, conversation_id, role, body, channel, provider_id, state, meta)
            SELECT %(project)s, %(conversation)s, 'customer', %(body)s, %(channel)s, %(provider_id)s,
                   CASE WHEN (
                       SELECT created_at FROM messages
                       WHERE project_id = %(project)s AND conversation_id = %(conversation)s
                         AND role = 'customer'
                       ORDER BY id DESC OFFSET %(per_minute)s - 1 LIMIT 1
                   ) > now() - interval '1 minute' THEN 'limited' ELSE 'pending' END,
                   %(meta)s
            ON CONFLICT (project_id, channel, provider_id) WHERE provider_id IS NOT NULL DO NOTHING
            RETURNING id, state
            """,
            {
                "project": message.project,
                "conversation": conversation,
                "body": message.text,
                "channel": message.channel,
                "provider_id": message.provider_id,
                "per_minute": per_minute,
                "meta": json(message.meta),
            },
        )
    ).fetchone()
    if inserted is not None:
        return Stored(conversation, MessageId(inserted["id"]), True, inserted["state"], message.meta)
    known = await (
        await connection.execute(
            "SELECT id, conversation_id, state, meta FROM messages"
            " WHERE project_id = %s AND channel = %s AND provider_id = %s",
            (message.project, message.channel, message.provider_id),
        )
    ).fetchone()
    assert known is not None
    return Stored(
        ConversationId(known["conversation_id"]), MessageId(known["id"]), False, known["state"], known["meta"]
    )


async def _touch(connection: Connection, message: InboundMessage) -> ConversationId | None:
    row = await (
        await connection.execute(
            "UPDATE conversations SET due_at = coalesce(due_at, now()), last_message_at = now()"
            " WHERE project_id = %s AND channel = %s AND address = %s RETURNING id",
            (message.project, message.channel, message.address),
        )
    ).fetchone()
    return ConversationId(row["id"]) if row else None


async def _same_person(
    connection: Connection, message: InboundMessage, conversation: ConversationId
) -> ConversationId | None:
    """Holds a conversation to who writes in it now.

    A stranger who has become a customer goes on with it. Where a number has passed from one customer to
    someone else, the old conversation keeps its talk to itself: it leaves the address, and None is returned.
    """
    row = await (
        await connection.execute(
            "SELECT p.customer_ref FROM conversations c"
            " JOIN persons p ON p.project_id = c.project_id AND p.id = c.person_id"
            " WHERE c.project_id = %s AND c.id = %s",
            (message.project, conversation),
        )
    ).fetchone()
    before = row["customer_ref"] if row else None
    if before == message.customer:
        return conversation
    if before is None:
        person = await person_for(connection, message)
        await connection.execute(
            "UPDATE conversations SET person_id = %s, version = version + 1"
            " WHERE project_id = %s AND id = %s",
            (person, message.project, conversation),
        )
        return conversation
    await forget_address(connection, message)
    await _leave(connection, message, conversation)
    return None


async def _leave(connection: Connection, message: InboundMessage, conversation: ConversationId) -> None:
    """Takes a conversation off its address: nothing more is sent or worked on in it."""
    of_it = (message.project, conversation)
    await connection.execute(
        "UPDATE conversations SET address = address || ' (until ' || now() || ')', due_at = NULL,"
        " lease_token = NULL WHERE project_id = %s AND id = %s",
        of_it,
    )
    await connection.execute(
        "UPDATE messages SET state = 'dead'"
        " WHERE project_id = %s AND conversation_id = %s AND state = 'pending'",
        of_it,
    )
    await connection.execute(
        "UPDATE outbox SET state = 'failed', due_at = NULL, error = 'the address is someone else''s now'"
        " WHERE project_id = %s AND conversation_id = %s AND state = 'due'",
        of_it,
    )


async def _begin(connection: Connection, message: InboundMessage) -> ConversationId:
    """The first message from an address: parallel ones wait here for each other."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
        (f"{message.project}/{message.channel}/{message.address}",),
    )
    if found := await _touch(connection, message):
        return found
    person = await person_for(connection, message)
    conversation = ConversationId(new_id("c"))
    await begin_conversation(connection, message, conversation, person)
    await _touch(connection, message)
    return conversation


async def begin_conversation(
    connection: Connection, message: InboundMessage, conversation: ConversationId, person: PersonId
) -> None:
    """Opens an idle conversation at the message's address."""
    await connection.execute(
        "INSERT INTO conversations (project_id, id, channel, address, person_id) VALUES (%s, %s, %s, %s, %s)",
        (message.project, conversation, message.channel, message.address, person),
    )
