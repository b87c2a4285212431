"""releases.csv, kept: customers, releases, deliveries and tracks, added or changed."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, LiteralString

from relevo.domain.ids import ProjectId
from relevo.storage.database import Connection
from relevo.teams.music.backend.phones import spellings
from relevo.teams.music.backend.plans import Terms
from relevo.teams.music.backend.postgres.bulk import insert
from relevo.teams.music.importer.csv_file import Row
from relevo.teams.music.importer.fields import BadCell
from relevo.teams.music.importer.release_row import ReleaseRow, parse
from relevo.teams.music.importer.report import BadRow, Outcome

NEW_CUSTOMER = {
    "role": "artist", "plan": "basico", "language": "es", "account_state": "unverified",
    "tax_state": "missing",
}  # fmt: skip

CUSTOMERS = "SELECT * FROM music_customers WHERE id = ANY(%s)"
PHONES = "SELECT id, phone FROM music_customers WHERE phone = ANY(%s)"
RELEASES = """
    SELECT customer_id, id, upc, title, artist, state, release_date, rejections FROM music_releases
    WHERE upc = ANY(%s)
"""
DELIVERIES = """
    SELECT customer_id, release_id, store, state FROM music_deliveries
    WHERE customer_id = ANY(%s) AND release_id = ANY(%s)
"""
TRACKS = """
    SELECT customer_id, release_id, position, isrc, title FROM music_tracks
    WHERE customer_id = ANY(%s) AND release_id = ANY(%s)
"""
KEEP_CUSTOMER = """
    ON CONFLICT (project_id, id) DO UPDATE
    SET role = EXCLUDED.role, name = EXCLUDED.name, known_as = EXCLUDED.known_as, email = EXCLUDED.email,
        phone = EXCLUDED.phone, plan = EXCLUDED.plan, country = EXCLUDED.country,
        language = EXCLUDED.language, account_state = EXCLUDED.account_state,
        account_hint = EXCLUDED.account_hint, tax_state = EXCLUDED.tax_state,
        tax_expires_on = EXCLUDED.tax_expires_on
"""
KEEP_RELEASE = """
    ON CONFLICT (project_id, customer_id, id) DO UPDATE
    SET title = EXCLUDED.title, artist = EXCLUDED.artist, state = EXCLUDED.state,
        release_date = EXCLUDED.release_date, rejections = EXCLUDED.rejections
"""
KEEP_DELIVERY = """
    ON CONFLICT (project_id, customer_id, release_id, store) DO UPDATE SET state = EXCLUDED.state
"""
KEEP_TRACK = """
    ON CONFLICT (project_id, customer_id, release_id, position) DO UPDATE
    SET isrc = EXCLUDED.isrc, title = EXCLUDED.title
"""


@dataclass(frozen=True, slots=True)
class Known:
    """What was there before a batch: customers by id, releases by UPC, deliveries and tracks as they are."""

    customers: dict[str, dict[str, Any]]
    releases: dict[str, dict[str, Any]]
    parts: set[frozenset[tuple[str, Any]]]
    changed_customers: dict[str, dict[str, Any]] = field(default_factory=dict)


class ReleasesImport:
    """The file's rows, batch by batch. Rows are added and changed, never removed."""

    required: ClassVar = ("customer_id", "artist", "title", "upc", "status")

    def __init__(self, connection: Connection, project: ProjectId, terms: Terms) -> None:
        self._connection = connection
        self._project = project
        self._terms = terms
        self._said: dict[str, dict[str, Any]] = {}
        self._phones: dict[str, str] = {}
        self._upcs: dict[str, int] = {}

    async def store(self, rows: list[Row]) -> Outcome:
        bad: list[BadRow] = []
        parsed: list[ReleaseRow] = []
        for row in rows:
            try:
                parsed.append(parse(row, self._terms))
            except BadCell as error:
                bad.append(BadRow(row.line, str(error)))
        known = await self._look_up(parsed)
        kept: list[ReleaseRow] = []
        for each in parsed:
            reason = self._objection(each, known.releases)
            if reason is None:
                self._remember(each)
                kept.append(each)
            else:
                bad.append(BadRow(each.number, reason))
        different = [each for each in kept if self._settle(each, known)]
        await self._keep("music_customers", list(known.changed_customers.values()), KEEP_CUSTOMER)
        await self._keep("music_releases", [each.release for each in different], KEEP_RELEASE)
        await self._keep(
            "music_deliveries", [row for each in different for row in each.deliveries], KEEP_DELIVERY
        )
        await self._keep("music_tracks", [row for each in different for row in each.tracks], KEEP_TRACK)
        return Outcome(len(different), bad)

    async def finish(self) -> None:
        """Every row is complete by itself."""

    async def _keep(self, table: str, rows: list[dict[str, Any]], suffix: str) -> None:
        await insert(self._connection, self._project, table, rows, suffix)

    async def _look_up(self, parsed: list[ReleaseRow]) -> Known:
        """What the database holds of the customers, telephones and releases that the rows speak of."""
        customers = await self._all(CUSTOMERS, sorted({each.customer["id"] for each in parsed}))
        phones = sorted({s for each in parsed for s in spellings(each.customer.get("phone", ""))})
        for row in await self._all(PHONES, phones):
            for spelling in spellings(row["phone"]):
                self._phones.setdefault(spelling, row["id"])
        releases = await self._all(RELEASES, [each.release["upc"] for each in parsed])
        of = [sorted({row["customer_id"] for row in releases}), sorted({row["id"] for row in releases})]
        deliveries, tracks = await self._all(DELIVERIES, *of), await self._all(TRACKS, *of)
        return Known(
            customers={row["id"]: row for row in customers},
            releases={row["upc"]: row for row in releases},
            parts={frozenset(row.items()) for row in (*deliveries, *tracks)},
        )

    async def _all(self, query: LiteralString, *wanted: list[str]) -> list[dict[str, Any]]:
        return await (await self._connection.execute(query, wanted)).fetchall()

    def _objection(self, row: ReleaseRow, releases: dict[str, dict[str, Any]]) -> str | None:
        customer, upc = row.customer["id"], row.release["upc"]
        if upc in self._upcs:
            return f"upc {upc} stands in line {self._upcs[upc]} already"
        if upc in releases and releases[upc]["customer_id"] != customer:
            return f"upc {upc} belongs to another customer"
        for spelling in spellings(row.customer.get("phone", "")):
            if self._phones.get(spelling, customer) != customer:
                return "phone belongs to another customer"
        said = self._said.get(customer, {})
        for column, value in row.customer.items():
            if said.get(column, value) != value:
                return f"says of the customer's {column} something other than an earlier line"
        return None

    def _remember(self, row: ReleaseRow) -> None:
        customer = row.customer["id"]
        self._upcs[row.release["upc"]] = row.number
        self._said[customer] = {**self._said.get(customer, {}), **row.customer}
        for spelling in spellings(row.customer.get("phone", "")):
            self._phones[spelling] = customer

    def _settle(self, row: ReleaseRow, known: Known) -> bool:
        """Joins the row with what is there, and says whether anything differs."""
        customer = row.customer["id"]
        before = known.customers.get(customer)
        new = {"name": row.release["artist"], "known_as": row.release["artist"], **NEW_CUSTOMER}
        after = {**(before or {**new, "currency": self._terms.currency}), **row.customer}
        differs = after != before
        if differs:
            known.customers[customer] = known.changed_customers[customer] = after
        there = known.releases.get(row.release["upc"])
        if there is not None:
            row.join(there)
        parts = {frozenset(part.items()) for part in (*row.deliveries, *row.tracks)}
        return differs or row.release != there or not parts <= known.parts
