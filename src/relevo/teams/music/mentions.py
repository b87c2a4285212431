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

_COUNT = rf"((?<![\d.,])\d{{1,4}}(?![.,]?\d)|{'|'.join(_NUMBERS)})"
_NO_COUNT = re.compile(r"\b(?:the|this|that|which|what|every|any)\s+(?:\w+\s+)?one\b|\bone (?:of|that)\b")
_ALONE = re.compile(
    rf"\W*(?:(?:y|e|and|ok|bueno|si|if|what|about|que tal|son|somos|seriamos|fueran|fueramos|con|para|for"
    rf"|with|we|are|were|make|it|mejor|o|or|como|unos|like)\W+)*{_COUNT}"
    r"(?:\W+(?:mejor|entonces|then|instead|please|porfa|por favor|of us))*\W*"
)
_TIMES = {
    "mil": 1_000, "k": 1_000, "thousand": 1_000, "hundred": 100, "cien": 100, "m": 1_000_000,
    "millon": 1_000_000, "millone": 1_000_000, "million": 1_000_000,
}  # fmt: skip
_SO_MANY = r"mil|k|m|thousand|hundred|cien|millon(?:es)?|millions?"
_SO_MANY_STREAMS = re.compile(
    rf"(?:(?<![\w.,])(?P<figure>\d[\d.,]{{0,15}})\s?(?:{_SO_MANY})?"
    rf"|\b(?:{'|'.join(_NUMBERS)}|a)(?:\s(?:{_SO_MANY}))?|\b(?:{_SO_MANY}))"
    r"\s?(?:de |of )?(?:streams?|reproducciones|plays|escuchas)\b"
)
_FEWEST_STREAMS, _MOST_STREAMS = 10, 10**12
_STREAMS = re.compile(
    rf"(?:(?<![\w.,])(?P<figure>\d[\d.,]{{0,15}})|\b(?P<word>{'|'.join(_NUMBERS)}|a)\b)?\s?"
    r"\b(?P<times>mil|k|m|thousand|hundred|cien|millon(?:es)?|millions?)?\s?(?:de |of )?"
    r"(?:streams?|reproducciones|plays|escuchas)\b"
)
_STREAMS = re.compile(r"\b(streams?|reproduccion(es)?|plays|escuchas)\b")
_ARTISTS = re.compile(
    rf"\b{_COUNT}\s{{1,3}}(?:[a-z]{{1,20}}\s{{1,3}})?(?:artistas?|artists?|bandas?|bands?|cantantes?|singers?"
    r"|ensembles?|acts?|proyectos?|solistas?|grupos?|duos?|raperos?|rappers?|djs?|projects?)\b"
)
_NOT_WHOLE = re.compile(r"\d[.,]\d{1,3}\s{1,3}(?:artist|banda|band|cantante|singer|solista)")
_TOGETHER = re.compile(r"\W*(?:y|e|and|mas|plus|con|tambien|also)?\W*")
"""What stands between two counts that add up: "dos bandas y un solista"."""
_TO_ADD = re.compile(
    r"\b(?:agreg\w*|sum\w*|anad\w*|met\w*|add|adding|another|extra|otro|otra|cada|por|per|each|mas de)\W+$"
)
_A_BAND = re.compile(
    r"\b(?:somos|soy|we ?a?re|una?|an?|our|mi|nuestra) (?:una? |an? )?(?:banda|band|grupo|group|duo|dueto"
    r"|trio|cuarteto|quintet|quartet)\b"
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
_ISRC_PARTED = re.compile(r"\b([A-Za-z]{2}-[A-Za-z0-9]{2,4}-\d{1,3}-\d{3,6})\b")
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
        "SoundCloud": "soundcloud", "Instagram": "instagram|ig", "Facebook": "facebook|fb",
        "Snapchat": "snapchat",
        "Beatport": "beatport", "Boomplay": "boomplay", "Anghami": "anghami", "JioSaavn": "jiosaavn|saavn",
        "Audiomack": "audiomack", "Napster": "napster", "Qobuz": "qobuz", "Shazam": "shazam",
    }.items()
}  # fmt: skip

_BY = {
    "country": re.compile(r"\b(pais|paises|country|countries|donde me escuchan|where (are )?my listeners)\b"),
    "store": re.compile(r"\b(tiendas?|plataformas?|stores?|platforms?|dsps?)\b"),
    "track": re.compile(
        r"\b(cancion|canciones|temas?|tracks?|songs?|por titulo|by title|pistas?|sencillo"
        r"|la que (mas|menos)|cual (mas|menos|(gana|vende|genera|deja) (mas|menos))"
        r"|which (one )?(earns|makes|sells) (the )?(most|least))\b"
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
    """How many artists ``text`` speaks of: "dos bandas y un solista" are three, a band of four is one. One to
    be added to others is no count of them."""
    folded = fold(text)
    total, end = 0, -1
    for found in _ARTISTS.finditer(folded):
        if _TO_ADD.search(folded[max(0, found.start() - 20) : found.start()]):
            continue
        if end >= 0 and not _TOGETHER.fullmatch(folded[end : found.start()][:20]):
            break
        total, end = total + _count(found[1]), found.end()
    if total:
        return total
    return 1 if _ONE_ARTIST.search(folded) or _A_BAND.search(folded) else None


def is_not_whole(text: str) -> bool:
    """Whether ``text`` counts artists by halves: no number of them that holds."""
    return _NOT_WHOLE.search(fold(text)) is not None


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
    found = _ISRC.search(text) or _ISRC_PARTED.search(text) or _ISRC_LIKE.search(text) or _after("isrc", text)
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
    return next(iter(stores_in(text)), None)


def stores_in(text: str) -> tuple[str, ...]:
    """The stores and networks ``text`` names, whether or not music is delivered to them."""
    folded = fold(text)
    return tuple(store for store, pattern in _STORES.items() if pattern.search(folded))


def streams_in(text: str) -> int | None:
    """How many streams ``text`` speaks of: "100 mil streams", "un millón de reproducciones", "50k plays"."""
    found = _SO_MANY_STREAMS.search(fold(text))
    if found is None:
        return None
    said = re.sub(r"(?<=\d)(?=[km])", " ", found[0]).split()
    count = decimal_of(found["figure"]) if found["figure"] else Decimal(_NUMBERS.get(said[0], 1))
    if count is None:
        return None
    times = next((_TIMES[word.rstrip("s")] for word in said if word.rstrip("s") in _TIMES), 1)
    total = int(count * times)
    return total if _FEWEST_STREAMS <= total <= _MOST_STREAMS else None


def dimension_in(text: str) -> str | None:
    """How earnings are wanted: ``country``, ``store``, ``track`` or ``period``."""
    folded = fold(text)
    return next((name for name, pattern in _BY.items() if pattern.search(folded)), None)


def _count(written: str) -> int:
    return int(written) if written.isdigit() else _NUMBERS[written]


def _after(kind: str, text: str) -> re.Match[str] | None:
    found = _CODE_AFTER[kind].search(text)
    return found if found and sum(char.isdigit() for char in found[1]) >= 4 else None
