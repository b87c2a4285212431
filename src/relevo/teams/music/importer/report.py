"""What an import did, row by row where something was wrong."""

from dataclasses import dataclass
from decimal import Decimal


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
class StatementChange:
    """A statement that the file speaks of; ``before`` None where it was not there."""

    customer: str
    period: str
    before: Decimal | None
    after: Decimal


@dataclass(frozen=True, slots=True)
class ImportReport:
    """``kind`` is releases, statements or sales; ``rows`` all that were read, ``changed`` those new or
    different (of sales: of the statement lines that they add up to). ``written`` is false for a dry run."""

    kind: str
    rows: int
    changed: int
    bad: tuple[BadRow, ...]
    unchanged: int
    statements: tuple[StatementChange, ...] = ()
    written: bool = True
