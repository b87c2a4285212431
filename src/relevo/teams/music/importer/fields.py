"""One cell at a time: what it must look like, and what is said when it does not."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import lru_cache

from relevo.domain.signals import Language
from relevo.teams.music.importer.csv_file import Row
from relevo.teams.music.metadata import check_isrc
from relevo.triage.normalise import fold

MOST_CHARACTERS = 300
MOST_DECIMALS = 8
MOST_AMOUNT = Decimal(10) ** 9
MOST_UNITS = 10**12

_PLAIN = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
_POINT_GROUPS = re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d+)?", re.ASCII)
_COMMA_GROUPS = re.compile(r"[+-]?\d{1,3}(,\d{3})+\.\d+|[+-]?\d{1,3}(,\d{3}){2,}", re.ASCII)
_SPACE_GROUPS = re.compile(r"[+-]?\d{1,3}( \d{3})+([.,]\d+)?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)


class BadCell(ValueError):
    """The message starts with the column's name."""


def text(row: Row, column: str, most: int = MOST_CHARACTERS) -> str:
    """Raises BadCell when it is missing, too long or holds control characters."""
    value = optional(row, column, most)
    if value is None:
        raise BadCell(f"{column} is missing")
    return value


def optional(row: Row, column: str, most: int = MOST_CHARACTERS) -> str | None:
    value = row.values.get(column)
    if value is not None and len(value) > most:
        raise BadCell(f"{column} has {len(value)} characters; the most is {most}")
    if value is not None and not value.isprintable():
        raise BadCell(f"{column} holds characters that cannot be shown")
    return value


@lru_cache(maxsize=1_000)
def store_name(written: str, stores: tuple[str, ...]) -> str:
    """One of the usual ``stores`` as it is usually spelt; any other as it stands."""
    wanted = fold(written)
    return next((store for store in stores if fold(store) == wanted), written)


@lru_cache(maxsize=10_000)
def isrc(written: str) -> str:
    """The code without hyphens, in capitals. Raises BadCell when it is none."""
    if wrong := check_isrc(written):
        raise BadCell(f"isrc: {wrong[0].text(Language.EN)}")
    return written.replace("-", "").replace(" ", "").upper()


def choice(row: Row, column: str, allowed: Iterable[str]) -> str | None:
    value = optional(row, column)
    options = list(allowed)
    if value is not None and value.lower() not in options:
        raise BadCell(f"{column} is “{value}”; it must be one of {', '.join(options)}")
    return value.lower() if value else None


def day(row: Row, column: str) -> date | None:
    value = optional(row, column)
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as error:
        raise BadCell(f"{column} is “{value}”; dates are written 2026-05-31") from error


def amount(row: Row, column: str) -> Decimal:
    """A number of at most 8 decimals. Raises BadCell, also where a comma could mean two things."""
    written = text(row, column, 40)
    number = parse_number(written)
    if number is None:
        raise BadCell(
            f"{column} is “{written}”, which is not a number or could be two; write it like 1234.56"
        )
    if abs(number) >= MOST_AMOUNT:
        raise BadCell(f"{column} is larger than {MOST_AMOUNT:,}")
    if number != round(number, MOST_DECIMALS):
        raise BadCell(f"{column} has more than {MOST_DECIMALS} decimals")
    return number


def units(row: Row, column: str) -> int:
    number = parse_number(text(row, column, 40))
    if number is None or number != int(number) or abs(number) >= MOST_UNITS:
        raise BadCell(f"{column} is “{row.values[column]}”, which is not a whole number")
    return int(number)


def parse_number(written: str) -> Decimal | None:
    """``1234.56``, ``1,234.56``, ``1.234,56``, ``1 234,56`` and ``0,0034``; None for what is none or could
    be two numbers.

    A point alone is a decimal point. A comma alone is a decimal comma, unless three digits follow one to
    three others, as in ``1,234``: that could be either, except after a lone zero.
    """
    if _SPACE_GROUPS.fullmatch(written):
        written = written.replace(" ", "")
    if _PLAIN.fullmatch(written):
        return Decimal(written)
    if _COMMA_GROUPS.fullmatch(written):
        return Decimal(written.replace(",", ""))
    if _POINT_GROUPS.fullmatch(written):
        return Decimal(written.replace(".", "").replace(",", "."))
    if _DECIMAL_COMMA.fullmatch(written):
        whole, decimals = written.lstrip("+-").split(",")
        if len(decimals) != 3 or len(whole) > 3 or whole == "0":
            return Decimal(written.replace(",", "."))
    return None
