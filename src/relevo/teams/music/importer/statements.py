"""statements.csv: what each track earned, where and when, and how the period was paid."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from relevo.domain.ids import ProjectId
from relevo.storage.database import Connection
from relevo.teams.music.backend.errors import InvalidPeriod
from relevo.teams.music.backend.periods import statement_period
from relevo.teams.music.backend.plans import Terms
from relevo.teams.music.backend.postgres.bulk import insert
from relevo.teams.music.backend.royalties import StatementState
from relevo.teams.music.importer import fields
from relevo.teams.music.importer.csv_file import Row
from relevo.teams.music.importer.fields import BadCell
from relevo.teams.music.importer.report import BadRow, Outcome, StatementChange
from relevo.triage.normalise import fold

HOLDS = (
    "account_changed", "account_unverified", "fraud_review", "suspicious_login", "tax_form_expired",
    "tax_form_missing",
)  # fmt: skip
USAGES = ("stream", "download", "video", "other")
KEY = ("customer_id", "period", "store", "country", "track", "usage")
VALUES = ("title", "isrc", "units", "amount")

KNOWN_CUSTOMERS = "SELECT id FROM music_customers WHERE id = ANY(%s)"
STATEMENTS = """
    SELECT customer_id, period, state, amount FROM music_statements
    WHERE customer_id = ANY(%s) AND period = ANY(%s)
"""
LINES = """
    SELECT customer_id, period, store, country, track, usage, title, isrc, units, amount
    FROM music_statement_lines WHERE customer_id = ANY(%s) AND period = ANY(%s)
"""
KEEP_LINE = """
    ON CONFLICT (project_id, customer_id, period, store, country, track, usage) DO UPDATE
    SET title = EXCLUDED.title, isrc = EXCLUDED.isrc, units = EXCLUDED.units, amount = EXCLUDED.amount
    WHERE (music_statement_lines.title, music_statement_lines.isrc, music_statement_lines.units,
        music_statement_lines.amount) IS DISTINCT FROM
        (EXCLUDED.title, EXCLUDED.isrc, EXCLUDED.units, EXCLUDED.amount)
"""
KEEP_STATEMENT = """
    ON CONFLICT (project_id, customer_id, period) DO UPDATE
    SET state = EXCLUDED.state, hold = EXCLUDED.hold,
        due_on = coalesce(EXCLUDED.due_on, music_statements.due_on),
        paid_on = coalesce(EXCLUDED.paid_on, music_statements.paid_on),
        reference = coalesce(EXCLUDED.reference, music_statements.reference)
"""
ADD_UP = """
    UPDATE music_statements s SET amount = l.amount
    FROM (
        SELECT customer_id, period, sum(amount) AS amount FROM music_statement_lines
        WHERE customer_id = ANY(%(customers)s) AND period = ANY(%(periods)s) GROUP BY customer_id, period
    ) l
    WHERE s.customer_id = l.customer_id AND s.period = l.period AND s.amount <> l.amount
        AND s.customer_id = ANY(%(customers)s)
"""

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Line:
    """A parsed row: the line of the statement, and what the row says about the statement as a whole."""

    number: int
    values: dict[str, Any]
    about: dict[str, Any]

    @property
    def pair(self) -> Pair:
        return (self.values["customer_id"], self.values["period"])

    @property
    def key(self) -> tuple[str, ...]:
        return tuple(self.values[column] for column in KEY)


class StatementsImport:
    """The file's rows, batch by batch. A period that was paid before the import is final."""

    required: ClassVar = ("customer_id", "period", "store", "country", "title", "units", "amount")

    def __init__(self, connection: Connection, project: ProjectId, terms: Terms) -> None:
        self._connection = connection
        self._project = project
        self._terms = terms
        self._seen: dict[tuple[str, ...], int] = {}
        self._about: dict[Pair, dict[str, Any]] = {}
        self._written: dict[Pair, dict[str, Any]] = {}
        self._states: dict[Pair, str | None] = {}
        self._before: dict[Pair, Decimal] = {}
        self._customers: dict[str, bool] = {}

    async def store(self, rows: list[Row]) -> Outcome:
        bad: list[BadRow] = []
        lines: list[_Line] = []
        for row in rows:
            try:
                lines.append(self._parse(row))
            except BadCell as error:
                bad.append(BadRow(row.line, str(error)))
        await self._look_up(lines)
        final = await self._final_lines(lines)
        kept: list[_Line] = []
        for line in lines:
            reason = self._objection(line, final)
            if reason is None:
                self._seen[line.key] = line.number
                kept.append(line)
            else:
                bad.append(BadRow(line.number, reason))
        open_lines = [line for line in kept if self._states[line.pair] != "paid"]
        await self._keep_statements(open_lines)
        changed = await insert(
            self._connection,
            self._project,
            "music_statement_lines",
            [line.values for line in open_lines],
            KEEP_LINE,
        )
        return Outcome(changed, bad)

    async def finish(self) -> None:
        """Gives every statement the sum of its lines."""
        customers = sorted({customer for customer, _ in self._about})
        periods = sorted({period for _, period in self._about})
        await self._connection.execute(ADD_UP, {"customers": customers, "periods": periods})

    async def changes(self) -> tuple[StatementChange, ...]:
        """The statements whose amount is another now, or that are new."""
        asked = [sorted({pair[0] for pair in self._about}), sorted({pair[1] for pair in self._about})]
        found = await (await self._connection.execute(STATEMENTS, asked)).fetchall()
        now = {(row["customer_id"], row["period"]): row["amount"] for row in found}
        return tuple(
            StatementChange(*pair, self._before.get(pair), now[pair])
            for pair in sorted(self._about.keys() & now.keys())
            if self._before.get(pair) != now[pair]
        )

    def _parse(self, row: Row) -> _Line:
        code = fields.optional(row, "isrc", 40)
        isrc = fields.isrc(code) if code else None
        country = fields.text(row, "country", 2).upper()
        if not (len(country) == 2 and country.isascii() and country.isalpha()):
            raise BadCell(f"country is “{country}”; it must be two letters such as MX")
        currency = fields.optional(row, "currency")
        if currency is not None and currency.upper() != self._terms.currency:
            raise BadCell(f"currency is “{currency}”; accounts are kept in {self._terms.currency}")
        title = fields.text(row, "title")
        try:
            period = statement_period(fields.text(row, "period"))
        except InvalidPeriod as error:
            raise BadCell(f"period is “{error}”; it must be like 2026-Q2 or 2026-06") from error
        values = {
            "customer_id": fields.text(row, "customer_id", 64), "period": period,
            "store": fields.store_name(fields.text(row, "store", 60), self._terms.stores), "country": country,
            "track": isrc or f"title:{fold(title)}",
            "usage": fields.choice(row, "usage", USAGES) or "stream", "title": title, "isrc": isrc,
            "units": fields.units(row, "units"), "amount": fields.amount(row, "amount"),
        }  # fmt: skip
        return _Line(row.line, values, _about(row))

    async def _look_up(self, lines: list[_Line]) -> None:
        """Learns which customers there are, and in what state their statements were before the import."""
        customers = sorted({line.values["customer_id"] for line in lines} - self._customers.keys())
        if customers:
            found = await (await self._connection.execute(KNOWN_CUSTOMERS, [customers])).fetchall()
            known = {row["id"] for row in found}
            self._customers |= {customer: customer in known for customer in customers}
        pairs = {line.pair for line in lines} - self._states.keys()
        if pairs:
            asked = [sorted({pair[0] for pair in pairs}), sorted({pair[1] for pair in pairs})]
            found = await (await self._connection.execute(STATEMENTS, asked)).fetchall()
            states = {(row["customer_id"], row["period"]): row["state"] for row in found}
            self._before |= {(row["customer_id"], row["period"]): row["amount"] for row in found}
            self._states |= {pair: states.get(pair) for pair in pairs}

    async def _final_lines(self, lines: list[_Line]) -> dict[tuple[str, ...], tuple[Any, ...]]:
        """The lines of the paid statements that ``lines`` speak of: key → values."""
        paid = {line.pair for line in lines if self._states[line.pair] == "paid"}
        if not paid:
            return {}
        asked = [sorted({pair[0] for pair in paid}), sorted({pair[1] for pair in paid})]
        found = await (await self._connection.execute(LINES, asked)).fetchall()
        return {tuple(row[name] for name in KEY): tuple(row[name] for name in VALUES) for row in found}

    def _objection(self, line: _Line, final: dict[tuple[str, ...], tuple[Any, ...]]) -> str | None:
        customer, period = line.pair
        if not self._customers[customer]:
            return f"customer_id “{customer}” is not known; import releases.csv first"
        if line.key in self._seen:
            return f"same period, store, country, track and usage as line {self._seen[line.key]}"
        if self._states[line.pair] == "paid":
            same = final.get(line.key) == tuple(line.values[name] for name in VALUES)
            if not same or line.about.get("state", "paid") != "paid":
                return f"the statement {period} is paid, and what is paid is final"
            return None
        about = self._about.setdefault(line.pair, line.about)
        if line.about and about and line.about != about:
            return f"says of {period} as a whole something other than an earlier line"
        self._about[line.pair] = about or line.about
        return None

    async def _keep_statements(self, lines: list[_Line]) -> None:
        """Adds the new statements, as available unless said otherwise, and changes those spoken of."""
        wanted = {line.pair: self._about[line.pair] for line in lines}
        rows = [
            {
                "customer_id": customer, "period": period, "amount": 0, "currency": self._terms.currency,
                "state": "available", **about,
            }
            for (customer, period), about in sorted(wanted.items(), key=lambda each: each[0])
            if (about or self._states[customer, period] is None)
            and about != self._written.get((customer, period))
        ]  # fmt: skip
        self._written |= wanted
        await insert(self._connection, self._project, "music_statements", rows, KEEP_STATEMENT)


def _about(row: Row) -> dict[str, Any]:
    """What a row says of the whole statement; empty when it says nothing."""
    state = fields.choice(row, "status", [state.value for state in StatementState])
    hold = fields.choice(row, "hold_reason", HOLDS)
    due_on, paid_on = fields.day(row, "due_on"), fields.day(row, "paid_on")
    reference = fields.optional(row, "reference", 80)
    if state is None and (hold or due_on or paid_on or reference):
        raise BadCell("status is missing, where something else is said of the statement")
    if (state == StatementState.ON_HOLD) != (hold is not None):
        raise BadCell("hold_reason and the status on_hold go together")
    if (state == StatementState.PAID) != (paid_on is not None):
        raise BadCell("paid_on and the status paid go together")
    if state is None:
        return {}
    held = {"code": hold} if hold else None
    return {"state": state, "hold": held, "due_on": due_on, "paid_on": paid_on, "reference": reference}
