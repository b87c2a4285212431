"""What a message mentions, read without guessing: plans, counts, amounts, stores, codes, addresses."""

import re
from decimal import Decimal, InvalidOperation

from relevo.triage.normalise import fold

_NUMBERS = {
    word: number
    for number, words in enumerate(
        (
            "un una uno one", "dos two", "tres three", "cuatro four", "cinco five", "seis six", "siete seven",
            "ocho eight", "nueve nine", "diez ten", "once eleven", "doce twelve", "trece thirteen",
            "catorce fourteen", "quince fifteen", "dieciseis sixteen", "diecisiete seventeen",
            "dieciocho eighteen", "diecinueve nineteen", "veinte twenty",
        ),
        start=1,
    )
    for word in words.split()
} | {"treinta": 30, "thirty": 30, "cuarenta": 40, "forty": 40, "cincuenta": 50, "fifty": 50}  # fmt: skip

_COUNT = rf"(\d{{1,4}}|{'|'.join(_NUMBERS)})"
_NO_COUNT = re.compile(r"\b(?:the|this|that|which|what|every|any)\s+(?:\w+\s+)?one\b|\bone (?:of|that)\b")
_ALONE = re.compile(
    rf"\W*(?:(?:y|e|and|ok|bueno|si|if|what|about|que tal|son|somos|seriamos|fueran|fueramos|con|para|for"
    rf"|with|we|are|were|make|it|mejor|o|or|como|unos|like)\W+)*{_COUNT}"
    r"(?:\W+(?:mejor|entonces|then|instead|please|porfa|por favor|of us))*\W*"
)
_STREAMS = re.compile(r"\b(streams?|reproduccion(es)?|plays|escuchas)\b")
_ARTISTS = re.compile(
    rf"\b{_COUNT}\s+(?:[a-z]+\s+)?(?:artistas?|artists?|bandas|bands|cantantes|singers|ensembles|acts|proyectos)\b"
)
_ONE_ARTIST = re.compile(
    r"\b(solo (para )?(yo|mi)|para mi solo|para mi sola|soy (artista )?(solista|independiente)|solo artist"
    r"|just me|only me|just myself|by myself|yo sol[oa]"
    r"|(para|tengo|con|for|have) (una?|mi|my|a|an) (banda|band|duo|dueto|grupo|solista|solo artist))\b"
)
_RELEASES = re.compile(
    rf"\b{_COUNT}\s+(?:[a-z]+\s+)?(?:lanzamientos?|releases?|discos?|albumes|album|albums|eps?|singles?|sencillos?"
    rf"|canciones|cancion|songs?|temas?|tracks?|cantos)\b(?P<each>[^.,;]{{0,20}}\b(?:mes|month|mensuales)\b)?"
)
_AMOUNT = re.compile(
    r"(?:us\$|usd|\$)\s{0,3}(?P<before>\d[\d.,]{0,20})"
    r"|(?<![\d.,])(?P<after>\d[\d.,]{0,20})\s{0,3}(?:usd|dolares|dollars?|bucks|dolar|us\b)"
    r"|\b(?:retir\w*|sac\w*|withdraw|cash out|transfer\w*|send me|pasame|mandame|entonces|mejor|then|just)"
    r"\s{1,3}(?:me\s{1,3})?(?P<bare>\d[\d.,]{0,20})(?=\W{0,9}$|\s{0,3}(?:por|please|pls|de |of |from ))"
)
_LONGEST_FIGURE = 24
_MONTHLY = re.compile(
    r"\b(mensual\w*|al mes|por mes|cada mes|mes a mes|monthly|a month|per month|each month)\b"
)
_YEARLY = re.compile(
    r"\b(anual\w*|(pago|pagar|pagando|plan|facturacion|cobro|todo el|el) (por |el )?ano( completo)?|yearly"
    r"|annual\w*|(pay|paying|paid|billed|whole|full) (by |for |the )*(a |the )?(full |whole )?year|por ano)\b"
)
_RELEASES_A_YEAR = re.compile(
    r"(lanzamiento|release|disco|single|sencillo|ep|album)\w*\s+(al|por|a|per|each)\s+(ano|year)"
)
_ISRC = re.compile(r"\b([A-Za-z]{2}[-\s]?[A-Za-z0-9]{3}[-\s]?\d{2}[-\s]?\d{5})\b")
_ISRC_LIKE = re.compile(r"\b((?=[A-Za-z\d]*[A-Za-z])(?=(?:[A-Za-z]*\d){6})[A-Za-z\d]{10,14})\b")
_CODE_AFTER = {
    kind: re.compile(
        rf"\b{kind}\b(?:\s+(?:code|codigo|number|es|is|de|numero|:|el|este|this))*\W*"
        r"([A-Za-z0-9][A-Za-z0-9\s-]{4,20})",
        re.IGNORECASE,
    )
    for kind in ("isrc", "upc")
}
_UPC = re.compile(r"(?<![\w-])(\d[\d\s-]{9,16}\d)(?![\w-])")
_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_QUOTED = re.compile(r"[«“\"‘']([^«»“”\"‘’']{1,120})[»”\"’'](?!\w)")

_STORES = {
    store: re.compile(rf"\b({names})\b")
    for store, names in {
        "Spotify": "spotify|spoti", "Apple Music": "apple music|apple|itunes",
        "YouTube Music": "youtube music|youtube|yt music|yt", "Amazon Music": "amazon music|amazon",
        "Deezer": "deezer", "TikTok": "tiktok|tik tok", "TIDAL": "tidal", "Pandora": "pandora",
        "SoundCloud": "soundcloud",
    }.items()
}  # fmt: skip

_BY = {
    "country": re.compile(r"\b(pais|paises|country|countries|donde me escuchan|where (are )?my listeners)\b"),
    "store": re.compile(r"\b(tiendas?|plataformas?|stores?|platforms?|dsps?)\b"),
    "track": re.compile(
        r"\b(cancion|canciones|temas?|tracks?|songs?|por titulo|by title|pistas?|sencillo)\b"
    ),
    "period": re.compile(
        r"\b(por (mes|trimestre|ano|periodo)|cada (mes|trimestre)|(by|per|each) (month|quarter|year|period)"
        r"|mes a mes|historial|history|month by month|quarter by quarter)\b"
    ),
}  # fmt: skip


def number(text: str) -> int | None:
    """The first count in ``text``, in digits or words. "The cheaper one" is none."""
    folded = _NO_COUNT.sub(" ", fold(text))
    found = re.search(rf"\b{_COUNT}\b", folded)
    return _count(found[1]) if found else None


def count_alone(text: str) -> int | None:
    """The count of a message that says hardly more: "y con 7?", "and for ten?", "somos cuatro"."""
    found = _ALONE.fullmatch(fold(text))
    return _count(found[1]) if found and not re.fullmatch(r"20\d\d", found[1]) else None


def speaks_of_streams(text: str) -> bool:
    return _STREAMS.search(fold(text)) is not None


def artists_in(text: str) -> int | None:
    """How many artists ``text`` speaks of."""
    folded = fold(text)
    if found := _ARTISTS.search(folded):
        return _count(found[1])
    return 1 if _ONE_ARTIST.search(folded) else None


def releases_in(text: str) -> int | None:
    """How many releases a year ``text`` speaks of; a number "a month" counts twelve times."""
    found = list(_RELEASES.finditer(fold(text)))
    if monthly := next((match for match in found if match["each"]), None):
        return 12 * _count(monthly[1])
    return _count(found[0][1]) if found else None


def billing_in(text: str) -> str | None:
    """``monthly``, ``yearly`` or None. Releases "a year" say nothing about paying."""
    folded = _RELEASES_A_YEAR.sub(" ", fold(text))
    if _YEARLY.search(folded):
        return "yearly"
    return "monthly" if _MONTHLY.search(folded) else None


def amount_in(text: str) -> Decimal | None:
    """The amount of money ``text`` names, however its thousands and cents are set apart."""
    found = _AMOUNT.search(fold(text))
    return decimal_of(found["before"] or found["after"] or found["bare"]) if found else None


def decimal_of(written: str) -> Decimal | None:
    """``1.200,50``, ``1,200.50`` and ``1200.5`` alike: a last mark before one or two digits is the cents'."""
    written = written[:_LONGEST_FIGURE].rstrip(".,")
    whole, mark, cents = written, "", ""
    if found := re.fullmatch(r"(.*)([.,])(\d{1,2})", written):
        whole, mark, cents = found[1], found[2], found[3]
    try:
        return Decimal(re.sub(r"[.,]", "", whole) + ("." + cents if mark else ""))
    except InvalidOperation:
        return None


def isrc_in(text: str) -> str | None:
    """What was given as an ISRC, even a malformed one when it follows the word."""
    found = _ISRC.search(text) or _ISRC_LIKE.search(text) or _after("isrc", text)
    return found[1].strip() if found else None


def upc_in(text: str) -> str | None:
    """What was given as a UPC or EAN, even a malformed one when it follows the word."""
    found = _UPC.search(text) or _after("upc", text)
    return found[1].strip() if found else None


def email_in(text: str) -> str | None:
    found = _EMAIL.search(text)
    return found[0].rstrip(".") if found else None


def quoted_in(text: str) -> str | None:
    """What stands in quotation marks."""
    found = _QUOTED.search(text)
    return found[1].strip() or None if found else None


def store_in(text: str) -> str | None:
    folded = fold(text)
    return next((store for store, pattern in _STORES.items() if pattern.search(folded)), None)


def dimension_in(text: str) -> str | None:
    """How earnings are wanted: ``country``, ``store``, ``track`` or ``period``."""
    folded = fold(text)
    return next((name for name, pattern in _BY.items() if pattern.search(folded)), None)


def _count(written: str) -> int:
    return int(written) if written.isdigit() else _NUMBERS[written]


def _after(kind: str, text: str) -> re.Match[str] | None:
    found = _CODE_AFTER[kind].search(text)
    return found if found and sum(char.isdigit() for char in found[1]) >= 4 else None
