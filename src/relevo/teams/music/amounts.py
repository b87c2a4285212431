"""The amount of money a request speaks of: in digits, in words, as a share, or bare."""

import re
from collections.abc import Sequence
from decimal import Decimal

from relevo.teams.music.mentions import amount_in, decimal_of
from relevo.triage.normalise import fold

_SMALL = {
    word: number
    for number, words in (
        (1, "un uno una one a"), (2, "dos two"), (3, "tres three"), (4, "cuatro four"), (5, "cinco five"),
        (6, "seis six"), (7, "siete seven"), (8, "ocho eight"), (9, "nueve nine"), (10, "diez ten"),
        (11, "once eleven"), (12, "doce twelve"), (13, "trece thirteen"), (14, "catorce fourteen"),
        (15, "quince fifteen"), (16, "dieciseis sixteen"), (17, "diecisiete seventeen"),
        (18, "dieciocho eighteen"), (19, "diecinueve nineteen"), (20, "veinte twenty"), (25, "veinticinco"),
        (30, "treinta thirty"), (40, "cuarenta forty"), (50, "cincuenta fifty"), (60, "sesenta sixty"),
        (70, "setenta seventy"), (80, "ochenta eighty"), (90, "noventa ninety"), (100, "cien ciento"),
        (200, "doscientos"), (300, "trescientos"), (400, "cuatrocientos"), (500, "quinientos"),
        (600, "seiscientos"), (700, "setecientos"), (800, "ochocientos"), (900, "novecientos"),
    )
    for word in words.split()
}  # fmt: skip
_TIMES = {"hundred": 100, "mil": 1000, "thousand": 1000, "grand": 1000}
NUMBER_WORDS = tuple(_SMALL) + tuple(_TIMES)
_JOINS = frozenset({"y", "and"})
_MONEY = frozenset("usd dolar dolares dollar dollars buck bucks us".split())  # noqa: SIM905 - read as a list
_CENTS = frozenset("centavo centavos cent cents".split())  # noqa: SIM905
_MOST = 10**12
"""More than anybody has; "thousand thousand thousand" is no amount."""
_COUNTED = re.compile(
    r"\s*(?:%|por ciento|percent|mes|mese|dia|semana|ano|hora|vece|cancion|tema|disco|artista|month|day|week"
    r"|year|hour|time|song|track|release|artist|streams?|reproduccion)"
)
_HALF = re.compile(r"\b(?:la mitad|half(?! (?:an? )?(?:hour|year|day|month)))\b")
_PERCENT = re.compile(r"\b(\d{1,3})\s*(?:%|por ?ciento|percent)")
_ANY_NUMBER = re.compile(r"(?<![\w.,:/-])\d[\d.,]*(?![\w:/-])")
_YEAR = re.compile(r"20[12]\d")
_TOKENS = re.compile(r"(?:us)?\$?\d[\d.,]*\d|(?:us)?\$?\d|[a-z']+|[^\s\w]")
_LEADS = frozenset(
    "m mm mmm hm hmm eh ay uy ah oh no que sea sean son mejor entonces ok okay oki solo bueno va vale dale"  # noqa: SIM905
    " pues pos como unos unas nada mas y e o pero con de por a en digamos mandame pasame sacame retirame"
    " retira saca depositame ponle dejalo cambialo cambiala cambia espera perdon quiero send me withdraw then"
    " just make it only like about how lets let's say rather actually better well and but wait sorry change"
    " to up so i want".split()
)
"""What an amount that stands alone may begin with."""
_TAILS = frozenset(
    "usd dolar dolares dollar dollars buck bucks us pesos peso euro euros eur mxn cop please pls porfa por"  # noqa: SIM905
    " favor mejor entonces then instead nomas nada mas bro porfis only ok va y ya de".split()
)
"""What it may end with."""
_ALL = re.compile(
    r"tod[oa](?: (?:mi|el|la|lo|los|las|ese|eso))?(?: (?:saldo|dinero|plata|lana|disponible"
    r"|que (?:hay|tengo|quede|se pueda)))?|lo (?:maximo|que (?:hay|tengo|se pueda))|el (?:maximo|total)"
    r"|all(?: of)?(?: (?:it|my money|my balance|that))?|everything|max"
    r"|the (?:whole thing|lot|maximum|max|rest)"
)
_LONGEST_BARE = 100
"""Characters of a message that is hardly more than an amount."""


def share_in(text: str) -> Decimal | None:
    """The share (0–1) of the whole that ``text`` asks for: "la mitad", "half", "el 30 %"."""
    folded = fold(text)
    if _HALF.search(folded):
        return Decimal("0.5")
    found = _PERCENT.search(folded)
    return Decimal(found[1]) / 100 if found and 0 < int(found[1]) <= 100 else None


def amount_told(text: str) -> Decimal | None:
    """The amount in a message that is known to ask for money, even where nothing says it is one."""
    told = amount_in(text)
    if told is None:
        told = _spelled(text)
    if told is not None:
        return told
    folded = fold(text)
    found = [
        match[0]
        for match in _ANY_NUMBER.finditer(folded)
        if not _COUNTED.match(folded, match.end()) and not _YEAR.fullmatch(match[0])
    ]
    return decimal_of(found[0]) if len(found) == 1 else None


def bare_amount(text: str) -> Decimal | None:
    """The amount of a message that is hardly more than one: "mejor 80", "que sean sesenta", "150"."""
    words = _core(text)
    if len(words) == 1 and words[0][-1].isdigit():
        figure = words[0].removeprefix("us").removeprefix("$")
        return None if _YEAR.fullmatch(figure) else decimal_of(figure)
    value, used = _number(words)
    return Decimal(value) if words and used == len(words) else None


def all_of_it(text: str) -> bool:
    """Whether the message is hardly more than "everything": "bueno, pues todo", "all of it then"."""
    asks = "?" in text or fold(text.lstrip(" ¿")).startswith("como")
    return not asks and _ALL.fullmatch(" ".join(_core(text))) is not None


def _core(text: str) -> list[str]:
    """The words of a short message without those an amount may begin and end with."""
    folded = fold(text.strip())
    if len(folded) > _LONGEST_BARE:
        return []
    words = [word for word in _TOKENS.findall(folded) if word[-1].isalnum()]
    start, end = 0, len(words)
    while start < end and words[start] in _LEADS:
        start += 1
    while end > start and words[end - 1] in _TAILS:
        end -= 1
    return words[start:end]


def _spelled(text: str) -> Decimal | None:
    """ "cien dólares", "two hundred bucks", "cincuenta dólares con veinte centavos"."""
    words = re.findall(r"[a-z]+", fold(text))
    at = 0
    while at < len(words):
        value, used = _number(words, at)
        after = at + used
        if value and after < len(words) and words[after] in _MONEY:
            return Decimal(value) + _cents(words[after + 1 : after + 12])
        at = after if used else at + 1
    return _alone(words)


def _alone(words: Sequence[str]) -> Decimal | None:
    """A number of ten or more that no counted thing follows: "retírame cincuenta"."""
    for at, word in enumerate(words):
        if _SMALL.get(word, 0) >= 10 or (word in _TIMES):
            value, used = _number(words, at)
            rest = " ".join(words[at + used : at + used + 2])
            return None if _COUNTED.match(rest) else Decimal(value)
    return None


def _cents(words: Sequence[str]) -> Decimal:
    if words and words[0] in ("con", "y", "and", "with"):
        value, used = _number(words[1:])
        if used and value < 100 and words[1 + used : 2 + used] and words[1 + used] in _CENTS:
            return Decimal(value) / 100
    return Decimal(0)


def _number(words: Sequence[str], start: int = 0) -> tuple[int, int]:
    """The number that ``words`` have at ``start``, and how many of them it takes: 0 and 0 for none."""
    total = current = used = 0
    for at in range(start, len(words)):
        word = words[at]
        if word in _SMALL:
            current += _SMALL[word]
        elif word in _TIMES:
            current = max(1, current) * _TIMES[word]
            if _TIMES[word] == 1000:
                total, current = total + current, 0
        elif word in _JOINS and used == at - start > 0 and _SMALL.get("".join(words[at + 1 : at + 2])):
            continue
        else:
            break
        used = at + 1 - start
    return min(total + current, _MOST), used
