"""Persons, the addresses they write from, and what is known of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from relevo.domain.ids import ConversationId, CustomerRef, MessageId, PersonId, ProjectId, new_id
from relevo.domain.message import InboundMessage
from relevo.storage.codec import json
from relevo.storage.database import Connection


async def person_for(connection: Connection, message: InboundMessage) -> PersonId:
    """Who wrote: the proved customer, else whoever wrote from this address before, else someone new."""
    if message.customer is not None:
        person = await _customer(connection, message.project, message.customer, message.sender_name)
    else:
        row = await (
            await connection.execute(
                "SELECT person_id FROM person_identities"
                " WHERE project_id = %s AND channel = %s AND address = %s",
                (message.project, message.channel, message.address),
            )
        ).fetchone()
        if row is not None:
            return PersonId(row["person_id"])
        person = PersonId(new_id("p"))
        await connection.execute(
            "INSERT INTO persons (project_id, id, name) VALUES (%s, %s, %s)",
            (message.project, person, message.sender_name),
        )
    await connection.execute(
        "INSERT INTO person_identities (project_id, channel, address, person_id) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (project_id, channel, address) DO UPDATE SET person_id = excluded.person_id",
        (message.project, message.channel, message.address, person),
    )
    return person


async def forget_address(connection: Connection, message: InboundMessage) -> None:
    """The address is nobody's any more: whoever writes from it next is someone new until proved."""
    await connection.execute(
        "DELETE FROM person_identities WHERE project_id = %s AND channel = %s AND address = %s",
        (message.project, message.channel, message.address),
    )


async def _customer(
    connection: Connection, project: ProjectId, customer: CustomerRef, name: str | None
) -> PersonId:
    row = await (
        await connection.execute(
            "INSERT INTO persons (project_id, id, name, customer_ref) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (project_id, customer_ref) WHERE customer_ref IS NOT NULL"
            " DO UPDATE SET name = coalesce(excluded.name, persons.name) RETURNING id",
            (project, new_id("p"), name, customer),
        )
    ).fetchone()
    assert row is not None
    return PersonId(row["id"])


@dataclass(frozen=True, slots=True)
class Slot:
    """A fact about a person, with the message that showed it."""

    name: str
    value: Any
    message: MessageId | None


@dataclass(frozen=True, slots=True)
class EvidentSlot:
    """A fact about a person with its evidence: the words that showed it, None where the desk wrote it."""

    name: str
    value: Any
    at: datetime
    words: str | None
    message: MessageId | None
    conversation: ConversationId | None


@dataclass(frozen=True, slots=True)
class Known:
    """A person and what is known of them for good. None of it grants a right: only ``customer`` does."""

    id: PersonId
    name: str | None
    customer: CustomerRef | None
    slots: tuple[EvidentSlot, ...]


async def person_of_customer(
    connection: Connection, project: ProjectId, customer: CustomerRef
) -> PersonId | None:
    row = await (
        await connection.execute(
            "SELECT id FROM persons WHERE project_id = %s AND customer_ref = %s", (project, customer)
        )
    ).fetchone()
    return PersonId(row["id"]) if row else None


async def read_profile(connection: Connection, project: ProjectId, person: PersonId) -> Known | None:
    """A person with their slots by name; None when there is no such person."""
    row = await (
        await connection.execute(
            "SELECT name, customer_ref FROM persons WHERE project_id = %s AND id = %s", (project, person)
        )
    ).fetchone()
    if row is None:
        return None
    slots = await (
        await connection.execute(
            "SELECT s.slot, s.value, s.updated_at, s.message_id, m.body, m.conversation_id, m.created_at"
            " FROM profile_slots s"
            " LEFT JOIN messages m ON m.project_id = s.project_id AND m.id = s.message_id"
            " WHERE s.project_id = %s AND s.person_id = %s ORDER BY s.slot",
            (project, person),
        )
    ).fetchall()
    return Known(person, row["name"], row["customer_ref"], tuple(_evident(slot) for slot in slots))


def _evident(row: dict[str, Any]) -> EvidentSlot:
    at = row["created_at"] or row["updated_at"]
    return EvidentSlot(row["slot"], row["value"], at, row["body"], row["message_id"], row["conversation_id"])


async def set_slot(
    connection: Connection, project: ProjectId, person: PersonId, slot: str, value: Any
) -> None:
    """Writes a fact in the desk's name, here and where one of the person's conversations knows it."""
    await connection.execute(
        "INSERT INTO profile_slots (project_id, person_id, slot, value) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (project_id, person_id, slot)"
        " DO UPDATE SET value = excluded.value, message_id = NULL, updated_at = now()",
        (project, person, slot, json(value)),
    )
    await connection.execute(
        "UPDATE conversations SET version = version + 1,"
        " state = jsonb_set(state, ARRAY['facts', %(slot)s::text], %(value)s)"
        " WHERE project_id = %(project)s AND person_id = %(person)s AND state -> 'facts' ? %(slot)s::text",
        {"project": project, "person": person, "slot": slot, "value": json(value)},
    )


async def forget_slots(
    connection: Connection, project: ProjectId, person: PersonId, slot: str | None
) -> list[str]:
    """Erases one fact about a person, or (None) all; returns their names.

    The person's conversations forget them too, with a question that was open over them: they do not come back
    by themselves.
    """
    rows = await (
        await connection.execute(
            "DELETE FROM profile_slots WHERE project_id = %(project)s AND person_id = %(person)s"
            " AND (%(slot)s::text IS NULL OR slot = %(slot)s) RETURNING slot",
            {"project": project, "person": person, "slot": slot},
        )
    ).fetchall()
    names = sorted({row["slot"] for row in rows} | ({slot} if slot is not None else set()))
    done = await connection.execute(
        "UPDATE conversations SET version = version + 1, state = jsonb_set("
        "state - 'awaiting', '{facts}', coalesce(state -> 'facts', '{}') - %(names)s::text[])"
        " WHERE project_id = %(project)s AND person_id = %(person)s"
        " AND (state -> 'facts' ?| %(names)s::text[] OR state #> '{awaiting,filled}' ?| %(names)s::text[])",
        {"project": project, "person": person, "names": names},
    )
    return names if rows or done.rowcount else []
