"""In what currency an amount is asked for, where the message says so: "60 pesos", "€80", "cien euros"."""

import re

from relevo.teams.music.amounts import NUMBER_WORDS
from relevo.triage.normalise import fold

_CODES = {
    "pesos": frozenset({"MXN", "COP", "ARS", "CLP", "UYU", "DOP", "CUP", "PHP"}),
    "euros": frozenset({"EUR"}),
    "libras": frozenset({"GBP", "EGP"}),
    "soles": frozenset({"PEN"}),
    "reales": frozenset({"BRL"}),
    "bolivares": frozenset({"VES"}),
    "quetzales": frozenset({"GTQ"}),
    "bitcoin": frozenset[str](),
    "dolares": frozenset({"USD", "CAD", "AUD", "NZD", "HKD", "SGD"}),
}
_SPELLINGS = {
    "pesos": "pesos?|pesitos",
    "euros": "euros?|eur|€",
    "libras": "libras?|pounds?|quid|gbp|£",
    "soles": "soles?",
    "reales": "reales|reais",
    "bolivares": "bolivares",
    "quetzales": "quetzales?",
    "bitcoin": "bitcoins?|btc|usdt",
    "dolares": "dolares|dolar|dollars?|bucks|usd",
}
_ISO = ("mxn", "cop", "ars", "clp", "pen", "brl", "gbp", "cad", "uyu", "ves", "gtq")
_ANY = "|".join([*_SPELLINGS.values(), *_ISO])
_NUMBER = rf"(?:\d[\d.,]{{0,20}}|\b(?:{'|'.join(NUMBER_WORDS)}))"
_TOLD = re.compile(
    rf"{_NUMBER}\s{{0,2}}(?:(?:de|en|in)\s)?(?P<after>{_ANY})(?!\w)|(?<!\w)(?P<before>{_ANY})\s?\d"
)
_NAMES = {name: re.compile(rf"(?:{spellings})") for name, spellings in _SPELLINGS.items()}


def currency_in(text: str) -> str | None:
    """The currency that the amount in ``text`` is given in: an ISO code, or a name such as ``pesos``."""
    found = _TOLD.search(fold(text))
    if found is None:
        return None
    said: str = found["after"] or found["before"]
    if said in _ISO:
        return said.upper()
    return next((name for name, pattern in _NAMES.items() if pattern.fullmatch(said)), None)


def may_be(said: str, currency: str) -> bool:
    """Whether ``said`` (a code, or a name in either language) may mean ``currency``."""
    folded = fold(said.strip())
    if folded.upper() == currency:
        return True
    return any(
        currency in _CODES[name] for name, pattern in _NAMES.items() if pattern.fullmatch(folded) is not None
    )
