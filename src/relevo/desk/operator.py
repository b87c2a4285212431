"""What a person does at the desk: list, show, take, say, return, close."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from relevo.channels.port import Channel
from relevo.domain.ids import ChannelName, ConversationId, MessageId, ProjectId
from relevo.domain.message import Role, Said, tame
from relevo.domain.signals import Language
from relevo.domain.ticket import Delivery, Ticket, TicketState, Waiting
from relevo.storage.database import Connection, Database
from relevo.storage.desk import (
    drop_questions,
    language_of,
    list_waiting,
    lock_conversation,
    owner_of,
    read_deliveries,
    remember_agreed,
    set_owner,
    write_message,
)
from relevo.storage.effects import read_unsettled
from relevo.storage.history import read_messages
from relevo.storage.tickets import (
    add_event,
    find_by_number,
    has_taken,
    read_events,
    reopen_taken,
    set_state,
)

SHOWN_MESSAGES = 50
SOLVED = "solved"
LONGEST = 4000
"""Characters an operator's message may have."""
UNSETTLED = "{tool} had begun and is not known to be done: look before you do it again"


class DeskError(Exception):
    """The desk cannot do that; the message says why and what to do instead."""


@dataclass(frozen=True, slots=True)
class Case:
    """A ticket with its conversation, as a person at the desk sees it."""

    ticket: Ticket
    owner: str | None
    messages: list[Said]
    events: list[dict[str, Any]]
    deliveries: dict[MessageId, Delivery]


class Operator:
    """The desk's verbs. Tickets are named by their number, people by their own name."""

    def __init__(self, database: Database, channels: dict[ChannelName, Channel]) -> None:
        self._database = database
        self._channels = channels

    async def list(self, project: ProjectId, *, closed: bool = False, most: int = 100) -> list[Waiting]:
        """Tickets, the most pressing first."""
        async with self._database.project(project) as connection:
            return await list_waiting(connection, project, closed=closed, most=most)

    async def show(self, project: ProjectId, number: int) -> Case:
        """A ticket, its conversation and what happened to it. Raises DeskError for an unknown number."""
        async with self._database.project(project) as connection:
            ticket = await _find(connection, project, number)
            owner = None
            messages: list[Said] = []
            deliveries: dict[MessageId, Delivery] = {}
            if ticket.conversation is not None:
                owner = await owner_of(connection, project, ticket.conversation)
                messages = await read_messages(connection, project, ticket.conversation, most=SHOWN_MESSAGES)
                deliveries = await read_deliveries(connection, project, ticket.conversation)
            events = await read_events(connection, project, ticket.id)
        return Case(ticket, owner, messages, events, deliveries)

    async def take(self, project: ProjectId, number: int, operator: str) -> Ticket:
        """The operator owns the conversation from now on: the bot is silent.

        What the bot had begun to do, and broke off before it was known to be done, is told on the ticket.
        Raises DeskError when someone else has it, or the ticket is closed.
        """
        _check_name(operator)
        async with self._database.project(project) as connection:
            ticket, conversation, owner = await _talk(connection, project, number)
            if owner is not None and owner != operator:
                raise DeskError(f"{owner} has ticket {number}; only {owner} can return it")
            await set_owner(connection, project, conversation, operator)
            await drop_questions(connection, project, conversation)
            await set_state(connection, project, ticket.id, TicketState.TAKEN, assignee=operator)
            await add_event(connection, project, ticket.id, "taken", operator, "")
            for tool in await read_unsettled(connection, project, conversation):
                await add_event(
                    connection, project, ticket.id, "unsettled", "relevo", UNSETTLED.format(tool=tool)
                )
            return await _find(connection, project, number)

    async def say(self, project: ProjectId, number: int, operator: str, text: str) -> MessageId:
        """Writes to the customer on their channel, at most LONGEST characters.

        Raises DeskError unless the operator has the conversation.
        """
        text = tame(text)
        if not text.strip():
            raise DeskError("there is nothing to say: the text is empty")
        if len(text) > LONGEST:
            raise DeskError(f"the text has {len(text)} characters: say it in {LONGEST}, or in parts")
        async with self._database.project(project) as connection:
            ticket, conversation, owner = await _talk(connection, project, number)
            if owner != operator:
                raise DeskError(
                    f"take ticket {number} first (relevo desk take {number}): "
                    + (f"{owner} has it" if owner else "the agent is still answering")
                )
            message = await write_message(
                connection, project, conversation, Role.OPERATOR, operator, text, self._parts
            )
            await add_event(connection, project, ticket.id, "said", operator, text)
            return message

    async def give_back(
        self, project: ProjectId, number: int, operator: str, summary: str, farewell: str
    ) -> Ticket:
        """The agents answer again; ``summary`` of what was agreed stands in the history they read.

        ``farewell`` is what the customer is told. Raises DeskError unless the operator has the conversation
        and says what was agreed.
        """
        if not summary.strip():
            raise DeskError('say in a sentence what was agreed: --summary "…"; the agents go by it')
        async with self._database.project(project) as connection:
            ticket, conversation, owner = await _talk(connection, project, number)
            if owner != operator:
                raise DeskError(f"ticket {number} is not yours: {owner or 'the agent'} has it")
            await remember_agreed(connection, project, conversation, summary)
            await reopen_taken(connection, project, conversation)
            await self._release(connection, project, conversation, operator, farewell)
            await add_event(connection, project, ticket.id, "returned", operator, summary)
            return await _find(connection, project, number)

    async def close(
        self, project: ProjectId, number: int, operator: str, outcome: str = "", farewell: str = ""
    ) -> Ticket:
        """Closes a ticket; a conversation that was taken with it goes back to the agents.

        ``outcome`` is what it came to, which the agents go by; without one, what was agreed before stands.
        ``farewell`` is what the customer is told when the agents answer again, nothing when it is empty.
        Raises DeskError when someone else has the conversation.
        """
        _check_name(operator)
        async with self._database.project(project) as connection:
            ticket, owner = await _locked(connection, project, number)
            if ticket.state is TicketState.CLOSED:
                raise DeskError(f"ticket {number} is closed already")
            if owner is not None and owner != operator:
                raise DeskError(f"{owner} has ticket {number}'s conversation; only {owner} can close it")
            came_to = outcome or SOLVED
            await set_state(
                connection, project, ticket.id, TicketState.CLOSED, assignee=operator, outcome=came_to
            )
            await add_event(connection, project, ticket.id, "closed", operator, came_to)
            if ticket.conversation is not None:
                if outcome:
                    await remember_agreed(connection, project, ticket.conversation, outcome)
                taken_with_it = ticket.state is TicketState.TAKEN and owner is not None
                if taken_with_it and not await has_taken(connection, project, ticket.conversation):
                    await self._release(connection, project, ticket.conversation, operator, farewell)
            return await _find(connection, project, number)

    async def language(self, project: ProjectId, number: int) -> Language | None:
        """The language the ticket's conversation is held in, None when that is not known yet."""
        async with self._database.project(project) as connection:
            ticket = await _find(connection, project, number)
            if ticket.conversation is None:
                return None
            return await language_of(connection, project, ticket.conversation)

    async def _release(
        self,
        connection: Connection,
        project: ProjectId,
        conversation: ConversationId,
        operator: str,
        farewell: str,
    ) -> None:
        """The agents answer again, and the customer is told so."""
        await set_owner(connection, project, conversation, None)
        if farewell:
            await write_message(
                connection, project, conversation, Role.SYSTEM, operator, farewell, self._parts
            )

    def _parts(self, channel: ChannelName, text: str) -> Sequence[str]:
        """What is to be sent of ``text``: nothing where people read it themselves, on web and API."""
        found = self._channels.get(channel)
        return found.split(text) if found is not None else []


def _check_name(operator: str) -> None:
    if not operator.strip():
        raise DeskError("say who you are, as customers shall read it: --me NAME")


async def _find(connection: Connection, project: ProjectId, number: int) -> Ticket:
    ticket = await find_by_number(connection, project, number)
    if ticket is None:
        raise DeskError(f"there is no ticket {number}; relevo desk list shows those there are")
    return ticket


async def _locked(connection: Connection, project: ProjectId, number: int) -> tuple[Ticket, str | None]:
    """The ticket as it stands once nobody else can change its conversation, and who owns that."""
    ticket = await _find(connection, project, number)
    if ticket.conversation is None:
        return ticket, None
    owner = await lock_conversation(connection, project, ticket.conversation)
    return await _find(connection, project, number), owner


async def _talk(
    connection: Connection, project: ProjectId, number: int
) -> tuple[Ticket, ConversationId, str | None]:
    ticket, owner = await _locked(connection, project, number)
    if ticket.state is TicketState.CLOSED:
        raise DeskError(f"ticket {number} is closed")
    if ticket.conversation is None:
        raise DeskError(f"ticket {number} has no conversation to speak in")
    return ticket, ticket.conversation, owner
