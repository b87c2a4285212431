"""Tables of comma-separated values: a block for each row, each value with its column's name."""

import csv
import io
from collections.abc import Iterator

from relevo.knowledge.block import Block
from relevo.knowledge.reading.text import decoded

_SAMPLE = 8_192


def rows(body: bytes) -> Iterator[Block]:
    """The first row names the columns."""
    text = decoded(body)
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(text[:_SAMPLE], ",;\t|")
    except csv.Error:
        dialect = csv.excel
    csv.field_size_limit(1_000_000)
    names: list[str] | None = None
    for row in csv.reader(io.StringIO(text), dialect):
        cells = [" ".join(cell.split()) for cell in row]
        if not any(cells):
            continue
        if names is None:
            names = cells
            yield Block(" | ".join(cell for cell in cells if cell))
            continue
        told = (
            f"{names[place]}: {cell}" if place < len(names) and names[place] else cell
            for place, cell in enumerate(cells)
            if cell
        )
        yield Block("; ".join(told))
