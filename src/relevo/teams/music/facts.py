"""What people tell about themselves, read conservatively: a fact that is not plainly stated is not a fact."""

import re
from collections.abc import Mapping
from typing import Any

from relevo.domain.signals import Language
from relevo.teams.music.countries import country_in
from relevo.teams.music.mentions import artists_in
from relevo.teams.music.plan_names import plan_wanted
from relevo.triage.normalise import fold

_WORD = r"[^\W\d_][^\W\d_'’-]{1,19}"
_STATED_NAME = re.compile(
    rf"\b(?:me llamo|mi nombre es|my name is|my name's|call me)\s+((?:{_WORD})(?:\s+{_WORD}){{0,3}})", re.I
)
_PRESENTED_NAME = re.compile(
    rf"(?:^|[.,!¡;\n]\s*|\b(?:[Hh]ola|[Bb]uenas|[Hh]ey|[Hh]i|[Hh]ello|[Tt]ardes|[Dd]ías|[Nn]oches)\s+)"
    rf"(?:[Ss]oy|[Ii]['’]?m|[Ii] am|[Tt]his is)\s+([A-ZÁÉÍÓÚÑ]{_WORD[5:]}(?:\s+[A-ZÁÉÍÓÚÑ]{_WORD[5:]}){{0,2}})"
    rf"(?=\s*(?:[.,!;\n]|$)|\s+(?:y|e|and|de|from|del|here|aquí)\b)"
)
_NAME_ENDS = frozenset(
    [
        "y",
        "e",
        "and",
        "pero",
        "but",
        "de",
        "del",
        "desde",
        "from",
        "tengo",
        "soy",
        "vivo",
        "quiero",
        "quisiera",
        "necesito",
        "hago",
        "i",
        "im",
        "with",
        "con",
        "por",
        "para",
        "the",
        "a",
        "en",
        "mi",
        "my",
        "is",
        "es",
        "que",
        "como",
        "artistic",
        "artistico",
        "hola",
    ]
)
_NOT_NAMES = frozenset(
    [
        "igual",
        "asi",
        "artist",
        "artista",
        "cantante",
        "productor",
        "productora",
        "rapero",
        "rapera",
        "musico",
        "musica",
        "dj",
        "mc",
        "label",
        "sello",
        "manager",
        "banda",
        "solista",
        "independiente",
        "nuevo",
        "nueva",
        "cliente",
        "usuario",
        "user",
        "admin",
        "administrador",
        "administrator",
        "system",
        "sistema",
        "root",
        "developer",
        "desarrollador",
        "soporte",
        "support",
        "ventas",
        "sales",
        "regalias",
        "royalties",
        "humano",
        "human",
        "bot",
        "agente",
        "agent",
        "operador",
        "operator",
        "ceo",
        "director",
        "directora",
        "owner",
        "dueno",
        "duena",
        "staff",
        "empleado",
        "employee",
        "ignora",
        "ignore",
        "olvida",
        "forget",
        "instrucciones",
        "instructions",
        "instruction",
        "prompt",
        "previous",
        "anteriores",
        "all",
        "todas",
        "todo",
        "rules",
        "reglas",
        "override",
        "colombiano",
        "colombiana",
        "mexicano",
        "mexicana",
        "argentino",
        "argentina",
        "chileno",
        "chilena",
        "peruano",
        "peruana",
        "espanol",
        "espanola",
        "venezolano",
        "venezolana",
        "latino",
        "latina",
        "american",
        "mexican",
        "colombian",
        "canadian",
        "british",
        "english",
        "spanish",
        "german",
        "french",
        "italian",
        "brazilian",
        "nigerian",
        "indian",
        "australian",
        "irish",
        "welsh",
        "scottish",
        "latin",
        "jewish",
        "muslim",
        "christian",
        "gospel",
        "trap",
        "rock",
        "pop",
        "jazz",
        "reggaeton",
        "hip",
        "mal",
        "bien",
        "wrong",
        "not",
        "no",
        "si",
        "yes",
        "lo",
        "la",
        "el",
        "un",
        "una",
        "otro",
        "otra",
        "null",
        "none",
        "undefined",
        "select",
        "drop",
        "locked",
        "stuck",
        "happy",
        "sorry",
        "sad",
        "angry",
        "done",
        "ready",
        "new",
        "here",
        "interested",
        "looking",
        "trying",
        "having",
        "getting",
        "going",
        "sure",
        "pretty",
        "really",
        "very",
        "just",
        "so",
        "also",
        "still",
        "now",
    ]
)
_GENRES = {
    "reggaeton": "regueton|reggaeton|regaeton|perreo", "trap": "trap", "rap": "rap|rapero|rapera|rapper",
    "hip hop": "hip hop|hiphop|hip-hop", "rock": "rock|rockero|rockera", "pop": "pop", "indie": "indie",
    "jazz": "jazz", "cumbia": "cumbia", "salsa": "salsa", "bachata": "bachata", "merengue": "merengue",
    "vallenato": "vallenato", "corridos": "corridos|corridos tumbados", "banda": "musica de banda|banda sinaloense",
    "norteño": "norteno|nortena", "mariachi": "mariachi", "ranchera": "ranchera|rancheras", "folk": "folk|folclor",
    "electronic": "electronica|electronic|edm", "techno": "techno", "house": "house music|deep house|tech house",
    "metal": "metal", "punk": "punk", "r&b": "r&b|rnb", "soul": "soul", "blues": "blues", "reggae": "reggae",
    "dancehall": "dancehall", "afrobeats": "afrobeats?", "gospel": "gospel", "christian": "musica cristiana|christian music",
    "classical": "clasica|classical", "bolero": "boleros?", "tango": "tango", "flamenco": "flamenco",
    "funk": "funk", "country": "country music", "lo-fi": "lo-?fi", "drill": "drill", "ambient": "ambient",
}  # fmt: skip
_I_MAKE = (
    r"(?:hago|hacemos|toco|tocamos|produzco|producimos|canto|cantamos|grabo|mi (?:musica|genero|estilo) es"
    r"|(?:artista|productora?|cantante|banda|grupo|duo|dueto|sello|musico|compositora?|dj|proyecto)(?: \w+){0,2} de"
    r"|i make|we make|i play|we play|i produce|i sing|i record|my (?:music|genre|style) is|soy|i m an?|im an?|i am an?)"
)
_MADE_BY = r"(?:artist|band|producer|singer|label|rapper|musician|duo|act|project)"
_GENRE = {
    genre: re.compile(
        rf"\b{_I_MAKE}(?: \w+){{0,3}}? (?:{names})\b|\b(?:i am an?|im an?|we are an?)(?: \w+){{0,2}} (?:{names}) {_MADE_BY}\b"
    )
    for genre, names in _GENRES.items()
}
_DISTRIBUTORS = {
    "DistroKid": "distro ?kid", "TuneCore": "tune ?core", "CD Baby": "cd ?baby", "ONErpm": "one ?rpm",
    "Ditto": "ditto(?: music)?", "Believe": "believe(?: music)?", "Symphonic": "symphonic", "AWAL": "awal",
    "UnitedMasters": "united ?masters", "Amuse": "amuse", "RouteNote": "route ?note", "The Orchard": "the orchard",
    "LANDR": "landr", "Altafonte": "altafonte", "FUGA": "fuga",
}  # fmt: skip
_COMING_FROM = (
    r"(?:veng[oa]|venimos|llego|migr\w*|pasar\w*|paso|cambi\w*|traer\w*|mov\w*|mud\w*|salir\w*|saliendo|dejar|dejando"
    r"|irme|sacar\w*|leav\w*|mov\w*|switch\w*|com\w+|transfer\w*|bring\w*)(?: \w+){0,6}? (?:de|desde|from|off|out of|away from)"
    r"|(?:estoy|estamos|tengo|tenemos|distribuyo|distribuimos|publico|subo|uso|usamos)(?: \w+){0,5}? (?:en|con|por|a)"
    r"|(?:uso|usamos|i use|we use|leaving|leave|i m with|im with|i am with|we are with|currently (?:with|on|using)|dejo|dejar)"
    r"|mi distribuidora(?: actual)? es|my distributor is"
)
_DISTRIBUTOR = {
    name: re.compile(rf"\b(?:{_COMING_FROM}) (?:(?:el|la|a|con|the) )?(?:{names})\b")
    for name, names in _DISTRIBUTORS.items()
}
_FROM_COUNTRY = re.compile(
    r"\b(?:soy de|somos de|vivo en|vivimos en|resid\w+ en|con sede en|radicad\w+ en|te escribo desde|les escribo desde"
    r"|escribo desde|desde|i m from|im from|i am from|we are from|i live in|we live in|based in|based out of"
    r"|writing from)\s+(.{2,40})"
)
_ANYTHING_ELSE = re.compile(r"[^\w\s&-]+")


def facts(text: str, language: Language) -> Mapping[str, Any]:
    """Slot → value: ``name``, ``genre``, ``distributor``, ``plan_of_interest`` (the plan's name), ``artists``
    (a count) and ``country`` (ISO code), of those that ``text`` plainly states."""
    folded = " ".join(_ANYTHING_ELSE.sub(" ", fold(text)).split())
    found = {
        "name": _name(text),
        "genre": _first(_GENRE, folded),
        "distributor": _first(_DISTRIBUTOR, folded),
        "plan_of_interest": plan.name if (plan := plan_wanted(text)) else None,
        "artists": artists_in(text),
        "country": country_in(place[1]) if (place := _FROM_COUNTRY.search(folded)) else None,
    }
    return {slot: value for slot, value in found.items() if value is not None}


def name_in(text: str) -> str | None:
    """``text`` itself as a person's name: one to four words, none of them a role or an instruction."""
    return _clean(text) if re.fullmatch(rf"\W*{_WORD}(?:\s+{_WORD}){{0,3}}\W*", text) else _name(text)


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
