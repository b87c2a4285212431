"""Statements, balances, earnings and withdrawals.

The balance is not stored: it is what closed statements brought less what was paid out, so there is nothing
that could drift from them.
"""

from decimal import Decimal
from typing import Any

from psycopg.sql import SQL, Identifier

from relevo.domain.ids import CustomerRef
from relevo.domain.money import Money
from relevo.storage.database import Connection
from relevo.teams.music.backend.customers import Customer
from relevo.teams.music.backend.errors import KeyTaken, UnknownCustomer
from relevo.teams.music.backend.periods import periods_within, statement_period
from relevo.teams.music.backend.postgres.base import Part
from relevo.teams.music.backend.postgres.customers import BY_REF, customer_of, locked
from relevo.teams.music.backend.reasons import Reason
from relevo.teams.music.backend.royalties import (
    EVERYTHING,
    Balance,
    Earnings,
    EarningsBy,
    EarningsLine,
    Payment,
    PaymentKind,
    Payout,
    PayoutState,
    Statement,
    StatementLine,
    StatementState,
    Within,
)
from relevo.teams.music.backend.withdrawals import check

BALANCE = """
    SELECT s.available - p.paid_out AS available, s.held, p.in_payout, s.accruing, s.reasons
    FROM (
        SELECT coalesce(sum(amount) FILTER (WHERE state = 'available'), 0) AS available,
            coalesce(sum(amount) FILTER (WHERE state = 'on_hold'), 0) AS held,
            coalesce(sum(amount) FILTER (WHERE state = 'accruing'), 0) AS accruing,
            coalesce(jsonb_agg(DISTINCT hold) FILTER (WHERE state = 'on_hold'), '[]') AS reasons
        FROM music_statements WHERE customer_id = %(customer)s AND currency = %(currency)s
    ) s, (
        SELECT coalesce(sum(amount) FILTER (WHERE state <> 'failed'), 0) AS paid_out,
            coalesce(sum(amount) FILTER (WHERE state = 'requested'), 0) AS in_payout
        FROM music_payouts WHERE customer_id = %(customer)s AND currency = %(currency)s
    ) p
"""
STATEMENTS = """
    SELECT period, state, amount, currency, hold, due_on, paid_on, reference FROM music_statements
    WHERE customer_id = %(customer)s ORDER BY period DESC LIMIT %(limit)s
"""
STATEMENT = """
    SELECT period, state, amount, currency, hold, due_on, paid_on, reference FROM music_statements
    WHERE customer_id = %(customer)s AND period = %(period)s
"""
LINES = """
    SELECT store, country, title, isrc, usage, units, amount FROM music_statement_lines
    WHERE customer_id = %(customer)s AND period = %(period)s
    ORDER BY amount DESC, title, store, country LIMIT %(limit)s
"""
PAYMENTS = """
    SELECT 'statement' AS kind, 'paid' AS state, amount, currency, paid_on AS "on", reference, period
    FROM music_statements WHERE customer_id = %(customer)s AND state = 'paid'
    UNION ALL
    SELECT 'withdrawal', state, amount, currency,
        coalesce(paid_on, (requested_at AT TIME ZONE 'UTC')::date), number, NULL
    FROM music_payouts WHERE customer_id = %(customer)s
    ORDER BY "on" DESC NULLS LAST, reference DESC LIMIT %(limit)s
"""
EARNINGS = """
    SELECT {label} AS label, grouping({group}) = 1 AS is_total,
        coalesce(sum(amount), 0) AS amount, coalesce(sum(units), 0)::bigint AS units,
        coalesce(sum(units) FILTER (WHERE usage = 'stream'), 0)::bigint AS streams,
        coalesce(sum(amount) FILTER (WHERE usage = 'stream'), 0) AS stream_amount
    FROM music_statement_lines WHERE customer_id = %(customer)s {narrowed}
    GROUP BY GROUPING SETS (({group}), ())
    ORDER BY is_total DESC, {order} DESC, label LIMIT %(limit)s
"""
PAYOUT_OF_KEY = """
    SELECT customer_id, number, amount, currency, state, requested_at, account_hint FROM music_payouts
    WHERE idempotency_key = %(key)s
"""
ADD_PAYOUT = """
    INSERT INTO music_payouts (project_id, customer_id, number, amount, currency, account_hint,
        idempotency_key, requested_at)
    VALUES (%(project)s, %(customer)s, %(number)s, %(amount)s, %(currency)s, %(hint)s, %(key)s, %(now)s)
"""


class PostgresRoyalties(Part):
    async def balance(self, customer: CustomerRef) -> Balance:
        async with self._connection() as connection:
            return await _balance(connection, await self._known(connection, customer))

    async def statements(self, customer: CustomerRef, limit: int = 20) -> tuple[Statement, ...]:
        async with self._connection() as connection:
            rows = await (
                await connection.execute(STATEMENTS, {"customer": customer, "limit": limit})
            ).fetchall()
        return tuple(_statement_of(row) for row in rows)

    async def statement(self, customer: CustomerRef, period: str) -> Statement | None:
        wanted = {"customer": customer, "period": statement_period(period)}
        async with self._connection() as connection:
            row = await (await connection.execute(STATEMENT, wanted)).fetchone()
        return _statement_of(row) if row else None

    async def statement_lines(
        self, customer: CustomerRef, period: str, limit: int = 20
    ) -> tuple[StatementLine, ...]:
        wanted = {"customer": customer, "period": statement_period(period), "limit": limit}
        async with self._connection() as connection:
            statement = await (await connection.execute(STATEMENT, wanted)).fetchone()
            if statement is None:
                return ()
            rows = await (await connection.execute(LINES, wanted)).fetchall()
        return tuple(
            StatementLine(
                row["store"], row["country"], row["title"], row["isrc"], row["usage"], row["units"],
                Money(row["amount"], statement["currency"]),
            )
            for row in rows
        )  # fmt: skip

    async def payments(self, customer: CustomerRef, limit: int = 20) -> tuple[Payment, ...]:
        async with self._connection() as connection:
            rows = await (
                await connection.execute(PAYMENTS, {"customer": customer, "limit": limit})
            ).fetchall()
        return tuple(
            Payment(
                PaymentKind(row["kind"]), row["state"], Money(row["amount"], row["currency"]), row["on"],
                row["reference"], row["period"],
            )
            for row in rows
        )  # fmt: skip

    async def earnings(
        self,
        customer: CustomerRef,
        by: EarningsBy,
        period: str | None = None,
        limit: int = 10,
        within: Within = EVERYTHING,
    ) -> Earnings:
        wanted: dict[str, Any] = {
            "customer": customer, "limit": limit + 1, "stores": [store.lower() for store in within.stores],
            "country": within.country, "tracks": list(within.tracks or ()),
        }  # fmt: skip
        if period is not None:
            wanted["periods"] = periods_within(period)
        async with self._connection() as connection:
            currency = (await self._known(connection, customer)).currency
            query = earnings_query(by, narrowed=period is not None, within=within)
            rows = await (await connection.execute(query, wanted)).fetchall()
        total, *lines = [_earnings_line(row, currency) for row in rows]
        return Earnings(by, period, tuple(lines), total)

    async def check_withdrawal(self, customer: CustomerRef, amount: Money | None = None) -> Money:
        async with self._connection() as connection:
            known = await self._known(connection, customer)
            return check(known, await _balance(connection, known), self.terms.minimum_withdrawal, amount)

    async def request_withdrawal(self, customer: CustomerRef, amount: Money, key: str) -> Payout:
        """The customer's row is locked before the balance is read, so that withdrawals come one by one."""
        async with self._connection() as connection:
            known = await locked(connection, customer, self._today)
            earlier = await _payout_of_key(connection, customer, key)
            if earlier is not None:
                return earlier
            paid = check(known, await _balance(connection, known), self.terms.minimum_withdrawal, amount)
            payout = Payout(
                number=await self._next_number(connection, "payout", "P"),
                amount=paid.rounded(),
                state=PayoutState.REQUESTED,
                requested_at=self.clock.now(),
                account_hint=known.account.hint,
            )
            values = {
                "project": self.project, "customer": customer, "number": payout.number, "key": key,
                "amount": payout.amount.amount, "currency": payout.amount.currency,
                "hint": payout.account_hint, "now": payout.requested_at,
            }  # fmt: skip
            await self._add(connection, ADD_PAYOUT, values)
        return payout

    async def _known(self, connection: Connection, customer: CustomerRef) -> Customer:
        row = await (
            await connection.execute(BY_REF, {"project": self.project, "customer": customer})
        ).fetchone()
        if row is None:
            raise UnknownCustomer(customer)
        return customer_of(row, self._today)


def earnings_query(by: EarningsBy, narrowed: bool, within: Within = EVERYTHING) -> Any:
    narrowing = [
        SQL(condition)
        for condition, wanted in (
            ("AND period = ANY(%(periods)s)", narrowed),
            ("AND lower(store) = ANY(%(stores)s)", within.stores),
            ("AND country = %(country)s", within.country is not None),
            ("AND track = ANY(%(tracks)s)", within.tracks is not None),
        )
        if wanted
    ]
    group = Identifier(by.value)
    return SQL(EARNINGS).format(
        group=group,
        label=SQL("max(title)") if by is EarningsBy.TRACK else group,
        narrowed=SQL(" ").join(narrowing),
        order=SQL("period") if by is EarningsBy.PERIOD else SQL("sum(amount)"),
    )


async def _balance(connection: Connection, customer: Customer) -> Balance:
    wanted = {"customer": customer.ref, "currency": customer.currency}
    row = await (await connection.execute(BALANCE, wanted)).fetchone()
    if row is None:
        raise UnknownCustomer(customer.ref)
    return Balance(
        available=Money(row["available"], customer.currency),
        held=Money(row["held"], customer.currency),
        in_payout=Money(row["in_payout"], customer.currency),
        accruing=Money(row["accruing"], customer.currency),
        reasons=tuple(Reason(**reason) for reason in row["reasons"]),
    )


async def _payout_of_key(connection: Connection, customer: CustomerRef, key: str) -> Payout | None:
    row = await (await connection.execute(PAYOUT_OF_KEY, {"key": key})).fetchone()
    if row is None:
        return None
    if row["customer_id"] != customer:
        raise KeyTaken(key)
    amount = Money(row["amount"], row["currency"])
    return Payout(row["number"], amount, PayoutState(row["state"]), row["requested_at"], row["account_hint"])


def _statement_of(row: dict[str, Any]) -> Statement:
    return Statement(
        period=row["period"],
        state=StatementState(row["state"]),
        amount=Money(row["amount"], row["currency"]),
        hold=Reason(**row["hold"]) if row["hold"] else None,
        due_on=row["due_on"],
        paid_on=row["paid_on"],
        reference=row["reference"],
    )


def _earnings_line(row: dict[str, Any], currency: str) -> EarningsLine:
    return EarningsLine(
        label="" if row["is_total"] else row["label"],
        amount=Money(Decimal(row["amount"]), currency),
        units=row["units"],
        streams=row["streams"],
        stream_amount=Money(Decimal(row["stream_amount"]), currency),
    )
