"""A matter a person must look at."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from relevo.domain.ids import ConversationId, TicketId


class TicketState(StrEnum):
    OPEN = "open"
    TAKEN = "taken"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Ticket:
    """``priority`` is 0–10; ``number`` counts up per project and is what people quote."""

    id: TicketId
    number: int
    conversation: ConversationId | None
    state: TicketState
    subject: str
    summary: str
    reason: str
    priority: float
    opened_at: datetime
    assignee: str | None = None
    signals: dict[str, Any] = field(default_factory=dict)
