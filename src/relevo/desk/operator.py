"""What a person does at the desk: list, show, take, say, return, close."""

from dataclasses import dataclass
from typing import Any

from relevo.channels.port import Channel
from relevo.domain.ids import ChannelName, ConversationId, MessageId, ProjectId
from relevo.domain.message import Role, Said
from relevo.domain.signals import Language
from relevo.domain.ticket import Ticket, TicketState
from relevo.storage.codec import json
from relevo.storage.database import Connection, Database
from relevo.storage.history import read_messages
from relevo.storage.outbox import enqueue
from relevo.storage.tickets import add_event, find_by_number, list_tickets, read_events, set_state

SHOWN_MESSAGES = 50


class DeskError(Exception):
    """The desk cannot do that; the message says why and what to do instead."""


@dataclass(frozen=True, slots=True)
class Case:
    """A ticket with its conversation, as a person at the desk sees it."""

    ticket: Ticket
    owner: str | None
    messages: list[Said]
    events: list[dict[str, Any]]


class Operator:
    """The desk's verbs. Tickets are named by their number, people by their own name."""

    def __init__(self, database: Database, channels: dict[ChannelName, Channel]) -> None:
        self._database = database
        self._channels = channels

    async def list(self, project: ProjectId, *, closed: bool = False, most: int = 100) -> list[Ticket]:
        """Tickets, the most pressing first."""
        async with self._database.project(project) as connection:
            return await list_tickets(connection, project, closed=closed, most=most)

    async def show(self, project: ProjectId, number: int) -> Case:
        """A ticket, its conversation and what happened to it. Raises DeskError for an unknown number."""
        async with self._database.project(project) as connection:
            ticket = await _find(connection, project, number)
            owner = None
            messages: list[Said] = []
            if ticket.conversation is not None:
                owner = await _owner(connection, project, ticket.conversation)
                messages = await read_messages(connection, project, ticket.conversation, most=SHOWN_MESSAGES)
            events = await read_events(connection, project, ticket.id)
        return Case(ticket, owner, messages, events)

    async def take(self, project: ProjectId, number: int, operator: str) -> Ticket:
        """The operator owns the conversation from now on: the bot is silent.

        Raises DeskError when someone else has it, or the ticket is closed.
        """
        async with self._database.project(project) as connection:
            ticket, conversation = await _talk(connection, project, number)
            owner = await _lock(connection, project, conversation)
            if owner is not None and owner != operator:
                raise DeskError(f"{owner} has ticket {number}; only {owner} can return it")
            await _own(connection, project, conversation, operator)
            await _drop_questions(connection, project, conversation)
            await set_state(connection, project, ticket.id, TicketState.TAKEN, assignee=operator)
            await add_event(connection, project, ticket.id, "taken", operator, "")
            return await _find(connection, project, number)

    async def say(self, project: ProjectId, number: int, operator: str, text: str) -> MessageId:
        """Writes to the customer on their channel. Raises DeskError unless the operator has the talk."""
        if not text.strip():
            raise DeskError("there is nothing to say: the text is empty")
        async with self._database.project(project) as connection:
            ticket, conversation = await _talk(connection, project, number)
            owner = await _lock(connection, project, conversation)
            if owner != operator:
                raise DeskError(
                    f"take ticket {number} first (relevo desk take {number}): "
                    + (f"{owner} has it" if owner else "the agent is still answering")
                )
            message = await self._write(connection, project, conversation, Role.OPERATOR, operator, text)
            await add_event(connection, project, ticket.id, "said", operator, text)
            return message

    async def give_back(
        self, project: ProjectId, number: int, operator: str, summary: str, farewell: str
    ) -> Ticket:
        """The agents answer again; ``summary`` of what was agreed stands in the history they read.

        ``farewell`` is what the customer is told. Raises DeskError unless the operator has the conversation.
        """
        async with self._database.project(project) as connection:
            ticket, conversation = await _talk(connection, project, number)
            owner = await _lock(connection, project, conversation)
            if owner != operator:
                raise DeskError(f"ticket {number} is not yours: {owner or 'the agent'} has it")
            await _own(connection, project, conversation, None)
            await _remember(connection, project, conversation, summary)
            await self._write(connection, project, conversation, Role.SYSTEM, operator, farewell)
            await set_state(connection, project, ticket.id, TicketState.OPEN, assignee=None)
            await add_event(connection, project, ticket.id, "returned", operator, summary)
            return await _find(connection, project, number)

    async def close(self, project: ProjectId, number: int, operator: str, outcome: str) -> Ticket:
        """Closes a ticket; a conversation that was taken over goes back to the agents."""
        async with self._database.project(project) as connection:
            ticket = await _find(connection, project, number)
            if ticket.state is TicketState.CLOSED:
                raise DeskError(f"ticket {number} is closed already")
            if ticket.conversation is not None:
                await _lock(connection, project, ticket.conversation)
                await _own(connection, project, ticket.conversation, None)
                await _remember(connection, project, ticket.conversation, outcome)
            await set_state(
                connection, project, ticket.id, TicketState.CLOSED, assignee=operator, outcome=outcome
            )
            await add_event(connection, project, ticket.id, "closed", operator, outcome)
            return await _find(connection, project, number)

    async def language(self, project: ProjectId, number: int) -> Language | None:
        """The language the ticket's conversation is held in, None when that is not known yet."""
        async with self._database.project(project) as connection:
            ticket = await _find(connection, project, number)
            row = await (
                await connection.execute(
                    "SELECT state ->> 'language' AS language FROM conversations"
                    " WHERE project_id = %s AND id = %s",
                    (project, ticket.conversation),
                )
            ).fetchone()
        return Language(row["language"]) if row and row["language"] else None

    async def _write(
        self,
        connection: Connection,
        project: ProjectId,
        conversation: ConversationId,
        role: Role,
        name: str,
        text: str,
    ) -> MessageId:
        row = await (
            await connection.execute(
                "INSERT INTO messages (project_id, conversation_id, role, name, body, channel, state, meta)"
                " SELECT project_id, id, %s, %s, %s, channel, 'said', %s FROM conversations"
                " WHERE project_id = %s AND id = %s RETURNING id, channel",
                (role, name, text, json({"kind": "answer"}), project, conversation),
            )
        ).fetchone()
        assert row is not None  # noqa: S101 - the conversation is locked by this transaction
        await connection.execute(
            "UPDATE conversations SET version = version + 1, last_message_at = now()"
            " WHERE project_id = %s AND id = %s",
            (project, conversation),
        )
        channel = self._channels.get(row["channel"])
        if channel is not None:
            found = await (
                await connection.execute(
                    "SELECT address FROM conversations WHERE project_id = %s AND id = %s",
                    (project, conversation),
                )
            ).fetchone()
            assert found is not None  # noqa: S101 - as above
            parts = channel.split(text)
            await enqueue(connection, project, conversation, row["id"], channel.name, found["address"], parts)
        return MessageId(row["id"])


async def _find(connection: Connection, project: ProjectId, number: int) -> Ticket:
    ticket = await find_by_number(connection, project, number)
    if ticket is None:
        raise DeskError(f"there is no ticket {number}; relevo desk list shows those there are")
    return ticket


async def _talk(connection: Connection, project: ProjectId, number: int) -> tuple[Ticket, ConversationId]:
    ticket = await _find(connection, project, number)
    if ticket.state is TicketState.CLOSED:
        raise DeskError(f"ticket {number} is closed")
    if ticket.conversation is None:
        raise DeskError(f"ticket {number} has no conversation to speak in")
    return ticket, ticket.conversation


async def _owner(connection: Connection, project: ProjectId, conversation: ConversationId) -> str | None:
    row = await (
        await connection.execute(
            "SELECT owner FROM conversations WHERE project_id = %s AND id = %s", (project, conversation)
        )
    ).fetchone()
    return row["owner"] if row else None


async def _lock(connection: Connection, project: ProjectId, conversation: ConversationId) -> str | None:
    row = await (
        await connection.execute(
            "SELECT owner FROM conversations WHERE project_id = %s AND id = %s FOR NO KEY UPDATE",
            (project, conversation),
        )
    ).fetchone()
    return row["owner"] if row else None


async def _own(
    connection: Connection, project: ProjectId, conversation: ConversationId, owner: str | None
) -> None:
    await connection.execute(
        "UPDATE conversations SET owner = %s, version = version + 1, last_message_at = now()"
        " WHERE project_id = %s AND id = %s",
        (owner, project, conversation),
    )


async def _drop_questions(connection: Connection, project: ProjectId, conversation: ConversationId) -> None:
    """What an agent asked is no longer asked: a "yes" said to a person must not confirm it afterwards."""
    await connection.execute(
        "UPDATE conversations SET state = state - '{pending,awaiting}'::text[]"
        " WHERE project_id = %s AND id = %s",
        (project, conversation),
    )


async def _remember(
    connection: Connection, project: ProjectId, conversation: ConversationId, agreed: str
) -> None:
    """What was agreed with a person becomes a fact that every agent reads."""
    await connection.execute(
        "UPDATE conversations SET state = jsonb_set(state, '{facts}',"
        " coalesce(state -> 'facts', '{}') || jsonb_build_object('agreed_with_person', %s::text))"
        " WHERE project_id = %s AND id = %s",
        (agreed, project, conversation),
    )
