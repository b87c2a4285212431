"""Sales reports and dry runs: complete or nothing, whose each sale is, files as programs write them."""

from decimal import Decimal
from pathlib import Path

import pytest
from tests.unit.conftest import Relevo

from relevo.domain.ids import CustomerRef, ProjectId
from relevo.storage.database import Database
from relevo.teams.music.backend.postgres import PostgresLabelBackend
from relevo.teams.music.backend.royalties import EarningsBy
from relevo.teams.music.importer import ImportRefused, ImportReport, import_csv
from relevo.teams.music.importer.fields import parse_number

LUCIA, OMAR = CustomerRef("A-1"), CustomerRef("A-2")
OMARS = "7709990000023"
HEAD = "HEAD\t1\tStore GmbH\t2026-07-05"
RELEASES = (
    "customer_id,artist,title,upc,status,tracks\n"
    "A-1,Lucía,Mar,7709990000016,live,COZZZ2600001=Mar|COZZZ2600009=Juntos\n"
    "A-2,Omar,Sol,7709990000023,live,COZZZ2600002=Sol|COZZZ2600009=Juntos\n"
)


def sale(
    isrc: str = "COZZZ2600001", *, upc: str = "", store: str = "Spotify", country: str = "MX",
    units: str = "1000", amount: str = "3.45", currency: str = "USD", title: str = "Mar",
    period: str = "2026-06",
) -> str:  # fmt: skip
    return "\t".join(["SALE", isrc, upc, "Lucía", title, store, country, period, units, amount, currency])


class Reports:
    def __init__(self, database: Database, project: ProjectId, folder: Path) -> None:
        self.database, self.project, self.path = database, project, folder / "report.tsv"

    async def file(self, text: str, encoding: str = "utf-8", *, dry_run: bool = False) -> ImportReport:
        self.path.write_bytes(text.encode(encoding))
        return await import_csv(self.database, self.project, self.path, dry_run=dry_run)

    async def __call__(self, *sales: str, encoding: str = "utf-8", dry_run: bool = False) -> ImportReport:
        text = "\n".join([HEAD, *sales, f"FOOT\t{len(sales)}"]) + "\n"
        return await self.file(text, encoding, dry_run=dry_run)

    async def total(self, customer: CustomerRef) -> Decimal:
        backend = PostgresLabelBackend(self.database, self.project)
        return (await backend.earnings(customer, EarningsBy.PERIOD)).total.amount.amount


@pytest.fixture
async def reports(database: Database, project: ProjectId, tmp_path: Path) -> Reports:
    found = Reports(database, project, tmp_path)
    await found.file(RELEASES)
    return found


async def test_a_report_is_imported_once(reports: Reports) -> None:
    sales = [sale(), sale("CO-ZZZ-26-00002", title="Sol", amount="1.005", units="300")]
    first = await reports(*sales)
    assert (first.kind, first.rows, first.changed, first.bad) == ("sales", 2, 2, ())
    assert [(each.customer, each.before, each.after) for each in first.statements] == [
        ("A-1", None, Decimal("3.45")), ("A-2", None, Decimal("1.005")),
    ]  # fmt: skip
    again = await reports(*sales)
    assert (again.changed, again.unchanged, again.statements) == (0, 2, ())
    assert await reports.total(LUCIA) == Decimal("3.45")


async def test_sales_of_one_recording_in_one_place_add_up(reports: Reports) -> None:
    await reports(sale(amount="1.10", units="10"), sale(amount="2.20", units="20"), sale(country="AR"))
    assert await reports.total(LUCIA) == Decimal("6.75")


async def test_an_unknown_isrc_is_told_and_the_rest_is_imported(reports: Reports) -> None:
    done = await reports(sale("COZZZ2699999"), sale())
    [bad] = done.bad
    assert bad.line == 2 and "COZZZ2699999" in bad.reason and "import releases.csv" in bad.reason
    assert await reports.total(LUCIA) == Decimal("3.45")


async def test_the_upc_tells_whose_a_shared_recording_is(reports: Reports) -> None:
    done = await reports(sale("COZZZ2600009", upc=OMARS), sale("COZZZ2600009", upc="1"))
    assert await reports.total(OMAR) == Decimal("3.45")
    assert [bad.line for bad in done.bad] == [3]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"{HEAD}\n{sale()}\n", "cut off"),
        (f"{HEAD}\n{sale()}\n{sale(country='AR')}\nFOOT\t3\n", "FOOT counts 3 sales, the file has 2"),
        (f"{HEAD}\n{sale()}\nFOOT\t1\n" * 2, "twice"),
        (f"{HEAD}\n{sale()}\nSUMM\tUSD\t1000\t9.99\nFOOT\t1\n", "SUMM says"),
        (f"{HEAD}\nSELL\tx\nFOOT\t0\n", "line 2"),
        (f"{HEAD}\n{sale()}\nSUMM\tUSD\nFOOT\t1\n", "line 3"),
    ],
)
async def test_what_is_not_whole_is_not_imported(reports: Reports, text: str, why: str) -> None:
    with pytest.raises(ImportRefused, match=why):
        await reports.file(text)
    assert await reports.total(LUCIA) == 0


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({"currency": "EUR"}, "currency"),
        ({"units": "1.5"}, "units"),
        ({"amount": "1,234"}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"isrc": "MX"}, "isrc"),
        ({"country": "Mexico"}, "country"),
        ({"period": "June"}, "period"),
        ({"title": ""}, "title"),
    ],
)
async def test_a_bad_sale_names_its_line_and_column(
    reports: Reports, changed: dict[str, str], column: str
) -> None:
    done = await reports(sale(store="Deezer"), sale(**changed))
    [bad] = done.bad
    assert (bad.line, column in bad.reason) == (3, True), bad.reason
    assert await reports.total(LUCIA) == Decimal("3.45")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
async def test_encodings_and_invisible_characters(reports: Reports, encoding: str) -> None:
    odd = sale(title="\u200bMar\u00a0adentro\ufeff", amount="1\u00a0234,56", units="12\u202f000")
    assert (await reports(odd, encoding=encoding)).bad == ()
    backend = PostgresLabelBackend(reports.database, reports.project)
    [line] = await backend.statement_lines(LUCIA, "2026-06")
    assert (line.title, line.units, line.amount.amount) == ("Mar adentro", 12_000, Decimal("1234.56"))


async def test_latin_1_is_refused_with_its_line(reports: Reports) -> None:
    with pytest.raises(ImportRefused, match="line 2 is not UTF-8; save"):
        await reports(sale(title="Canción"), encoding="latin-1")
    with pytest.raises(ImportRefused, match="line 2 is not UTF-8; save"):
        await reports.file("customer_id,artist,title,upc,status\nA-3,Zoé,Más,7501200000034,live\n", "latin-1")


async def test_a_dry_run_says_the_same_and_writes_nothing(reports: Reports) -> None:
    foreseen = await reports(sale(), dry_run=True)
    assert not foreseen.written and await reports.total(LUCIA) == 0
    done = await reports(sale())
    assert (done.changed, done.bad, done.statements) == (foreseen.changed, foreseen.bad, foreseen.statements)
    assert await reports.total(LUCIA) == Decimal("3.45")


async def test_many_sales_in_bounded_memory(reports: Reports) -> None:
    """Beyond what PostgreSQL keeps: the distinct lines, and no copy of the file."""
    import tracemalloc

    sales = [
        sale(store=f"Store {at % 400}", country=f"{chr(65 + at // 400 % 26)}{chr(65 + at // 10400)}")
        for at in range(20_000)
    ]
    text = "\n".join([HEAD, *sales, "FOOT\t20000"]) + "\n"
    reports.path.write_text(text, "utf-8")
    del sales, text
    tracemalloc.start()
    done = await import_csv(reports.database, reports.project, reports.path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (done.rows, done.changed, done.bad) == (20_000, 20_000, ())
    assert peak < 60 * 1024 * 1024


def test_the_command_tells_what_it_would_do(relevo: Relevo, tmp_path: Path) -> None:
    path = tmp_path / "releases.csv"
    path.write_text(RELEASES, "utf-8")
    said = relevo("music", "import", "--dry-run", str(path))
    assert "dry run" in said and "2 new or changed" in said
    assert "2 new or changed" in relevo("music", "import", str(path))
    report = tmp_path / "report.tsv"
    report.write_text(f"{HEAD}\n{sale()}\nFOOT\t1\n", "utf-8")
    assert "A-1 2026-06: 3.45 (new)" in relevo("music", "import", "--dry-run", str(report))


@pytest.mark.parametrize(
    ("written", "number"), [("1 234,56", "1234.56"), ("12 000", "12000"), ("1 2", None), ("1 234 56", None)]
)
def test_spaces_between_thousands(written: str, number: str | None) -> None:
    assert parse_number(written) == (None if number is None else Decimal(number))
