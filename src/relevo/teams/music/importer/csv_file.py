"""Opens a CSV file as people's spreadsheets write them: UTF-8 or UTF-16, comma, semicolon or tab."""

import asyncio
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from relevo.teams.music.importer.report import BadRow
from relevo.teams.music.importer.text_file import ImportRefused, encoding_of, tidy

__all__ = ["ImportRefused", "Row", "Table", "read_csv"]


@dataclass(frozen=True, slots=True)
class Row:
    """``values`` by column, stripped; empty ones are left out."""

    line: int
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    columns: tuple[str, ...]
    rows: Iterator[Row | BadRow]
    lines: int


async def read_csv(path: Path) -> Table:
    """Raises ImportRefused for what is no such file, OSError when it cannot be read."""
    encoding = await asyncio.to_thread(encoding_of, path)
    text = (await asyncio.to_thread(path.read_bytes)).decode(encoding)
    records = _records(text, _delimiter(text.split("\n", 1)[0]))
    _line, header = next(records, (1, []))
    if isinstance(header, csv.Error) or not any(cell.strip() for cell in header):
        raise ImportRefused("the file has no header")
    columns = tuple(tidy(name).lower().replace(" ", "_") for name in header)
    if len(set(columns)) < len(columns):
        raise ImportRefused("a column's name stands twice in the header")
    return Table(columns, _rows(records, columns), text.count("\n") + (not text.endswith("\n")))


def _delimiter(header: str) -> str:
    return max(",;\t", key=header.count)


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str] | csv.Error]]:
    """Each record with the line it begins on; an unreadable one as its error."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, error


def _rows(
    records: Iterator[tuple[int, list[str] | csv.Error]], columns: tuple[str, ...]
) -> Iterator[Row | BadRow]:
    for line, cells in records:
        if isinstance(cells, csv.Error):
            yield BadRow(line, f"not readable as CSV: {cells}")
        elif any(cell.strip() for cell in cells):
            if len(cells) != len(columns):
                yield BadRow(line, f"{len(cells)} columns, where the header has {len(columns)}")
                continue
            values = {column: tidy(cell) for column, cell in zip(columns, cells, strict=True)}
            yield Row(line, {column: value for column, value in values.items() if value})
