"""A matter a person must look at."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from relevo.domain.ids import ConversationId, PersonId, TicketId

AGREED = "agreed_with_person"
"""The fact of a conversation that tells what was agreed with a person of the desk."""


class TicketState(StrEnum):
    OPEN = "open"
    TAKEN = "taken"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Ticket:
    """``priority`` is 0–10; ``number`` counts up per project and is what people quote.

    ``wants_person``: a person was asked for, beside the matter itself.
    """

    id: TicketId
    number: int
    conversation: ConversationId | None
    person: PersonId | None
    state: TicketState
    subject: str
    summary: str
    reason: str
    priority: float
    opened_at: datetime
    assignee: str | None = None
    signals: dict[str, Any] = field(default_factory=dict)
    wants_person: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """A ticket as it stands in the desk's list, with whose it is and where they write."""

    ticket: Ticket
    name: str | None
    customer: str | None
    channel: str | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far a message got on its channel: its worst part's state (due, sending, sent, delivered, read,
    failed, or unknown where it may have gone out), and what the channel said of it."""

    state: str
    error: str | None
