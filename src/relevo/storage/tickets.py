"""Tickets and what happened to them."""

from typing import Any

from relevo.domain.ids import ConversationId, PersonId, ProjectId, TicketId
from relevo.domain.ticket import Ticket, TicketState
from relevo.storage.codec import json
from relevo.storage.database import Connection

_COLUMNS = (
    "id, number, conversation_id, state, subject, summary, reason, priority, opened_at, assignee, signals"
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
            f"SELECT {_COLUMNS} FROM tickets WHERE project_id = %s AND id = %s",
            (project, id),
        )
    ).fetchone()
    return _ticket(row) if row else None


async def find_by_number(connection: Connection, project: ProjectId, number: int) -> Ticket | None:
    row = await (
        await connection.execute(
            f"SELECT {_COLUMNS} FROM tickets WHERE project_id = %s AND number = %s",
            (project, number),
        )
    ).fetchone()
    return _ticket(row) if row else None


async def list_tickets(
    connection: Connection, project: ProjectId, *, closed: bool, most: int
) -> list[Ticket]:
    """Tickets by priority, the oldest first among equals; open and taken ones, or the closed."""
    rows = await (
        await connection.execute(
            f"SELECT {_COLUMNS} FROM tickets WHERE project_id = %s AND (state = 'closed') = %s"
            " ORDER BY priority DESC, opened_at LIMIT %s",
            (project, closed, most),
        )
    ).fetchall()
    return [_ticket(row) for row in rows]


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
        "UPDATE tickets SET state = %(state)s, assignee = coalesce(%(assignee)s, assignee),"
        " outcome = coalesce(%(outcome)s, outcome),"
        " taken_at = CASE WHEN %(state)s = 'taken' THEN now() ELSE taken_at END,"
        " closed_at = CASE WHEN %(state)s = 'closed' THEN now() ELSE NULL END"
        " WHERE project_id = %(project)s AND id = %(id)s",
        {"state": state, "assignee": assignee, "outcome": outcome, "project": project, "id": id},
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


def _ticket(row: dict[str, Any]) -> Ticket:
    return Ticket(
        id=TicketId(row["id"]),
        number=row["number"],
        conversation=row["conversation_id"],
        state=TicketState(row["state"]),
        subject=row["subject"],
        summary=row["summary"],
        reason=row["reason"],
        priority=row["priority"],
        opened_at=row["opened_at"],
        assignee=row["assignee"],
        signals=row["signals"],
    )
