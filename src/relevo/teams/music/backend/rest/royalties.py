"""Statements, balances, earnings and withdrawals."""

from collections.abc import Mapping
from typing import Any

from relevo.agents.unavailable import Unclear
from relevo.domain.ids import CustomerRef
from relevo.domain.money import Money
from relevo.teams.music.backend.errors import UnknownCustomer
from relevo.teams.music.backend.periods import periods_within, statement_period
from relevo.teams.music.backend.rest.accounts import customer_of
from relevo.teams.music.backend.rest.answers import (
    BalanceOf,
    EarningsOf,
    EarningsWanted,
    GroupPart,
    LinesOf,
    PaymentsOf,
    StatementPart,
    StatementsOf,
    WithdrawalOf,
    WithdrawalWanted,
)
from relevo.teams.music.backend.rest.base import Part, under, wrong
from relevo.teams.music.backend.rest.refusals import WITHDRAWAL, refused
from relevo.teams.music.backend.rest.wire import Declined
from relevo.teams.music.backend.royalties import (
    EVERYTHING,
    Balance,
    Earnings,
    EarningsBy,
    EarningsLine,
    Payment,
    PaymentKind,
    Payout,
    Statement,
    StatementLine,
    Within,
)
from relevo.teams.music.backend.withdrawals import check


class RestRoyalties(Part):
    async def balance(self, customer: CustomerRef) -> Balance:
        found = await self._paid(customer, "/balance", BalanceOf)
        return Balance(
            available=Money(found.available, found.currency),
            held=Money(found.held, found.currency),
            in_payout=Money(found.in_payout, found.currency),
            accruing=Money(found.accruing, found.currency),
            reasons=tuple(each.reason for each in found.reasons),
        )

    async def statements(self, customer: CustomerRef, limit: int = 20) -> tuple[Statement, ...]:
        return await self._statements(customer, {"limit": limit})

    async def statement(self, customer: CustomerRef, period: str) -> Statement | None:
        wanted = statement_period(period)
        found = await self._statements(customer, {"period": wanted, "limit": 1})
        if any(each.period != wanted for each in found):
            raise wrong("/statements: another period than was asked for")
        return found[0] if found else None

    async def statement_lines(
        self, customer: CustomerRef, period: str, limit: int = 20
    ) -> tuple[StatementLine, ...]:
        wanted = statement_period(period)
        try:
            found = await self._paid(customer, f"/statements/{wanted}/lines", LinesOf, {"limit": limit})
        except UnknownCustomer:
            return ()
        except Declined as declined:
            if declined.code == "unknown_statement":
                return ()
            raise refused(declined, {}) from declined
        if found.period != wanted or len(found.lines) > limit:
            raise wrong("/lines: another period, or more than were asked for")
        return tuple(
            StatementLine(
                line.store, line.country, line.title, line.isrc, line.usage, line.units,
                Money(line.amount, found.currency),
            )
            for line in found.lines
        )  # fmt: skip

    async def payments(self, customer: CustomerRef, limit: int = 20) -> tuple[Payment, ...]:
        try:
            found = await self._paid(customer, "/payments", PaymentsOf, {"limit": limit})
        except UnknownCustomer:
            return ()
        if any(each.kind is PaymentKind.WITHDRAWAL and each.amount <= 0 for each in found.payments):
            raise wrong("/payments: a withdrawal of nothing, or less")
        return tuple(
            Payment(
                each.kind, each.state.value, Money(each.amount, found.currency), each.on, each.reference,
                each.period,
            )
            for each in found.payments
        )  # fmt: skip

    async def earnings(
        self,
        customer: CustomerRef,
        by: EarningsBy,
        period: str | None = None,
        limit: int = 10,
        within: Within = EVERYTHING,
    ) -> Earnings:
        wanted = EarningsWanted(
            by=by,
            limit=limit,
            periods=None if period is None else periods_within(period),
            stores=list(within.stores) or None,
            country=within.country,
            tracks=None if within.tracks is None else list(within.tracks),
        )
        found = await self._paid(customer, "/earnings", EarningsOf, body=wanted)
        if found.by != by or len(found.lines) > limit:
            raise wrong("/earnings: grouped otherwise, or more than was asked for")
        lines = tuple(_line_of(each, found.currency) for each in found.lines)
        return Earnings(by, period, lines, _line_of(found.total, found.currency))

    async def check_withdrawal(self, customer: CustomerRef, amount: Money | None = None) -> Money:
        """By our own rule, from what the service says of the account and the balance."""
        known = customer_of(await self._customer(customer))
        return check(known, await self.balance(customer), self.terms.minimum_withdrawal, amount)

    async def request_withdrawal(self, customer: CustomerRef, amount: Money, key: str) -> Payout:
        wanted = WithdrawalWanted(amount=amount.amount, currency=amount.currency)
        try:
            with self._customer_known(customer):
                made, now = await self._api.request(
                    self.project, under(customer, "/withdrawals"), wanted, key, WithdrawalOf, WITHDRAWAL
                )
        except Declined as declined:
            raise refused(declined, WITHDRAWAL) from declined
        paid = Money(made.amount, made.currency)
        ours = made.customer == customer and made.currency == self.terms.currency
        if not ours or (now and paid != amount):
            raise Unclear("/withdrawals: the answer is about something else")
        return Payout(made.number, paid, made.state, made.requested_at, made.account_hint)

    async def _statements(self, customer: CustomerRef, query: Mapping[str, Any]) -> tuple[Statement, ...]:
        try:
            found = await self._paid(customer, "/statements", StatementsOf, query)
        except UnknownCustomer:
            return ()
        return tuple(_statement_of(each, found.currency) for each in found.statements)


def _statement_of(found: StatementPart, currency: str) -> Statement:
    return Statement(
        period=found.period,
        state=found.state,
        amount=Money(found.amount, currency),
        hold=found.hold.reason if found.hold else None,
        due_on=found.due_on,
        paid_on=found.paid_on,
        reference=found.reference,
    )


def _line_of(found: GroupPart, currency: str) -> EarningsLine:
    return EarningsLine(
        label=found.label,
        amount=Money(found.amount, currency),
        units=found.units,
        streams=found.streams,
        stream_amount=Money(found.stream_amount, currency),
    )
