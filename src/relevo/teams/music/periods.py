"""Which period a message speaks of: a year, quarter or month, as statements name them."""

import re
from datetime import date

from relevo.triage.normalise import fold

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "enero january jan", "febrero february feb", "marzo", "abril april apr", "mayo",
            "junio june jun", "julio july jul", "agosto august aug",
            "septiembre setiembre september sept sep",
            "octubre october oct", "noviembre november nov", "diciembre december dec",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_ENGLISH_VERBS = {"march": 3, "may": 5}
"""Months that are also plain words: they count after "in", "for", "of" or before a year."""

_ORDINALS = {
    word: number
    for number, words in enumerate(
        (
            "primer primero 1er 1ro first 1st", "segundo 2do second 2nd", "tercer tercero 3er 3ro third 3rd",
            "cuarto 4to fourth 4th",
        ),
        start=1,
    )
    for word in words.split()
}  # fmt: skip

_YEAR = r"(20\d\d)"
_QUARTER = re.compile(rf"(?:{_YEAR}[\s-]*)?\b[qt]([1-4])\b(?:\s*(?:de|del|of|,|-|/)?\s*{_YEAR})?")
_QUARTER_WORDS = re.compile(
    rf"\b({'|'.join(_ORDINALS)})\s+(?:trimestre|quarter)\b(?:\s*(?:de|del|of|,)?\s*{_YEAR})?"
)
_MONTH = re.compile(rf"\b({'|'.join(_MONTHS)})\b(?:\s*(?:de|del|of|,)?\s*{_YEAR})?")
_MONTH_VERB = re.compile(
    rf"(?:\b(?:in|for|of|from)\s+(march|may)\b(?:,?\s*{_YEAR})?)|\b(march|may),?\s+{_YEAR}"
)
_PERIOD = re.compile(rf"{_YEAR}(?:-Q([1-4])|-(\d\d))?")
_ISO = re.compile(r"\b(20\d\d)-(0[1-9]|1[0-2])\b")
_LAST_QUARTER = re.compile(
    r"(trimestre (pasado|anterior|vencido)|ultimo trimestre|(last|previous|past) quarter)"
)
_THIS_QUARTER = re.compile(r"(este trimestre|trimestre (actual|en curso)|(this|current) quarter)")
_LAST_MONTH = re.compile(r"(mes (pasado|anterior)|ultimo mes|(last|previous|past) month)")
_THIS_MONTH = re.compile(r"(este mes|mes (actual|en curso)|(this|current) month)")
_LAST_YEAR = re.compile(r"(ano (pasado|anterior)|(last|previous|past) year)")
_THIS_YEAR = re.compile(
    r"(este ano|ano (actual|en curso)|en lo que va del ano|(this|current) year|year to date)"
)
_YEAR_ONLY = re.compile(rf"\b(?:en|in|de|del|of|for|ano|year)\s+{_YEAR}\b|^\W*{_YEAR}\W*$")
_CONNECTIONS = re.compile(
    r",|\b(?:y|e|and|con|vs|versus|contra|with|to|than|que|frente al?|against|o|or|respecto al?)\b"
)


def period_of(text: str, today: date) -> str | None:
    """``2026``, ``2026-Q2`` or ``2026-06``, or None. Without a year, the latest one that has begun."""
    folded = fold(text)
    if found := _ISO.search(folded):
        return found[0]
    if found := _QUARTER.search(folded):
        return _quarter(int(found[2]), found[1] or found[3], today)
    if found := _QUARTER_WORDS.search(folded):
        return _quarter(_ORDINALS[found[1]], found[2], today)
    if relative := _relative(folded, today):
        return relative
    if found := _MONTH.search(folded):
        return _month(_MONTHS[found[1]], found[2], today)
    if found := _MONTH_VERB.search(folded):
        return _month(_ENGLISH_VERBS[found[1] or found[3]], found[2] or found[4], today)
    if found := _YEAR_ONLY.search(folded):
        return found[1] or found[2]
    return None


def periods_in(text: str, today: date) -> list[str]:
    """Every period ``text`` names, once each, in its order: "compare q1 and q2"."""
    folded = fold(text)
    if re.search(r"\b(?:trimestres?|quarters?)\b", folded):
        ordinals = re.findall(rf"\b({'|'.join(_ORDINALS)})\b", folded)
        if len(set(ordinals)) > 1:
            year = re.search(_YEAR, folded)
            return list(
                dict.fromkeys(
                    _quarter(_ORDINALS[each], year[0] if year else None, today) for each in ordinals
                )
            )
    found = (period_of(part, today) for part in _CONNECTIONS.split(folded))
    return list(dict.fromkeys(period for period in found if period is not None))


def quarter_of(period: str) -> str | None:
    """The quarter a month lies in (``2026-05`` → ``2026-Q2``); None for anything but a month."""
    found = _ISO.fullmatch(period)
    return f"{found[1]}-Q{(int(found[2]) + 2) // 3}" if found else None


def before(period: str) -> str | None:
    """The year, quarter or month before ``period``: ``2026-Q1`` → ``2025-Q4``."""
    found = _PERIOD.fullmatch(period)
    if found is None:
        return None
    year, quarter, month = int(found[1]), found[2], found[3]
    if quarter:
        return f"{year}-Q{int(quarter) - 1}" if quarter > "1" else f"{year - 1}-Q4"
    if month:
        return f"{year}-{int(month) - 1:02}" if month > "01" else f"{year - 1}-12"
    return str(year - 1)


def _relative(folded: str, today: date) -> str | None:
    quarter = (today.month + 2) // 3
    if _LAST_QUARTER.search(folded):
        return f"{today.year}-Q{quarter - 1}" if quarter > 1 else f"{today.year - 1}-Q4"
    if _THIS_QUARTER.search(folded):
        return f"{today.year}-Q{quarter}"
    if _LAST_MONTH.search(folded):
        return f"{today.year}-{today.month - 1:02}" if today.month > 1 else f"{today.year - 1}-12"
    if _THIS_MONTH.search(folded):
        return f"{today.year}-{today.month:02}"
    if _LAST_YEAR.search(folded):
        return str(today.year - 1)
    if _THIS_YEAR.search(folded):
        return str(today.year)
    return None


def _quarter(number: int, year: str | None, today: date) -> str:
    begun = 3 * number - 2 <= today.month
    return f"{year or (today.year if begun else today.year - 1)}-Q{number}"


def _month(number: int, year: str | None, today: date) -> str:
    return f"{year or (today.year if number <= today.month else today.year - 1)}-{number:02}"
