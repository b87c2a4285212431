"""Tickets and what happened to them."""

from typing import Any

from relevo.domain.ids import ConversationId, PersonId, ProjectId, TicketId
from relevo.domain.ticket import Ticket, TicketState
from relevo.storage.codec import json
from relevo.storage.database import Connection

ESCALATED = "escalated"
"""The kind of event that says a person was asked for: a ticket that has one wants a person."""
PRESSED = "pressed"
"""The kind of event that says why the matter has become more pressing."""

COLUMNS = (
    "tickets.id, number, conversation_id, tickets.person_id, tickets.state, subject, summary, reason,"
    " priority, opened_at, assignee, signals, EXISTS (SELECT FROM ticket_events e"
    " WHERE e.project_id = tickets.project_id AND e.ticket_id = tickets.id"
    f" AND e.kind = '{ESCALATED}') AS wants_person"
)


async def open_ticket(
    connection: Connection,
    project: ProjectId,
    *,
    id: TicketId,
    conversation: ConversationId | None,
    person: PersonId | None,
    subject: str,
    summary: str,
    reason: str,
    priority: float,
    signals: dict[str, Any],
) -> Ticket:
    """Opens a ticket with this id, or returns the one that has it already."""
    known = await find_ticket(connection, project, id)
    if known is not None:
        return known
    counted = await (
        await connection.execute(
            "INSERT INTO counters (project_id, name, value) VALUES (%s, 'ticket', 1)"
            " ON CONFLICT (project_id, name) DO UPDATE SET value = counters.value + 1 RETURNING value",
            (project,),
        )
    ).fetchone()
    assert counted is not None
    await connection.execute(
        "INSERT INTO tickets (project_id, id, number, conversation_id, person_id, subject, summary, reason,"
        " priority, signals) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (
            project,
            id,
            counted["value"],
            conversation,
            person,
            subject,
            summary,
            reason,
            priority,
            json(signals),
        ),
    )
    opened = await find_ticket(connection, project, id)
    assert opened is not None
    return opened


async def find_ticket(connection: Connection, project: ProjectId, id: TicketId) -> Ticket | None:
    row = await (
        await connection.execute(
            f"SELECT {COLUMNS} FROM tickets WHERE project_id = %s AND id = %s",
            (project, id),
        )
    ).fetchone()
    return ticket_of(row) if row else None


async def find_open(
    connection: Connection, project: ProjectId, conversation: ConversationId
) -> Ticket | None:
    """The conversation's newest ticket that is not closed."""
    row = await (
        await connection.execute(
            f"SELECT {COLUMNS} FROM tickets WHERE project_id = %s AND conversation_id = %s"
            " AND state <> 'closed' ORDER BY number DESC LIMIT 1",
            (project, conversation),
        )
    ).fetchone()
    return ticket_of(row) if row else None


async def find_by_number(connection: Connection, project: ProjectId, number: int) -> Ticket | None:
    row = await (
        await connection.execute(
            f"SELECT {COLUMNS} FROM tickets WHERE project_id = %s AND number = %s",
            (project, number),
        )
    ).fetchone()
    return ticket_of(row) if row else None


async def raise_priority(
    connection: Connection,
    project: ProjectId,
    id: TicketId,
    *,
    kind: str,
    reason: str,
    priority: float,
    signals: dict[str, Any],
) -> Ticket:
    """Brings a ticket up to a later message: it never becomes less pressing, and keeps the gravest signals.

    The reason joins what happened to the ticket as an event of this ``kind``; a turn that runs again adds
    it once.
    """
    await connection.execute(
        "UPDATE tickets SET priority = greatest(priority, %(priority)s::real),"
        " signals = CASE WHEN %(priority)s::real >= priority THEN %(signals)s ELSE signals END"
        " WHERE project_id = %(project)s AND id = %(id)s",
        {"priority": priority, "signals": json(signals), "project": project, "id": id},
    )
    await connection.execute(
        "INSERT INTO ticket_events (project_id, ticket_id, kind, author, body)"
        " SELECT %(project)s, %(id)s, %(kind)s, 'relevo', %(reason)s WHERE NOT EXISTS ("
        "SELECT FROM ticket_events WHERE project_id = %(project)s AND ticket_id = %(id)s"
        " AND kind = %(kind)s AND body = %(reason)s)",
        {"project": project, "id": id, "kind": kind, "reason": reason},
    )
    raised = await find_ticket(connection, project, id)
    assert raised is not None
    return raised


async def set_state(
    connection: Connection,
    project: ProjectId,
    id: TicketId,
    state: TicketState,
    *,
    assignee: str | None,
    outcome: str | None = None,
) -> None:
    await connection.execute(
        "UPDATE tickets SET state = %(state)s, assignee = %(assignee)s,"
        " outcome = coalesce(%(outcome)s, outcome),"
        " taken_at = CASE WHEN %(state)s = 'taken' THEN now() ELSE taken_at END,"
        " closed_at = CASE WHEN %(state)s = 'closed' THEN now() ELSE NULL END"
        " WHERE project_id = %(project)s AND id = %(id)s",
        {"state": state, "assignee": assignee, "outcome": outcome, "project": project, "id": id},
    )


async def has_taken(connection: Connection, project: ProjectId, conversation: ConversationId) -> bool:
    """Whether a ticket of the conversation is taken."""
    row = await (
        await connection.execute(
            "SELECT EXISTS (SELECT FROM tickets WHERE project_id = %s AND conversation_id = %s"
            " AND state = 'taken') AS taken",
            (project, conversation),
        )
    ).fetchone()
    return bool(row and row["taken"])


async def reopen_taken(connection: Connection, project: ProjectId, conversation: ConversationId) -> None:
    """The conversation's taken tickets are open again, and nobody's."""
    await connection.execute(
        "UPDATE tickets SET state = 'open', assignee = NULL"
        " WHERE project_id = %s AND conversation_id = %s AND state = 'taken'",
        (project, conversation),
    )


async def add_event(
    connection: Connection, project: ProjectId, ticket: TicketId, kind: str, author: str, body: str
) -> None:
    await connection.execute(
        "INSERT INTO ticket_events (project_id, ticket_id, kind, author, body) VALUES (%s, %s, %s, %s, %s)",
        (project, ticket, kind, author, body),
    )


async def read_events(connection: Connection, project: ProjectId, ticket: TicketId) -> list[dict[str, Any]]:
    return await (
        await connection.execute(
            "SELECT kind, author, body, created_at FROM ticket_events"
            " WHERE project_id = %s AND ticket_id = %s ORDER BY id",
            (project, ticket),
        )
    ).fetchall()


def ticket_of(row: dict[str, Any]) -> Ticket:
    return Ticket(
        id=TicketId(row["id"]),
        number=row["number"],
        conversation=row["conversation_id"],
        person=row["person_id"],
        state=TicketState(row["state"]),
        subject=row["subject"],
        summary=row["summary"],
        reason=row["reason"],
        priority=row["priority"],
        opened_at=row["opened_at"],
        assignee=row["assignee"],
        signals=row["signals"],
        wants_person=row["wants_person"],
    )
