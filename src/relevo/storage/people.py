"""Persons, the addresses they write from, and what is known of them."""

from dataclasses import dataclass
from typing import Any

from relevo.domain.ids import CustomerRef, MessageId, PersonId, ProjectId, new_id
from relevo.domain.message import InboundMessage
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
