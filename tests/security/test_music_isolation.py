"""One project's label is invisible to another's, and every question is answered from an index."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, LiteralString

import psycopg
import pytest
import pytest_asyncio
from psycopg.sql import SQL, Composable

from relevo.domain.ids import CustomerRef, ProjectId
from relevo.domain.money import Money
from relevo.storage.database import Database
from relevo.teams.music.backend.errors import UnknownCustomer
from relevo.teams.music.backend.plans import load_terms
from relevo.teams.music.backend.postgres import PostgresLabelBackend, customers, releases, royalties, sales
from relevo.teams.music.backend.royalties import EarningsBy, Within
from relevo.teams.music.backend.sales import QuoteRequest
from relevo.teams.music.demo.load import load_demo, store
from relevo.teams.music.demo.named import add_named
from relevo.teams.music.demo.rows import Rows

ANA = CustomerRef("ana")
NOW = datetime(2026, 8, 20, 15, 0, tzinfo=UTC)
TABLES: list[LiteralString] = [
    "music_customers", "music_account_events", "music_releases", "music_deliveries", "music_tracks",
    "music_statements", "music_statement_lines", "music_payouts", "music_takedowns", "music_quotes",
    "music_signups",
]  # fmt: skip


@pytest_asyncio.fixture
async def other(database: Database, project: ProjectId) -> ProjectId:
    """A second project that, like the first, holds the three named customers."""
    second = ProjectId("other")
    async with database.project(second) as connection:
        await connection.execute(
            "INSERT INTO projects (project_id, team, name) VALUES ('other', 'music', 'Other')"
        )
    for each in (project, second):
        rows = Rows(random.Random(1))
        add_named(rows, load_terms().stores, NOW)
        async with database.project(each) as connection:
            await store(connection, each, rows)
    return second


async def test_the_same_reference_is_another_customer_in_another_project(
    database: Database, project: ProjectId, other: ProjectId
) -> None:
    here, there = PostgresLabelBackend(database, project), PostgresLabelBackend(database, other)
    await here.request_withdrawal(ANA, Money.of("100"), "same key")
    assert (await there.balance(ANA)).available == Money.of("182.40")
    payout = await there.request_withdrawal(ANA, Money.of("60"), "same key")
    assert payout.amount == Money.of("60")
    assert (await here.balance(ANA)).available == Money.of("82.40")
    quote = await here.create_quote("ana", QuoteRequest(1, 1), "k")
    assert await there.quote("ana", quote.number) is None


async def test_a_project_without_the_label_sees_nothing_of_it(database: Database, other: ProjectId) -> None:
    empty = ProjectId("empty")
    backend = PostgresLabelBackend(database, empty)
    assert await backend.customer_by_ref(ANA) is None
    assert await backend.customer_by_phone("+5215550000001") is None
    assert await backend.releases(ANA) == ()
    with pytest.raises(UnknownCustomer):
        await backend.balance(ANA)
    with pytest.raises(UnknownCustomer):
        await backend.request_withdrawal(ANA, Money.of("60"), "k")
    async with database.project(empty) as connection:
        for table in TABLES:
            rows = await connection.execute(SQL("SELECT * FROM {}").format(SQL(table)))
            assert await rows.fetchall() == []


async def test_without_a_project_there_are_no_rows(database: Database, other: ProjectId) -> None:
    async with database.door() as connection:
        for table in TABLES:
            rows = await connection.execute(SQL("SELECT * FROM {}").format(SQL(table)))
            assert await rows.fetchall() == []


async def test_every_table_is_fenced_even_from_its_owner(database: Database) -> None:
    async with database.door() as connection:
        found = await connection.execute(
            "SELECT relname FROM pg_class WHERE relname LIKE 'music\\_%' AND relkind = 'r'"
            " AND relrowsecurity AND relforcerowsecurity"
        )
        assert sorted(row["relname"] for row in await found.fetchall()) == sorted(TABLES)


async def test_rows_cannot_be_written_into_or_moved_to_another_project(
    database: Database, project: ProjectId, other: ProjectId
) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with database.project(project) as connection:
            await connection.execute(
                "INSERT INTO music_customers (project_id, id, name, known_as, plan)"
                " VALUES ('other', 'x', 'x', 'x', 'pro')"
            )
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with database.project(project) as connection:
            await connection.execute("UPDATE music_account_events SET project_id = 'other'")


async def test_a_row_cannot_hang_on_another_projects_customer(
    database: Database, project: ProjectId, other: ProjectId
) -> None:
    async with database.project(other) as connection:
        await connection.execute(
            "INSERT INTO music_customers (project_id, id, name, known_as, plan)"
            " VALUES ('other', 'only-there', 'x', 'x', 'pro')"
        )
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        async with database.project(project) as connection:
            await connection.execute(
                "INSERT INTO music_statements (project_id, customer_id, period, state, currency)"
                " VALUES (%s, 'only-there', '2026-Q1', 'available', 'USD')",
                (project,),
            )


NARROW = Within(("Spotify",), "MX", ("MXRLV2500001",))
QUERIES: list[LiteralString | Composable] = [
    customers.LOCK, customers.BY_PHONE, releases.RELEASE, releases.DELIVERIES, releases.TRACKS,
    releases.ALL_TRACKS, releases.TAKEDOWN_OF_KEY, releases.MARK_TAKEDOWN,
    royalties.BALANCE, royalties.STATEMENTS, royalties.STATEMENT, royalties.LINES, royalties.PAYMENTS,
    royalties.PAYOUT_OF_KEY,
    *(royalties.earnings_query(by, narrowed) for by in EarningsBy for narrowed in (True, False)),
    *(royalties.earnings_query(by, False, NARROW) for by in EarningsBy),
    sales.QUOTE, sales.QUOTE_OF_KEY, sales.SIGNUP_OF_KEY,
]  # fmt: skip

VALUES = {
    "customer": "ana", "phones": ["+525550000001"], "limit": 10, "release": "R00001", "key": "k",
    "currency": "USD", "period": "2026-Q2", "periods": ["2026-Q2"], "holder": "ana", "number": "Q-1001",
    "stores": ["spotify"], "country": "MX", "tracks": ["MXRLV2500001"],
}  # fmt: skip


FILL: list[LiteralString] = [
    """
    INSERT INTO music_payouts
        (project_id, customer_id, number, amount, currency, idempotency_key, requested_at)
    SELECT project_id, id, 'P-' || id || n, 60, 'USD', id || n, now()
    FROM music_customers, generate_series(1, 20) n
    """,
    """
    INSERT INTO music_takedowns (project_id, customer_id, number, release_id, idempotency_key, requested_at)
    SELECT project_id, customer_id, id, id, id, now() FROM music_releases
    """,
    """
    INSERT INTO music_account_events (project_id, customer_id, kind, at)
    SELECT project_id, id, 'unknown_login', now() FROM music_customers, generate_series(1, 20) n
    """,
    """
    INSERT INTO music_quotes (project_id, number, holder, plan, billing, artists, releases, lines, total,
        saving, currency, expires_on, idempotency_key, created_at)
    SELECT project_id, id || n, id, 'pro', 'monthly', 1, 1, '[]', 1, 0, 'USD', now(), id || n, now()
    FROM music_customers, generate_series(1, 20) n
    """,
    """
    INSERT INTO music_signups (project_id, number, holder, plan, name, email, idempotency_key, started_at)
    SELECT project_id, id || n, id, 'pro', 'x', 'x', id || n, now()
    FROM music_customers, generate_series(1, 20) n
    """,
]


async def test_every_query_is_answered_from_an_index(database: Database, project: ProjectId) -> None:
    """As the application's role: no table is read whole, and no index by the project alone."""
    await load_demo(database, project)
    async with database.project(project) as connection:
        for fill in FILL:
            await connection.execute(fill)
        await connection.execute("SET LOCAL enable_seqscan = off")
        for query in QUERIES:
            composed = SQL(query) if isinstance(query, str) else query
            found = await connection.execute(SQL("EXPLAIN (FORMAT JSON) {}").format(composed), VALUES)
            row = await found.fetchone()
            assert row is not None
            scans = list(_scans(row["QUERY PLAN"][0]["Plan"]))
            assert scans, query
            for scan in scans:
                assert "Index" in scan["Node Type"], (query, scan)
                condition = scan["Index Cond"]
                assert "project_id" in condition and condition.count(" = ") > 1, (query, scan)


def _scans(plan: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    below = [scan for child in plan.get("Plans", []) for scan in _scans(child)]
    kind = plan["Node Type"]
    is_scan = "Scan" in kind and kind not in {"Bitmap Heap Scan", "Subquery Scan"}
    return [plan, *below] if is_scan else below
