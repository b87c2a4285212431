"""releases.csv and statements.csv, into a real database."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import pytest_asyncio

import relevo.teams.music
from relevo.domain.ids import CustomerRef, ProjectId
from relevo.domain.money import Money
from relevo.domain.signals import Language
from relevo.storage.database import Database
from relevo.teams.music.backend.postgres import PostgresLabelBackend
from relevo.teams.music.backend.releases import ReleaseState
from relevo.teams.music.backend.royalties import EarningsBy, StatementState
from relevo.teams.music.importer import ImportRefused, ImportReport, import_csv
from relevo.teams.music.importer.fields import parse_number

EXAMPLES = Path(relevo.teams.music.__file__).parent / "data" / "examples"
LUCIA, OMAR = CustomerRef("A-1001"), CustomerRef("A-1002")
RELEASES = "customer_id,artist,title,upc,status"
STATEMENTS = "customer_id,period,store,country,title,units,amount"


class Importer:
    """Writes a file and imports it."""

    def __init__(self, database: Database, project: ProjectId, folder: Path) -> None:
        self._database, self._project, self._folder = database, project, folder

    async def __call__(self, *lines: str, encoding: str = "utf-8", end: str = "\n") -> ImportReport:
        path = self._folder / "file.csv"
        path.write_bytes((end.join(lines) + end).encode(encoding))
        return await self.file(path)

    async def file(self, path: Path, progress: Callable[[int, int], None] | None = None) -> ImportReport:
        if progress is None:
            return await import_csv(self._database, self._project, path)
        return await import_csv(self._database, self._project, path, progress)


@pytest.fixture
def run(database: Database, project: ProjectId, tmp_path: Path) -> Importer:
    return Importer(database, project, tmp_path)


@pytest.fixture
def backend(database: Database, project: ProjectId) -> PostgresLabelBackend:
    return PostgresLabelBackend(database, project)


@pytest_asyncio.fixture
async def examples(run: Importer) -> Importer:
    await run.file(EXAMPLES / "releases.csv")
    await run.file(EXAMPLES / "statements.csv")
    return run


def lines(report: ImportReport) -> list[int]:
    return [row.line for row in report.bad]


async def test_the_example_files_are_imported_whole(run: Importer, backend: PostgresLabelBackend) -> None:
    steps: list[tuple[int, int]] = []
    releases = await run.file(EXAMPLES / "releases.csv", lambda done, total: steps.append((done, total)))
    assert (releases.kind, releases.rows, releases.changed, releases.bad) == ("releases", 3, 3, ())
    assert steps[-1] == (4, 4)
    statements = await run.file(EXAMPLES / "statements.csv")
    assert (statements.kind, statements.rows, statements.changed, statements.bad) == ("statements", 6, 6, ())

    lucia = await backend.customer_by_phone("+5215550000101")
    assert lucia is not None and (lucia.ref, lucia.plan) == (LUCIA, "pro")
    assert (await backend.balance(LUCIA)).available == Money.of("133.63589")
    assert await backend.check_withdrawal(LUCIA) == Money.of("133.63")
    paid = await backend.statement(LUCIA, "2026-Q1")
    assert paid is not None and (paid.amount, paid.reference) == (Money.of("92.1891"), "TR-50121")
    held = await backend.statement(OMAR, "2026-Q2")
    assert held is not None and held.state is StatementState.ON_HOLD and held.due_on == date(2026, 8, 15)
    rejected = (await backend.find_release(LUCIA, "mil ventanas")).found
    assert rejected is not None and rejected.state is ReleaseState.REJECTED
    assert "2000x2000" in rejected.rejections[0].text(Language.ES)
    train = (await backend.find_release(OMAR, "tren de ida")).found
    assert train is not None
    assert [track.title for track in await backend.tracks(OMAR, train.id)] == [
        "Tren de Ida",
        "Tren de Vuelta",
    ]
    assert [each.store for each in await backend.deliveries(OMAR, train.id)] == ["Spotify", "YouTube Music"]


async def test_a_file_imported_again_changes_nothing(
    examples: Importer, backend: PostgresLabelBackend
) -> None:
    before = [await backend.balance(who) for who in (LUCIA, OMAR)]
    for name in ("releases.csv", "statements.csv"):
        report = await examples.file(EXAMPLES / name)
        assert (report.changed, report.bad) == (0, ())
        assert report.unchanged == report.rows
    assert [await backend.balance(who) for who in (LUCIA, OMAR)] == before


async def test_every_bad_row_is_named_and_the_good_ones_are_kept(
    run: Importer, backend: PostgresLabelBackend
) -> None:
    report = await run(
        RELEASES + ",phone,release_date,stores,tracks,rejections",
        "C1,Ana,Uno,036000291452,live,+525550000101,2026-02-03,Spotify=live,USRC17607839=Uno,",
        "C1,Ana,Dos,036000291453,live,,,,,",
        "C2,Eva,Tres,036000291469,live,555 0101,,,,",
        "C2,Eva,Tres,036000291469,released,,,,,",
        "",
        "C2,Eva,Tres,036000291469,live,,03/02/2026,,,",
        "C2,Eva,Tres,036000291469,live,,,Spotify=perhaps,,",
        "C2,Eva,Tres,036000291469,live,,,Spotify|spotify,,",
        "C2,Eva,Tres,036000291469,live,,,,Tres,",
        "C2,Eva,Tres,036000291469,rejected,,,,,no_such_code",
        "C2,Eva,Tres,036000291469,live",
        "C2,Eva,Tres,036000291469,live,+5215550000101,,,,",
        "C2,Eva,Cuatro,036000291452,live,,,,,",
        ",Eva,Tres,036000291469,live,,,,,",
        f"C2,Eva,{'x' * 301},036000291469,live,,,,,",
        "C2,Eva,Tr\x07es,036000291469,live,,,,,",
        'C2,Eva,"Tres\nPuntos",036000291469,live,,,,,',
        "C2,Eva,Tres,036000291469,live,,,,,",
    )
    assert lines(report) == [3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]
    assert (report.rows, report.changed) == (17, 2)
    reasons = {row.line: row.reason for row in report.bad}
    assert "should end in 2" in reasons[3]
    assert "stands twice" in reasons[9]
    assert "phone belongs to another customer" in reasons[13]
    assert [release.title for release in await backend.releases(CustomerRef("C2"))] == ["Tres"]


async def test_two_rows_may_not_contradict_each_other_about_a_customer(run: Importer) -> None:
    report = await run(
        RELEASES + ",plan,payout_account",
        "C1,Ana,Uno,036000291452,live,pro,",
        "C1,Ana,Dos,036000291469,live,,verified",
        "C1,Ana,Tres,036000291476,live,label,",
    )
    assert lines(report) == [4]


async def test_another_customers_upc_and_phone_are_not_taken_over(
    examples: Importer, backend: PostgresLabelBackend
) -> None:
    report = await examples(
        RELEASES + ",phone",
        "B-7,Otro,Mar Adentro,750100000010,live,",
        "B-7,Otro,Propio,036000291452,live,+5215550000101",
    )
    assert lines(report) == [2, 3]
    assert await backend.customer_by_ref(CustomerRef("B-7")) is None
    owner = await backend.customer_by_phone("+525550000101")
    assert owner is not None and owner.ref == LUCIA


async def test_a_requested_takedown_outlives_an_import(
    examples: Importer, backend: PostgresLabelBackend
) -> None:
    found = (await backend.find_release(LUCIA, "Mar Adentro")).found
    assert found is not None
    await backend.request_takedown(LUCIA, found.id, "k")
    report = await examples.file(EXAMPLES / "releases.csv")
    assert (report.changed, report.bad) == (0, ())
    assert (await backend.releases(LUCIA))[1].state is ReleaseState.TAKEDOWN_REQUESTED


async def test_bad_statement_rows(examples: Importer, backend: PostgresLabelBackend) -> None:
    report = await examples(
        STATEMENTS + ",isrc,status,hold_reason,paid_on,currency",
        "A-1001,2026-Q3,Spotify,MX,Uno,10,1.5,,,,,",
        "A-1001,2026-Q3,spotify,mx,UNO,10,1.5,,,,,",
        "A-9999,2026-Q3,Spotify,MX,Uno,10,1.5,,,,,",
        "A-1001,2026-Q9,Spotify,MX,Dos,10,1.5,,,,,",
        "A-1001,2026-Q3,Spotify,MEX,Dos,10,1.5,,,,,",
        "A-1001,2026-Q3,Spotify,MX,Dos,ten,1.5,,,,,",
        'A-1001,2026-Q3,Spotify,MX,Dos,10,"1,234",,,,,',
        "A-1001,2026-Q3,Spotify,MX,Dos,10,0.000000001,,,,,",
        "A-1001,2026-Q3,Spotify,MX,Dos,10,99999999999,,,,,",
        "A-1001,2026-Q3,Spotify,MX,Dos,10,NaN,,,,,",
        "A-1001,2026-Q3,Spotify,MX,Dos,10,1.5,XX,,,,",
        "A-1001,2026-Q3,Spotify,MX,Dos,10,1.5,,on_hold,,,",
        "A-1001,2026-Q3,Spotify,MX,Dos,10,1.5,,paid,,,",
        "A-1001,2026-Q3,Spotify,MX,Dos,10,1.5,,,,2026-05-01,",
        "A-1001,2026-Q3,Spotify,MX,Dos,10,1.5,,,,,EUR",
        "A-1001,2026-Q3,Spotify,MX,Dos,-2,-0.5,,accruing,,,",
        "A-1001,2026-Q3,Deezer,MX,Dos,10,1.5,,available,,,",
    )
    assert lines(report) == [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18]
    third = await backend.statement(LUCIA, "2026-Q3")
    assert third is not None and (third.amount, third.state) == (Money.of("1"), StatementState.ACCRUING)


async def test_what_is_paid_is_final_and_what_is_not_can_be_corrected(
    examples: Importer, backend: PostgresLabelBackend
) -> None:
    report = await examples(
        STATEMENTS + ",isrc",
        "A-1001,2026-Q1,Spotify,MX,Mar Adentro,20310,69.2571,MXEXA2600001",
        "A-1001,2026-Q1,Spotify,MX,Mar Adentro,99999,99.99,MXEXA2600001".replace("Spotify", "Apple Music"),
        "A-1001,2026-Q1,Deezer,MX,Mar Adentro,10,5,MXEXA2600001",
        "A-1001,2026-Q2,Spotify,MX,Mar Adentro,30544,100.00,MXEXA2600001",
    )
    assert lines(report) == [3, 4]
    assert report.changed == 1
    assert (await backend.balance(LUCIA)).available == Money.of("129.48085")
    paid = await backend.statement(LUCIA, "2026-Q1")
    assert paid is not None and paid.amount == Money.of("92.1891")


async def test_a_correction_below_what_was_withdrawn_shows_nothing_to_withdraw(
    examples: Importer, backend: PostgresLabelBackend
) -> None:
    await backend.request_withdrawal(LUCIA, Money.of("133.63"), "k")
    await examples(STATEMENTS + ",isrc", "A-1001,2026-Q2,Spotify,MX,Mar Adentro,1,0.5,MXEXA2600001")
    balance = await backend.balance(LUCIA)
    assert balance.available < Money.zero("USD") and not balance.withdrawable


@pytest.mark.parametrize(("encoding", "end"), [("utf-8-sig", "\r\n"), ("utf-8", "\n"), ("utf-8", "\r\n")])
async def test_files_as_spreadsheets_write_them(
    run: Importer, backend: PostgresLabelBackend, encoding: str, end: str
) -> None:
    await run(
        "Customer ID;Artist;Title;UPC;Status",
        'C1;Peña;"Año; Nuevo";036000291452;LIVE',
        encoding=encoding,
        end=end,
    )
    report = await run(
        STATEMENTS.replace(",", "\t"),
        "C1\t2026-06\tSpotify\tMX\tAño\t1.200\t1.234,56",
        encoding=encoding,
        end=end,
    )
    assert lines(report) == [2]
    report = await run(
        STATEMENTS.replace(",", ";"),
        "C1;2026-06;Spotify;MX;Año;1200;1.234,56",
        encoding=encoding,
        end=end,
    )
    assert report.bad == ()
    earned = await backend.earnings(CustomerRef("C1"), EarningsBy.TRACK, "2026-Q2")
    assert earned.total.amount == Money.of("1234.56")
    assert [release.title for release in await backend.releases(CustomerRef("C1"))] == ["Año; Nuevo"]


async def test_more_rows_than_a_batch_add_up(examples: Importer, backend: PostgresLabelBackend) -> None:
    rows = [f"A-1002,2025-Q4,Spotify,CO,Tema {at},10,0.01000001" for at in range(4_500)]
    report = await examples(
        STATEMENTS + ",status,paid_on", *(f"{row},," for row in rows[:-1]), f"{rows[-1]},paid,2026-02-15"
    )
    assert (report.changed, report.bad) == (4_500, ())
    statement = await backend.statement(OMAR, "2025-Q4")
    assert statement is not None
    assert (statement.amount.amount, statement.state) == (Decimal("45.000045"), StatementState.PAID)


async def test_files_that_are_neither_are_refused(run: Importer, tmp_path: Path) -> None:
    for content in ("", "\n\n", "a,b,c\n1,2,3\n", "upc,upc\n1,2\n", '"unclosed\n'):
        with pytest.raises(ImportRefused):
            await run(content)
    with pytest.raises(ImportRefused, match="line 2 is not UTF-8"):
        await run(RELEASES, "C1,Peña,Uno,036000291452,live", encoding="latin-1")
    with pytest.raises(FileNotFoundError):
        await run.file(tmp_path / "nothing.csv")
    report = await run(RELEASES)
    assert (report.rows, report.bad) == (0, ())


async def test_a_broken_quote_is_one_bad_row(run: Importer) -> None:
    report = await run(RELEASES, 'C1,"Ana"x,Uno,036000291452,live', "C1,Ana,Dos,036000291469,live")
    assert lines(report) == [2]
    assert report.changed == 1


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1234.56", "1234.56"), ("1,234.56", "1234.56"), ("1.234,56", "1234.56"), ("0,0034", "0.0034"),
        ("0,123", "0.123"), ("1.234", "1.234"), ("1.234.567", "1234567"), ("1,234,567", "1234567"),
        ("12,5", "12.5"), ("1234,567", "1234.567"), ("-3,10", "-3.10"),
        ("1,234", None), ("", None), ("1e5", None), ("NaN", None), ("1.2.3", None),
        ("١٢", None), ("$5", None),
    ],
)  # fmt: skip
def test_numbers_are_read_only_when_they_mean_one_thing(written: str, number: str | None) -> None:
    assert parse_number(written) == (Decimal(number) if number is not None else None)
