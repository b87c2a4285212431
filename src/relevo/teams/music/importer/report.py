"""What an import did, row by row where something was wrong."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BadRow:
    """``line`` counts from 1, the header's; ``reason`` names the column where one is to blame."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one batch: how many rows were new or different, and which could not be kept."""

    changed: int
    bad: list[BadRow]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """``kind`` is releases or statements; ``rows`` all that were read, ``changed`` those new or different."""

    kind: str
    rows: int
    changed: int
    bad: tuple[BadRow, ...]

    @property
    def unchanged(self) -> int:
        return self.rows - self.changed - len(self.bad)
