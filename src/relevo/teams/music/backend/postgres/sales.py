"""Quotes and sign-ups, each made once per idempotency key."""

import re
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from psycopg.types.json import Jsonb

from relevo.domain.money import Money
from relevo.teams.music.backend.errors import KeyTaken, SignupRefused
from relevo.teams.music.backend.postgres.base import Part
from relevo.teams.music.backend.pricing import price
from relevo.teams.music.backend.reasons import Reason
from relevo.teams.music.backend.sales import (
    Billing,
    PlanId,
    Quote,
    QuoteLine,
    QuoteRequest,
    Signup,
    SignupRequest,
)

QUOTE = "SELECT * FROM music_quotes WHERE holder = %(holder)s AND number = %(number)s"
QUOTE_OF_KEY = "SELECT * FROM music_quotes WHERE idempotency_key = %(key)s"
ADD_QUOTE = """
    INSERT INTO music_quotes (project_id, number, holder, plan, billing, artists, releases, lines, total,
        saving, currency, expires_on, idempotency_key, created_at)
    VALUES (%(project)s, %(number)s, %(holder)s, %(plan)s, %(billing)s, %(artists)s, %(releases)s, %(lines)s,
        %(total)s, %(saving)s, %(currency)s, %(expires_on)s, %(key)s, %(now)s)
    RETURNING *
"""
SIGNUP_OF_KEY = "SELECT * FROM music_signups WHERE idempotency_key = %(key)s"
ADD_SIGNUP = """
    INSERT INTO music_signups (project_id, number, holder, plan, name, email, known_as, country,
        idempotency_key, started_at)
    VALUES (%(project)s, %(number)s, %(holder)s, %(plan)s, %(name)s, %(email)s, %(known_as)s, %(country)s,
        %(key)s, %(now)s)
    RETURNING *
"""

_EMAIL = re.compile(r"[^@\s<>,;]{1,64}@[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*\.[a-z]{2,24}", re.IGNORECASE)


class PostgresSales(Part):
    async def create_quote(self, holder: str, request: QuoteRequest, key: str) -> Quote:
        priced = price(self.terms, request)
        now = self.clock.now()
        values = {
            "holder": holder, "plan": priced.plan.id, "billing": request.billing, "artists": request.artists,
            "releases": request.releases, "lines": Jsonb([asdict(line) for line in priced.lines]),
            "total": priced.total.amount, "saving": priced.saving.amount, "currency": self.terms.currency,
            "expires_on": now.date() + timedelta(days=self.terms.quote_days), "now": now,
        }  # fmt: skip
        return _quote_of(await self._once("quote", "Q", QUOTE_OF_KEY, ADD_QUOTE, holder, key, values))

    async def quote(self, holder: str, number: str) -> Quote | None:
        wanted = {"holder": holder, "number": number.strip().upper()}
        async with self._connection() as connection:
            row = await (await connection.execute(QUOTE, wanted)).fetchone()
        return _quote_of(row) if row else None

    async def create_signup(self, holder: str, request: SignupRequest, key: str) -> Signup:
        name, email = request.name.strip(), request.email.strip()
        if not name:
            raise SignupRefused(Reason("invalid_name"))
        if _EMAIL.fullmatch(email) is None:
            raise SignupRefused(Reason("invalid_email", {"email": email[:80]}))
        if self.terms.plan(request.plan) is None:
            names = ", ".join(plan.name for plan in self.terms.plans)
            raise SignupRefused(Reason("unknown_plan", {"plans": names}))
        values = {**asdict(request), "holder": holder, "name": name, "email": email, "now": self.clock.now()}
        row = await self._once("signup", "S", SIGNUP_OF_KEY, ADD_SIGNUP, holder, key, values)
        return Signup(row["number"], PlanId(row["plan"]), row["name"], row["email"], row["started_at"])

    async def _once(
        self, kind: str, prefix: str, of_key: str, add: str, holder: str, key: str, values: dict[str, Any]
    ) -> dict[str, Any]:
        """The row made for ``key``, now or earlier. Taking the number lets one caller in at a time."""
        async with self._connection() as connection:
            number = await self._next_number(connection, kind, prefix)
            row = await (await connection.execute(of_key, {"key": key})).fetchone()
            if row is None:
                made = {**values, "project": self.project, "number": number, "key": key}
                row = await (await connection.execute(add, made)).fetchone()
            if row is None or row["holder"] != holder:
                raise KeyTaken(key)
            return row


def _quote_of(row: dict[str, Any]) -> Quote:
    currency: str = row["currency"]
    return Quote(
        number=row["number"],
        plan=PlanId(row["plan"]),
        billing=Billing(row["billing"]),
        artists=row["artists"],
        releases=row["releases"],
        lines=tuple(_line_of(line) for line in row["lines"]),
        total=Money(row["total"], currency),
        saving=Money(row["saving"], currency),
        expires_on=row["expires_on"],
    )


def _line_of(line: dict[str, Any]) -> QuoteLine:
    return QuoteLine(
        line["item"], line["quantity"], Money.of(**line["unit_price"]), Money.of(**line["amount"])
    )
