"""The inbox: a message is stored once for ever, and its conversation becomes due."""

from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg import Error

from relevo.domain.ids import ConversationId, MessageId, PersonId, new_id
from relevo.domain.message import InboundMessage, Wake
from relevo.storage.codec import json
from relevo.storage.database import Connection, Database
from relevo.storage.lease import TOGETHER, Held, held_of
from relevo.storage.people import forget_address, person_for


@dataclass(frozen=True, slots=True)
class Stored:
    """Where a message went. ``fresh`` is False for one that was already there; ``state`` is its state."""

    conversation: ConversationId
    message: MessageId
    fresh: bool
    state: str
    meta: dict[str, Any]


class TooMany(Exception):
    """The person has sent more than they may in a minute; this message was not taken."""


async def put(
    database: Database, message: InboundMessage, *, per_minute: int, keep_limited: bool = True
) -> Stored:
    """Stores ``message`` once for ever, unless it is there already, and makes its conversation due.

    Beyond ``per_minute`` messages a minute a message is kept as ``limited`` and gets no turn; without
    ``keep_limited`` TooMany is raised instead and nothing is kept.
    """
    async with database.door() as connection:
        stored = await _put(connection, message, None, per_minute, keep_limited)
    if stored is not None:
        return stored
    async with database.project(message.project) as connection:
        await _make_room(connection, message)
        stored = await _put(connection, message, None, per_minute, keep_limited)
    assert stored is not None
    return stored


async def put_in_chat(
    database: Database, message: InboundMessage, chat: ConversationId, *, per_minute: int
) -> Stored | None:
    """Stores ``message`` in a chat whose address begins with the message's; None when there is no such chat.

    Raises TooMany beyond ``per_minute`` messages a minute.
    """
    async with database.door() as connection:
        return await _put(connection, message, chat, per_minute, keep_limited=False)


async def put_and_begin(
    database: Database, message: InboundMessage, chat: ConversationId, *, per_minute: int, lease: float
) -> tuple[Stored, Held | None] | None:
    """The same as ``put_in_chat`` and, in its transaction, as ``lease.begin``: the turn to be taken at once.

    Without one where another worker has the conversation.
    """
    async with database.door() as connection:
        row = await _refusing(
            connection,
            "SELECT * FROM inbox_put_and_begin(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                message.project,
                message.channel,
                message.address,
                chat,
                message.provider_id,
                message.text,
                json(message.meta),
                per_minute,
                lease,
                TOGETHER,
            ),
        )
    if row is None:
        return None
    stored = Stored(chat, MessageId(row["message_id"]), row["fresh"], row["message_state"], row["meta"])
    return stored, held_of(Wake(message.project, chat), row) if row["token"] is not None else None


async def _put(
    connection: Connection,
    message: InboundMessage,
    conversation: ConversationId | None,
    per_minute: int,
    keep_limited: bool,
) -> Stored | None:
    row = await _refusing(
        connection,
        "SELECT * FROM inbox_put(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            message.project,
            message.channel,
            message.address,
            conversation,
            message.customer,
            message.proved,
            message.provider_id,
            message.text,
            json(message.meta),
            per_minute,
            keep_limited,
        ),
    )
    if row is None:
        return None
    return Stored(
        ConversationId(row["conversation_id"]),
        MessageId(row["message_id"]),
        row["fresh"],
        row["state"],
        row["meta"],
    )


async def _refusing(
    connection: Connection, query: LiteralString, values: tuple[Any, ...]
) -> dict[str, Any] | None:
    """The row of a function that stores a message. Raises TooMany where it refuses to."""
    try:
        return await (await connection.execute(query, values)).fetchone()
    except Error as error:
        if error.sqlstate == "RV429":
            raise TooMany from error
        raise


async def _make_room(connection: Connection, message: InboundMessage) -> None:
    """Begins the conversation a first message needs, or passes it to who writes in it now.

    Parallel first messages from an address wait here for each other, and share the conversation.
    """
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
        (f"{message.project}/{message.channel}/{message.address}",),
    )
    row = await (
        await connection.execute(
            "SELECT id FROM conversations WHERE project_id = %s AND channel = %s AND address = %s FOR UPDATE",
            (message.project, message.channel, message.address),
        )
    ).fetchone()
    conversation = ConversationId(row["id"]) if row else None
    if conversation is not None and message.proved:
        conversation = await _same_person(connection, message, conversation)
    if conversation is None:
        person = await person_for(connection, message)
        await begin_conversation(connection, message, ConversationId(new_id("c")), person)


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


async def begin_conversation(
    connection: Connection, message: InboundMessage, conversation: ConversationId, person: PersonId
) -> None:
    """Opens an idle conversation at the message's address."""
    await connection.execute(
        "INSERT INTO conversations (project_id, id, channel, address, person_id) VALUES (%s, %s, %s, %s, %s)",
        (message.project, conversation, message.channel, message.address, person),
    )
