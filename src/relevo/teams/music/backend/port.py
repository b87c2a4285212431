"""What the agents' tools may ask of the distributor: one project's, and always one customer's.

An implementation is made for a project. Every read takes the customer whose rows it may see, as the
conversation knows them; nothing here searches across customers. Reads of what does not exist return None or
an empty tuple; requests that are turned down raise a ``Refused`` of errors.py, with the reason to tell.

Requests are done once per idempotency key, for ever: the same key returns what was made the first time.
"""

from typing import Protocol

from relevo.domain.ids import CustomerRef
from relevo.domain.money import Money
from relevo.teams.music.backend.customers import Customer
from relevo.teams.music.backend.releases import Delivery, Release, ReleaseId, ReleaseSearch, Takedown, Track
from relevo.teams.music.backend.royalties import (
    EVERYTHING,
    Balance,
    Earnings,
    EarningsBy,
    Payment,
    Payout,
    Statement,
    StatementLine,
    Within,
)
from relevo.teams.music.backend.sales import Quote, QuoteRequest, Signup, SignupRequest


class Accounts(Protocol):
    """Who the customers are."""

    async def customer_by_ref(self, ref: CustomerRef) -> Customer | None: ...

    async def customer_by_phone(self, phone: str) -> Customer | None:
        """The one customer with this number (E.164; Mexico's and Argentina's mobile digit may be missing)."""
        ...


class Catalogue(Protocol):
    """What the customer has released."""

    async def releases(self, customer: CustomerRef, limit: int = 50) -> tuple[Release, ...]:
        """The newest release date first; those without a date before them."""
        ...

    async def find_release(self, customer: CustomerRef, text: str) -> ReleaseSearch:
        """The release that ``text`` names, be it a title or a sentence with a title in it.

        Case, accents and small misspellings do not matter.
        """
        ...

    async def deliveries(self, customer: CustomerRef, release: ReleaseId) -> tuple[Delivery, ...]:
        """One per store, by store name."""
        ...

    async def tracks(self, customer: CustomerRef, release: ReleaseId) -> tuple[Track, ...]:
        """In their order on the release."""
        ...

    async def find_track(self, customer: CustomerRef, text: str) -> tuple[Release, Track] | None:
        """The track that ``text`` surely names, be it a title or a sentence with one, and its release."""
        ...

    async def request_takedown(self, customer: CustomerRef, release: ReleaseId, key: str) -> Takedown:
        """Asks for the release to be removed from all stores. Raises TakedownRefused, KeyTaken."""
        ...


class Royalties(Protocol):
    """What the customer earned, and how it is paid."""

    async def balance(self, customer: CustomerRef) -> Balance:
        """Raises UnknownCustomer."""
        ...

    async def statements(self, customer: CustomerRef, limit: int = 20) -> tuple[Statement, ...]:
        """The newest period first."""
        ...

    async def statement(self, customer: CustomerRef, period: str) -> Statement | None:
        """Raises InvalidPeriod."""
        ...

    async def statement_lines(
        self, customer: CustomerRef, period: str, limit: int = 20
    ) -> tuple[StatementLine, ...]:
        """The largest amounts first. Raises InvalidPeriod."""
        ...

    async def payments(self, customer: CustomerRef, limit: int = 20) -> tuple[Payment, ...]:
        """Paid statements and withdrawals, the newest first."""
        ...

    async def earnings(
        self,
        customer: CustomerRef,
        by: EarningsBy,
        period: str | None = None,
        limit: int = 10,
        within: Within = EVERYTHING,
    ) -> Earnings:
        """Grouped; ``period`` narrows to a year, quarter or month, ``within`` to stores, a country or tracks.

        Raises InvalidPeriod, UnknownCustomer.
        """
        ...

    async def check_withdrawal(self, customer: CustomerRef, amount: Money | None = None) -> Money:
        """The amount a withdrawal now would pay (None: all that is available), moving nothing.

        Raises WithdrawalRefused, UnknownCustomer.
        """
        ...

    async def request_withdrawal(self, customer: CustomerRef, amount: Money, key: str) -> Payout:
        """Takes ``amount`` (whole cents) out of the balance, once per ``key``; it can never be overdrawn.

        Raises WithdrawalRefused, KeyTaken, UnknownCustomer.
        """
        ...


class Sales(Protocol):
    """What may become a customer. ``holder`` is who asks: a customer's reference or a person's id."""

    async def create_quote(self, holder: str, request: QuoteRequest, key: str) -> Quote:
        """Raises QuoteRefused, KeyTaken."""
        ...

    async def quote(self, holder: str, number: str) -> Quote | None: ...

    async def create_signup(self, holder: str, request: SignupRequest, key: str) -> Signup:
        """Raises SignupRefused, KeyTaken."""
        ...


class LabelBackend(Accounts, Catalogue, Royalties, Sales, Protocol):
    """The whole of it; a tool may ask for the part it needs."""
