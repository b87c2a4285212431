"""The demonstration label: whole, the same every time, and loaded once."""

import asyncio
from datetime import UTC, datetime

from stdnum import ean, isrc

from relevo.domain.clock import ManualClock
from relevo.domain.ids import CustomerRef, ProjectId
from relevo.domain.money import Money
from relevo.storage.database import Database
from relevo.teams.music.backend.postgres import PostgresLabelBackend
from relevo.teams.music.backend.royalties import EarningsBy
from relevo.teams.music.demo import DEMO_CUSTOMERS, load_demo
from relevo.teams.music.demo.load import demo_rows

NOW = datetime(2026, 8, 20, 15, 0, tzinfo=UTC)


def test_its_size_and_its_codes() -> None:
    rows = demo_rows(NOW).tables
    named = {customer.ref for customer in DEMO_CUSTOMERS.values()}
    count = {
        table: sum(row.get("customer_id", row.get("id")) not in named for row in of)
        for table, of in rows.items()
    }
    assert count["music_customers"] == 200
    assert count["music_releases"] == 1_000
    assert count["music_statement_lines"] == 50_000
    assert all(ean.is_valid(row["upc"]) for row in rows["music_releases"])
    assert all(isrc.is_valid(row["isrc"]) for row in rows["music_tracks"])
    assert len({row["isrc"] for row in rows["music_tracks"]}) == len(rows["music_tracks"])


def test_it_is_the_same_every_time() -> None:
    assert demo_rows(NOW).tables == demo_rows(NOW).tables


async def test_it_is_loaded_once_and_makes_its_project(database: Database) -> None:
    project = ProjectId("fresh")
    done = await asyncio.gather(*(load_demo(database, project, ManualClock(NOW)) for _ in range(2)))
    assert sorted(done) == [False, True]
    assert await load_demo(database, project) is False
    backend = PostgresLabelBackend(database, project)
    for customer in DEMO_CUSTOMERS.values():
        known = await backend.customer_by_phone(customer.phone)
        assert known is not None
        assert (known.ref, known.name, known.language) == (customer.ref, customer.name, customer.language)
    someone = CustomerRef("artist-010")
    by_store = await backend.earnings(someone, EarningsBy.STORE, limit=100)
    statements = await backend.statements(someone)
    assert by_store.total.amount == Money.total((each.amount for each in statements), "USD")
    assert len(await backend.releases(someone)) == 5
