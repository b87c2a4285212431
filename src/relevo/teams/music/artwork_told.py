"""What a message tells of a cover: its size, weight, format, colours, and what it shows."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from relevo.teams.music.metadata import Shown
from relevo.triage.normalise import fold

_SIZE = re.compile(r"\b(\d{2,5})\s*(?:px|pixeles|pixels)?\s*(?:x|por|by|×)\s*(\d{2,5})\b")
_SIDE = re.compile(r"\b(\d{3,5})\s?(?:px|pixeles|pixels)\b")
_WEIGHT = re.compile(r"\b(\d{1,4}(?:[.,]\d+)?)\s*(?:mb|megas?|megabytes?)\b")
_FORMAT = re.compile(r"\b(jpe?g|png|webp|gif|tiff?|bmp|pdf|psd|heic)\b")
_COLOUR = re.compile(r"\b(rgb|cmyk)\b")
_SHOWS = {
    Shown.WEB_ADDRESS: re.compile(
        r"\b(url|direccion web|pagina web|mi web|mi pagina|sitio web|website|web address|link|enlace|correo"
        r"|e-?mail|instagram|mi ig|redes|arroba|social media|handle|tiktok|whatsapp|qr)\b"
    ),
    Shown.PRICE: re.compile(r"\b(precio|price|descuento|discount|ya disponible|out now|promocion|promo)\b"),
    Shown.STORE_LOGO: re.compile(r"\b(logos?|logotipos?)\b"),
    Shown.BLUR: re.compile(r"\b(borros[oa]|pixelad[oa]|blurry|pixelated|blur)\b"),
}  # fmt: skip
_WITHOUT = re.compile(r"\b(?:sin|without|no longer)\s+(?:(?:el|la|mi|my|the|any|ningun)\s+)?\w+")


def _size(index: int) -> Callable[[str], int | None]:
    def read(text: str) -> int | None:
        folded = fold(text)
        if found := _SIZE.search(folded):
            return int(found[index])
        side = _SIDE.search(folded)
        return int(side[1]) if side else None

    return read


def _weight(text: str) -> float | None:
    found = _WEIGHT.search(fold(text))
    return float(found[1].replace(",", ".")) if found else None


def _word(pattern: re.Pattern[str]) -> Callable[[str], str | None]:
    def read(text: str) -> str | None:
        found = pattern.search(fold(text))
        return found[1] if found else None

    return read


def _shows(text: str) -> list[str] | None:
    folded = _WITHOUT.sub(" ", fold(text))
    return [shown.value for shown, pattern in _SHOWS.items() if pattern.search(folded)] or None


READERS: Mapping[str, Callable[[str], Any]] = {
    "artwork_width": _size(1),
    "artwork_height": _size(2),
    "artwork_megabytes": _weight,
    "artwork_format": _word(_FORMAT),
    "artwork_colour": _word(_COLOUR),
    "artwork_shows": _shows,
}
"""One reader per slot."""
