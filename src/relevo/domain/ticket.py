"""A matter a person must look at."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from relevo.domain.ids import ConversationId, PersonId, TicketId


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
