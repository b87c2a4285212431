"""Opens tickets for agents: once per matter, with what a person needs to begin."""

import orjson

from relevo.agents.tool import ToolContext
from relevo.domain.conversation import Conversation, digest
from relevo.domain.ids import TicketId
from relevo.domain.signals import Signals
from relevo.domain.ticket import Ticket
from relevo.storage.database import Database
from relevo.storage.tickets import add_event, open_ticket


class Tickets:
    """The service behind ``create_ticket`` and behind every escalation."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(
        self,
        context: ToolContext,
        *,
        subject: str,
        summary: str,
        reason: str = "",
        priority: float | None = None,
    ) -> Ticket:
        """Opens a ticket in a tool's name; the same idempotency key brings the same ticket.

        ``priority`` is 0–10; without one the message's own counts.
        """
        signals = context.state.signals
        async with self._database.project(context.project) as connection:
            return await open_ticket(
                connection,
                context.project,
                id=ticket_id(context.idempotency_key or context.key_for("ticket", {"subject": subject})),
                conversation=context.conversation,
                person=context.person.id,
                subject=subject[:200],
                summary=summary[:4000],
                reason=reason[:500],
                priority=priority if priority is not None else (signals.priority if signals else 0.0),
                signals=as_json(signals),
            )

    async def escalate(
        self,
        conversation: Conversation,
        message: int,
        *,
        subject: str,
        summary: str,
        reason: str,
        signals: Signals,
    ) -> Ticket:
        """Opens the ticket of an escalation; a turn that runs again finds the one it opened."""
        async with self._database.project(conversation.project) as connection:
            return await open_ticket(
                connection,
                conversation.project,
                id=ticket_id(f"{conversation.id}:{message}:escalation"),
                conversation=conversation.id,
                person=conversation.person.id,
                subject=subject[:200],
                summary=summary[:4000],
                reason=reason[:500],
                priority=signals.priority,
                signals=as_json(signals),
            )

    async def add_message(self, conversation: Conversation, text: str) -> None:
        """Adds what the customer wrote later to the conversation's open ticket."""
        if conversation.state.ticket is None:
            return
        async with self._database.project(conversation.project) as connection:
            await add_event(
                connection, conversation.project, conversation.state.ticket.id, "message", "customer", text
            )


def ticket_id(key: str) -> TicketId:
    return TicketId(f"t_{digest(key)[:32]}")


def as_json(signals: Signals | None) -> dict[str, object]:
    return dict(orjson.loads(orjson.dumps(signals))) if signals else {}
