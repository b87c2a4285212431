"""What a conversation knows: the state that travels whole from agent to agent."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from relevo.domain.ids import (
    AgentName,
    ChannelName,
    ConversationId,
    CustomerRef,
    PersonId,
    ProjectId,
    TicketId,
)
from relevo.domain.signals import Language, Signals


@dataclass(frozen=True, slots=True)
class PendingAction:
    """A tool call that waits for the person's confirmation in a later message.

    ``arguments`` are what code computed and the person was shown; nothing else is ever executed.
    ``asked_in`` is the last message that had been read when the question was put.
    """

    tool: str
    agent: AgentName
    arguments: dict[str, Any]
    shown: dict[str, Any]
    asked_in: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Awaiting:
    """A question a playbook has asked: the play goes on when the person names the slot."""

    agent: AgentName
    play: str
    slot: str
    filled: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TicketRef:
    id: TicketId
    number: int


@dataclass(frozen=True, slots=True)
class Episode:
    """What a conversation, quiet for a day, has begun anew with.

    ``since`` is the last message of what came before, ``summary`` what that came to.
    """

    since: int
    summary: str


@dataclass(frozen=True, slots=True)
class ConversationState:
    """Everything said agents share beside the history. The same value for every agent.

    ``facts`` holds what was learned in this conversation by slot name (plan_of_interest, release, …);
    ``problems`` the problems the person reported, in their words.
    """

    agent: AgentName | None = None
    language: Language | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    signals: Signals | None = None
    pending: PendingAction | None = None
    settled: str | None = None
    """The tool of the last pending action, once it was confirmed, declined or ran out."""
    awaiting: Awaiting | None = None
    ticket: TicketRef | None = None
    """The open ticket of this conversation: the person has been told of it."""
    episode: Episode | None = None
    """The episode the conversation is in; None in its first."""
    stumbles: int = 0
    """How many answers in a row were the agent's fallback."""
    deferred: bool = False
    """Whether this turn is the second run of one that met a rate limit."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who is speaking. ``customer`` is set only where identity was proved; tools read it from here."""

    id: PersonId
    name: str | None = None
    customer: CustomerRef | None = None
    language: Language | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation as its worker holds it. ``owner`` is the operator who has taken it over."""

    project: ProjectId
    id: ConversationId
    channel: ChannelName
    address: str
    person: Person
    state: ConversationState
    version: int
    owner: str | None = None


def digest(value: Any) -> str:
    """SHA-256, in hex, of ``value`` as canonical JSON (keys sorted, dataclasses as objects)."""
    data = orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS, default=str)
    return hashlib.sha256(data).hexdigest()
