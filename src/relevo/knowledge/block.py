"""What a reader makes of a file, before it is cut into passages."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a list item or a table's row as it was read; with ``level`` (1–6) it is a heading."""

    text: str
    level: int = 0
    page: int | None = None
    seconds: float | None = None
