"""Customers, read by reference and by telephone."""

from relevo.agents.unavailable import Unavailable
from relevo.domain.ids import CustomerRef
from relevo.teams.music.backend.customers import Customer, PayoutAccount, TaxForm
from relevo.teams.music.backend.errors import UnknownCustomer
from relevo.teams.music.backend.phones import spellings
from relevo.teams.music.backend.rest.answers import CustomerOf, CustomersFound
from relevo.teams.music.backend.rest.base import Part, wrong
from relevo.teams.music.backend.rest.wire import Declined
from relevo.teams.music.backend.sales import PlanId

WHO_SECONDS = 2.0
"""A webhook waits for it before it acknowledges the message."""


class RestAccounts(Part):
    async def customer_by_ref(self, ref: CustomerRef) -> Customer | None:
        try:
            return customer_of(await self._customer(ref))
        except UnknownCustomer:
            return None

    async def customer_by_phone(self, phone: str) -> Customer | None:
        """None also when two customers share the telephone in two spellings: then it proves nothing."""
        wanted = spellings(phone)
        if not wanted:
            return None
        query = {"phone": wanted}
        try:
            found = await self._api.read(
                self.project, "/customers", CustomersFound, query, seconds=WHO_SECONDS
            )
        except Declined as declined:
            raise Unavailable(f"a search was refused: {declined.code}") from declined
        if any(each.phone not in wanted for each in found.customers):
            raise wrong("/customers: the answer holds another telephone")
        for each in found.customers:
            self._check_currency("/customers", each.currency)
        return customer_of(found.customers[0]) if len(found.customers) == 1 else None


def customer_of(found: CustomerOf) -> Customer:
    account, tax = found.account, found.tax_form
    return Customer(
        ref=CustomerRef(found.ref),
        role=found.role,
        name=found.name,
        known_as=found.known_as,
        plan=PlanId(found.plan),
        language=found.language,
        currency=found.currency,
        account=PayoutAccount(account.state, account.hint, account.changed_at),
        tax_form=TaxForm(tax.state, tax.expires_on),
        frozen=found.frozen.reason if found.frozen else None,
        email=found.email,
        phone=found.phone,
        country=found.country,
        joined_on=found.joined_on,
    )
