"""Opens tickets for agents: once per matter, with what a person needs to begin."""

import orjson

from relevo.agents.tool import ToolContext
from relevo.desk.quote import quoted
from relevo.domain.conversation import Conversation, digest
from relevo.domain.ids import TicketId
from relevo.domain.signals import Signals
from relevo.domain.ticket import Ticket
from relevo.storage.database import Database
from relevo.storage.tickets import ESCALATED, PRESSED, find_open, find_ticket, open_ticket, raise_priority


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
                summary=quoted(summary)[:4000],
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
        """The ticket of an escalation: the conversation's open one, marked as wanting a person, or a new one.

        A turn that runs again finds the ticket it opened.
        """
        id, project = ticket_id(f"{conversation.id}:{message}:escalation"), conversation.project
        async with self._database.project(project) as connection:
            ticket = await find_ticket(connection, project, id)
            ticket = ticket or await find_open(connection, project, conversation.id)
            if ticket is None:
                ticket = await open_ticket(
                    connection,
                    project,
                    id=id,
                    conversation=conversation.id,
                    person=conversation.person.id,
                    subject=subject[:200],
                    summary=summary[:4000],
                    reason=reason[:500],
                    priority=signals.priority,
                    signals=as_json(signals),
                )
            return await raise_priority(
                connection,
                project,
                ticket.id,
                kind=ESCALATED,
                reason=f"{reason[:500]} · {subject[:200]}",
                priority=signals.priority,
                signals=as_json(signals),
            )

    async def press(
        self, conversation: Conversation, signals: Signals, reason: str, *, person: bool = False
    ) -> Ticket | None:
        """Brings the conversation's open ticket up to a later message; None when no ticket is open.

        Its priority rises to the message's, never sinks; ``reason`` joins what happened to it. ``person``:
        the message asks for a person, and so does the ticket from now on.
        """
        project = conversation.project
        async with self._database.project(project) as connection:
            ticket = await find_open(connection, project, conversation.id)
            if ticket is None:
                return None
            return await raise_priority(
                connection,
                project,
                ticket.id,
                kind=ESCALATED if person else PRESSED,
                reason=reason[:500],
                priority=signals.priority,
                signals=as_json(signals),
            )


def ticket_id(key: str) -> TicketId:
    return TicketId(f"t_{digest(key)[:32]}")


def as_json(signals: Signals | None) -> dict[str, object]:
    return dict(orjson.loads(orjson.dumps(signals))) if signals else {}
