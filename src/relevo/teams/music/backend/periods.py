"""Accounting periods: months (2026-06), quarters (2026-Q2) and years (2026), as sortable text."""

import re

from relevo.teams.music.backend.errors import InvalidPeriod

_PERIOD = re.compile(r"(?P<year>[12][0-9]{3})(?:-(?:Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?")


def statement_period(text: str) -> str:
    """A month or a quarter, spelt canonically. Raises InvalidPeriod."""
    found = _parse(text)
    if found["quarter"] is None and found["month"] is None:
        raise InvalidPeriod(text)
    return found.string


def periods_within(text: str) -> list[str]:
    """The statement periods that a year, quarter or month covers. Raises InvalidPeriod."""
    found = _parse(text)
    year = found["year"]
    if found["month"]:
        return [found.string]
    quarters = [int(found["quarter"])] if found["quarter"] else [1, 2, 3, 4]
    months = [f"{year}-{3 * quarter - 2 + month:02}" for quarter in quarters for month in range(3)]
    return [f"{year}-Q{quarter}" for quarter in quarters] + months


def _parse(text: str) -> re.Match[str]:
    found = _PERIOD.fullmatch(text.strip().upper())
    if found is None:
        raise InvalidPeriod(text)
    return found
