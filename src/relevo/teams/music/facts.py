"""What people tell about themselves, read conservatively: a fact that is not plainly stated is not a fact."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from relevo.domain.signals import Language
from relevo.teams.music.countries import country_in
from relevo.teams.music.mentions import artists_in
from relevo.teams.music.plan_names import plan_wanted
from relevo.triage.normalise import fold

_LEXICON: dict[str, Any] = tomllib.loads((Path(__file__).parent / "facts.toml").read_text("utf-8"))
_NAME_ENDS = frozenset(_LEXICON["name_ends"].split())
_NOT_NAMES = frozenset(_LEXICON["not_names"].split())

_TAIL = r"[^\W\d_](?:[^\W\d_]|['’-](?=[^\W\d_])){0,18}"
_WORD = rf"[^\W\d_]{_TAIL}"
_CAPITALISED = rf"[A-ZÁÉÍÓÚÑ]{_TAIL}"
_STATED_NAME = re.compile(
    rf"\b(?:me llamo|mi nombre es|my name is|my name's|call me)\s{{1,3}}({_WORD}(?:\s{{1,3}}{_WORD}){{0,3}})",
    re.IGNORECASE,
)
_PRESENTED_NAME = re.compile(
    r"(?:^|[.,!¡;\n][^\S\n]{0,3}|\b(?:[Hh]ola|[Bb]uenas|[Hh]ey|[Hh]i|[Hh]ello|[Tt]ardes|[Dd]ías|[Nn]oches)\s{1,3})"
    rf"(?:[Ss]oy|[Ii]['’]?m|[Ii] am|[Tt]his is)\s{{1,3}}({_CAPITALISED}(?:\s{{1,3}}{_CAPITALISED}){{0,2}})"
    r"(?=\s{0,3}(?:[.,!;\n]|$)|\s{1,3}(?:y|e|and|de|from|del|here|aquí)\b)"
)
_GENRE_OF_MINE = (
    r"(?:hago|hacemos|toco|tocamos|produzco|producimos|canto|cantamos|grabo|soy"
    r"|mi (?:musica|genero|estilo) es"
    r"|(?:artista|productora?|cantante|banda|grupo|duo|dueto|sello|musico|dj)(?: \w+){0,2} de"
    r"|i make|we make|i play|we play|i produce|i sing|i record|my (?:music|genre|style) is"
    r"|i ?m an?|i am an?)"
)
_WE_ARE_A = r"(?:i am an?|i ?m an?|we are an?)(?: \w+){0,2}"
_BY = r"(?:artist|band|producer|singer|label|rapper|musician|duo|act|project)"
_GENRES = {
    genre: re.compile(rf"\b{_GENRE_OF_MINE}(?: \w+){{0,3}}? (?:{names})\b|\b{_WE_ARE_A} (?:{names}) {_BY}\b")
    for genre, names in _LEXICON["genres"].items()
}
_MOVING = (
    r"(?:veng[oa]|venimos|llego|migr\w*|pasar\w*|paso|cambi\w*|traer\w*|mov\w*|mud\w*|salir\w*|saliendo|dejar"
    r"|dejando|irme|sacar\w*|leav\w*|switch\w*|com\w+|transfer\w*|bring\w*)"
    r"(?: \w+){0,6}? (?:de|desde|from|off|out of|away from)"
)
_STAYING = (
    r"(?:estoy|estamos|tengo|tenemos|distribuyo|distribuimos|publico|subo|uso)(?: \w+){0,5}? (?:en|con|por|a)"
    r"|uso|usamos|dejo|dejar|i use|we use|leaving|leave|i ?m with|i am with|we are with"
    r"|currently (?:with|on|using)"
    r"|mi distribuidora(?: actual)? es|my distributor is"
)
_DISTRIBUTORS = {
    name: re.compile(rf"\b(?:{_MOVING}|{_STAYING}) (?:(?:el|la|a|con|the) )?(?:{names})\b")
    for name, names in _LEXICON["distributors"].items()
}
_FROM_COUNTRY = re.compile(
    r"\b(?:soy de|somos de|vivo en|vivimos en|resid\w+ en|con sede en|radicad\w+ en|desde|i ?m from|i am from"
    r"|we are from|i live in|we live in|based in|based out of|writing from)\s+(.{2,40})"
)
_ANY_GENRE, _ANY_DISTRIBUTOR = (
    re.compile(rf" (?:{'|'.join(_LEXICON[kind].values())})\b") for kind in ("genres", "distributors")
)
"""Most messages name none, and need not be read for how each would be said."""
_MARKS = re.compile(r"[^\w\s&-]+")


def facts(text: str, language: Language) -> Mapping[str, Any]:
    """Slot → value: ``name``, ``genre``, ``distributor``, ``plan_of_interest`` (the plan's name), ``artists``
    (a count) and ``country`` (ISO code), of those that ``text`` plainly states."""
    folded = " ".join(_MARKS.sub(" ", fold(text)).split())
    plan, place = plan_wanted(text), _FROM_COUNTRY.search(folded)
    found = {
        "name": _name(text),
        "genre": _first(_GENRES, folded) if _ANY_GENRE.search(folded) else None,
        "distributor": _first(_DISTRIBUTORS, folded) if _ANY_DISTRIBUTOR.search(folded) else None,
        "plan_of_interest": plan.name if plan else None,
        "artists": artists_in(text),
        "country": country_in(place[1]) if place else None,
    }
    return {slot: value for slot, value in found.items() if value is not None}


def name_in(text: str) -> str | None:
    """The name ``text`` states, or ``text`` itself as one: up to four words, none a role or a command."""
    alone = re.fullmatch(rf"\W*{_WORD}(?:\s+{_WORD}){{0,3}}\W*", text)
    return _name(text) or (_clean(text) if alone else None)


def _name(text: str) -> str | None:
    found = _STATED_NAME.search(text) or _PRESENTED_NAME.search(text)
    return _clean(found[1]) if found else None


def _clean(written: str) -> str | None:
    words: list[str] = []
    for word in re.findall(_WORD, written):
        if fold(word) in _NAME_ENDS:
            break
        words.append(word)
    if not words or len(words) > 4 or any(fold(word) in _NOT_NAMES for word in words):
        return None
    return " ".join(word.title() if word.islower() or word.isupper() else word for word in words)


def _first(patterns: Mapping[str, re.Pattern[str]], folded: str) -> str | None:
    return next((name for name, pattern in patterns.items() if pattern.search(folded)), None)
