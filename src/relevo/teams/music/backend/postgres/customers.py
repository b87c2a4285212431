"""Customers, read by reference and by telephone."""

from datetime import date
from typing import Any

from relevo.domain.ids import CustomerRef
from relevo.domain.signals import Language
from relevo.storage.database import Connection
from relevo.teams.music.backend.customers import (
    AccountState,
    Customer,
    CustomerRole,
    PayoutAccount,
    TaxForm,
    TaxFormState,
)
from relevo.teams.music.backend.errors import UnknownCustomer
from relevo.teams.music.backend.phones import spellings
from relevo.teams.music.backend.postgres.base import Part
from relevo.teams.music.backend.reasons import Reason
from relevo.teams.music.backend.sales import PlanId

BY_REF = "SELECT * FROM music_customer(%(project)s, %(customer)s)"
LOCK = "SELECT * FROM music_customers WHERE id = %(customer)s FOR NO KEY UPDATE"
BY_PHONE = "SELECT * FROM music_customers WHERE phone = ANY(%(phones)s)"


class PostgresAccounts(Part):
    async def customer_by_ref(self, ref: CustomerRef) -> Customer | None:
        wanted = {"project": self.project, "customer": ref}
        async with self._database.door() as connection:
            row = await (await connection.execute(BY_REF, wanted)).fetchone()
        return customer_of(row, self._today) if row else None

    async def customer_by_phone(self, phone: str) -> Customer | None:
        """None also when two customers share the telephone in two spellings: then it proves nothing."""
        async with self._connection() as connection:
            rows = await (await connection.execute(BY_PHONE, {"phones": spellings(phone)})).fetchall()
        return customer_of(rows[0], self._today) if len(rows) == 1 else None


async def locked(connection: Connection, customer: CustomerRef, today: date) -> Customer:
    """The customer, whose row nobody else may change or lock until the transaction ends.

    Raises UnknownCustomer.
    """
    row = await (await connection.execute(LOCK, {"customer": customer})).fetchone()
    if row is None:
        raise UnknownCustomer(customer)
    return customer_of(row, today)


def customer_of(row: dict[str, Any], today: date) -> Customer:
    expires: date | None = row["tax_expires_on"]
    tax = TaxFormState(row["tax_state"])
    if tax is TaxFormState.VALID and expires is not None and expires < today:
        tax = TaxFormState.EXPIRED
    return Customer(
        ref=CustomerRef(row["id"]),
        role=CustomerRole(row["role"]),
        name=row["name"],
        known_as=row["known_as"],
        plan=PlanId(row["plan"]),
        language=Language(row["language"]),
        currency=row["currency"],
        account=PayoutAccount(
            AccountState(row["account_state"]), row["account_hint"], row["account_changed_at"]
        ),
        tax_form=TaxForm(tax, expires),
        frozen=Reason(**row["frozen"]) if row["frozen"] else None,
        email=row["email"],
        phone=row["phone"],
        country=row["country"],
        joined_on=row["joined_on"],
    )
