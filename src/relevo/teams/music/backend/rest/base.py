"""What every part of the REST backend shares: its project, its paths, and what every answer must agree on."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

from relevo.agents.unavailable import Unavailable
from relevo.domain.ids import CustomerRef, ProjectId
from relevo.insight.metrics import LABEL_API_FAILURES
from relevo.teams.music.backend.errors import KeyTaken, UnknownCustomer
from relevo.teams.music.backend.plans import Terms
from relevo.teams.music.backend.rest.answers import CustomerOf, Mine, Paid
from relevo.teams.music.backend.rest.scalars import Strict
from relevo.teams.music.backend.rest.wire import Declined, Wire

MOST_REF = 64

MineShape = TypeVar("MineShape", bound=Mine)
PaidShape = TypeVar("PaidShape", bound=Paid)


@dataclass(frozen=True, slots=True)
class Place:
    api: Wire
    project: ProjectId
    terms: Terms


class Part:
    def __init__(self, place: Place) -> None:
        self.project = place.project
        self.terms = place.terms
        self._api = place.api

    async def _mine(
        self,
        customer: CustomerRef,
        path: str,
        shape: type[MineShape],
        query: Mapping[str, Any] | None = None,
        body: Strict | None = None,
    ) -> MineShape:
        """What stands under the customer at ``path``. Raises UnknownCustomer, Declined, Unavailable; the last
        one also for an answer about somebody else."""
        with self._customer_known(customer):
            found = await self._api.read(self.project, under(customer, path), shape, query, body)
        if found.customer != customer:
            raise wrong(f"{path}: the answer is about another customer")
        return found

    async def _paid(
        self,
        customer: CustomerRef,
        path: str,
        shape: type[PaidShape],
        query: Mapping[str, Any] | None = None,
        body: Strict | None = None,
    ) -> PaidShape:
        """The same for amounts, which must be in the currency of the plans, as accounts are."""
        found = await self._mine(customer, path, shape, query, body)
        self._check_currency(path, found.currency)
        return found

    def _check_currency(self, path: str, currency: str) -> None:
        if currency != self.terms.currency:
            raise wrong(f"{path}: the answer is in {currency}, accounts are kept in {self.terms.currency}")

    async def _customer(self, customer: CustomerRef) -> CustomerOf:
        """Raises UnknownCustomer, Unavailable."""
        with self._customer_known(customer):
            found = await self._api.read(self.project, under(customer), CustomerOf)
        if found.ref != customer:
            raise wrong("the answer is about another customer")
        self._check_currency("/customers", found.currency)
        return found

    @contextmanager
    def _customer_known(self, customer: CustomerRef) -> Iterator[None]:
        """Turns the service's refusals that any call may meet into the port's. Raises UnknownCustomer,
        KeyTaken."""
        try:
            yield
        except Declined as declined:
            if declined.code == "unknown_customer":
                raise UnknownCustomer(customer) from declined
            if declined.code == "key_taken":
                raise KeyTaken(declined.code) from declined
            raise


def under(customer: CustomerRef, path: str = "") -> str:
    """The path of something of a customer. Raises UnknownCustomer for what can be no reference."""
    return f"/customers/{segment(customer, UnknownCustomer(customer))}{path}"


def segment(text: str, error: Exception) -> str:
    """``text`` as one segment of a path, whatever is in it. Raises ``error`` for what cannot be one."""
    if not text or len(text) > MOST_REF or text in (".", ".."):
        raise error
    return quote(text, safe="")


def wrong(why: str) -> Unavailable:
    """The error for an answer that contradicts the question."""
    LABEL_API_FAILURES.labels("invalid").inc()
    return Unavailable(why)
