"""Reads a sales report: tab-separated records HEAD, SALE, SUMM and FOOT, as docs/import-formats.md has them.

The file is read twice: first whether it is complete (FOOT's count, SUMM's totals), which it must be before
anything of it is taken; then its sales, those of one recording in one place added up.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from relevo.storage.database import Connection
from relevo.teams.music.importer import fields
from relevo.teams.music.importer.csv_file import Row
from relevo.teams.music.importer.fields import BadCell
from relevo.teams.music.importer.report import BadRow
from relevo.teams.music.importer.text_file import ImportRefused, encoding_of, tidy

COLUMNS = (
    "isrc", "upc", "artist", "title", "store", "country", "period", "units", "amount", "currency", "usage",
)  # fmt: skip
NEEDED = len(COLUMNS) - 1
MOST_SALES = 1_000_000
BATCH = 5_000

OWNERS = """
    SELECT t.isrc, r.upc, t.customer_id FROM music_tracks t
    JOIN music_releases r ON r.project_id = t.project_id AND r.customer_id = t.customer_id
        AND r.id = t.release_id
    WHERE t.isrc = ANY(%s)
"""

Owners = dict[str, dict[str, str]]
"""ISRC → UPC → the customer whose it is."""


@dataclass(frozen=True, slots=True)
class Records:
    """A complete report: where it is, how it is written, how many lines it has."""

    path: Path
    encoding: str
    lines: int


def is_sales_report(path: Path, encoding: str) -> bool:
    with path.open(encoding=encoding, errors="strict") as file:
        return file.readline(64).startswith("HEAD\t")


def check_complete(path: Path) -> Records:
    """Raises ImportRefused for a report that is cut off, doubled or does not add up."""
    encoding = encoding_of(path)
    sales, lines, foot = 0, 0, False
    units: dict[str, int] = {}
    amounts: dict[str, Decimal] = {}
    told: dict[str, tuple[int | None, Decimal | None]] = {}
    for line, kind, cells in _records(path, encoding):
        lines = line
        if foot:
            raise ImportRefused(f"line {line}: something follows FOOT; is the file in it twice?")
        if (kind == "HEAD") != (line == 1):
            raise ImportRefused(f"line {line}: HEAD stands once, in the first line")
        if kind == "SALE":
            sales += 1
            if len(cells) >= NEEDED:
                currency = cells[9].upper()
                units[currency] = units.get(currency, 0) + int(fields.parse_number(cells[7]) or 0)
                amounts[currency] = amounts.get(currency, Decimal(0)) + (
                    fields.parse_number(cells[8]) or Decimal(0)
                )
        elif kind == "SUMM":
            if len(cells) != 3:
                raise ImportRefused(
                    f"line {line}: SUMM has currency, units and amount; this has {len(cells)}"
                )
            whole = fields.parse_number(cells[1])
            told[cells[0].upper()] = (None if whole is None else int(whole), fields.parse_number(cells[2]))
        elif kind == "FOOT":
            foot = True
            if cells[:1] != [str(sales)]:
                raise ImportRefused(f"line {line}: FOOT counts {' '.join(cells)} sales, the file has {sales}")
        elif kind != "HEAD":
            raise ImportRefused(f"line {line}: “{kind[:20]}” is no record; HEAD, SALE, SUMM and FOOT are")
        if sales > MOST_SALES:
            raise ImportRefused(f"the report has more than {MOST_SALES:,} sales; split it")
    if not foot:
        raise ImportRefused(f"the report ends after line {lines} without FOOT: it is cut off; fetch it again")
    for currency, said in told.items():
        there = (units.get(currency, 0), amounts.get(currency, Decimal(0)))
        if said != there:
            raise ImportRefused(
                f"SUMM says {said[0]} units and {said[1]} {currency}; the sales are {there[0]} and "
                f"{there[1]:f}: fetch the report again"
            )
    return Records(path, encoding, lines)


async def sales_of(connection: Connection, records: Records) -> tuple[list[Row], list[BadRow], int]:
    """The sales as rows of a statement with their customer; those that cannot be taken; how many in all."""
    added: dict[tuple[str, ...], tuple[int, str, int, Decimal]] = {}
    bad: list[BadRow] = []
    owners: Owners = {}
    count = 0
    batch: list[tuple[int, list[str]]] = []
    for line, kind, cells in _records(records.path, records.encoding):
        if kind != "SALE":
            continue
        count += 1
        batch.append((line, cells))
        if len(batch) == BATCH:
            await _add(connection, batch, owners, added, bad)
            batch = []
    await _add(connection, batch, owners, added, bad)
    rows = [
        Row(line, dict(zip(("customer_id", "period", "store", "country", "isrc", "usage", "currency"), key,
                           strict=True)) | {"title": title, "units": str(units), "amount": f"{amount:f}"})
        for key, (line, title, units, amount) in added.items()
    ]  # fmt: skip
    return rows, bad, count


async def _add(
    connection: Connection,
    batch: list[tuple[int, list[str]]],
    owners: Owners,
    added: dict[tuple[str, ...], tuple[int, str, int, Decimal]],
    bad: list[BadRow],
) -> None:
    read: list[tuple[int, dict[str, str]]] = []
    for line, cells in batch:
        if not NEEDED <= len(cells) <= len(COLUMNS):
            bad.append(BadRow(line, f"a SALE has {NEEDED} or {len(COLUMNS)} cells; this has {len(cells)}"))
            continue
        values = dict(zip(COLUMNS, cells, strict=False))
        try:
            row = Row(line, {name: value for name, value in values.items() if value})
            values["isrc"] = fields.isrc(fields.text(row, "isrc", 40))
            values["units"] = str(fields.units(row, "units"))
            values["amount"] = f"{fields.amount(row, 'amount'):f}"
            for name, most in (
                ("store", 60),
                ("currency", 3),
                ("period", 20),
                ("country", 2),
                ("title", 300),
            ):
                values[name] = fields.text(row, name, most)
            read.append((line, values))
        except BadCell as error:
            bad.append(BadRow(line, str(error)))
    unknown = sorted({values["isrc"] for _, values in read} - owners.keys())
    if unknown:
        owners.update({isrc: {} for isrc in unknown})
        for row_ in await (await connection.execute(OWNERS, [unknown])).fetchall():
            owners[row_["isrc"]][row_["upc"]] = row_["customer_id"]
    for line, values in read:
        customer = _owner(owners[values["isrc"]], values["upc"])
        if customer is None:
            bad.append(BadRow(line, _nobodys(values, owners)))
            continue
        key = (
            customer, values["period"].upper(), values["store"], values["country"].upper(), values["isrc"],
            (values.get("usage") or "stream").lower(), values["currency"],
        )  # fmt: skip
        first, title, units, amount = added.get(key, (line, values["title"], 0, Decimal(0)))
        added[key] = (first, title, units + int(values["units"]), amount + Decimal(values["amount"]))


def _owner(by_upc: dict[str, str], upc: str) -> str | None:
    """Whose the recording is; the UPC decides where two customers have it."""
    customers = set(by_upc.values())
    return customers.pop() if len(customers) == 1 else by_upc.get(upc)


def _nobodys(values: dict[str, str], owners: Owners) -> str:
    if owners[values["isrc"]]:
        return f"isrc “{values['isrc']}” is in two customers' releases, and upc “{values['upc']}” in neither"
    return f"isrc “{values['isrc']}” is in no release; import releases.csv with it, then this file again"


def _records(path: Path, encoding: str) -> Iterator[tuple[int, str, list[str]]]:
    """Each record with its line, its kind and its tidied cells; empty lines are left out."""
    with path.open(encoding=encoding, newline=None) as file:
        for line, text in enumerate(file, 1):
            if text.strip():
                kind, *cells = (tidy(cell) for cell in text.rstrip("\n").split("\t"))
                yield line, kind, cells
