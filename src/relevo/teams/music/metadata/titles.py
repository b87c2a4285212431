"""How stores want a title written."""

import re
import unicodedata

from relevo.teams.music.backend.reasons import Reason

MOST_CHARACTERS = 200

_PROMOTION = re.compile(
    r"[\s\-–—|]*[(\[]?\b(?:official\s+(?:music\s+|lyric\s+)?(?:video|audio|visuali[sz]er)"
    r"|(?:v[ií]deo|audio|lyric\s+video|videoclip)\s+oficial|(?:lyric|music)\s+video|visuali[sz]er"
    r"|out\s+now|ya\s+disponible|exclusiv[eo]|new\s+single|nuevo\s+sencillo|hq|4k)\b[)\]]?",
    re.IGNORECASE,
)
_GUEST = re.compile(
    r"\s*[(\[]?\s*\b(?:feat\.?|ft\.?|featuring|con la participación de)\s+(?P<who>[^()\[\]]+)",
    re.IGNORECASE,
)
_WELL_WRITTEN_GUEST = re.compile(r"\((?:feat\.|with|con) [^()]+\)")
_VERSION = re.compile(
    r"\s+[-–—]\s*(?P<version>[^()\[\]]*\b(?:remix|mix|live|en vivo|acoustic|acústic[ao]"
    r"|remaster(?:ed)?|remasterizad[ao]|instrumental|karaoke|demo|edit|version|versión|unplugged|sped up"
    r"|slowed)\b[^()\[\]]*)$",
    re.IGNORECASE,
)
_SMALL = frozenset(
    [
        "a",
        "al",
        "and",
        "con",
        "de",
        "del",
        "e",
        "el",
        "en",
        "for",
        "in",
        "la",
        "las",
        "los",
        "o",
        "of",
        "on",
        "or",
        "the",
        "to",
        "u",
        "un",
        "una",
        "y",
    ]
)


def check_title(title: str) -> tuple[Reason, ...]:
    """Everything that stores would send a title back for, with the title as it should be where it can be."""
    bare = title.strip()
    if not bare:
        return (Reason("title_empty"),)
    if len(bare) > MOST_CHARACTERS:
        return (Reason("title_too_long", {"found": str(len(bare)), "most": str(MOST_CHARACTERS)}),)
    checks = (
        _promotion(bare),
        _symbols(bare),
        _guests(bare),
        _version(bare),
        _capitals(bare),
        _spaces(title),
    )
    return tuple(reason for reason in checks if reason is not None)


def _promotion(title: str) -> Reason | None:
    found = _PROMOTION.search(title)
    if found is None:
        return None
    rest = " ".join((title[: found.start()] + title[found.end() :]).split())
    words = found.group().strip(" -–—|()[]")
    return Reason("title_promotion", {"found": words, "suggestion": rest or "—"})


def _symbols(title: str) -> Reason | None:
    """Emoji and pictures: Unicode's "other symbols", which no letter, digit or punctuation mark is."""
    symbols = [char for char in title if unicodedata.category(char) in {"So", "Cs", "Co"}]
    return Reason("title_symbol", {"found": "".join(symbols[:5])}) if symbols else None


def _guests(title: str) -> Reason | None:
    found = _GUEST.search(title)
    if found is None or _WELL_WRITTEN_GUEST.search(title):
        return None
    name = title[: found.start()].strip()
    who = found["who"].strip(" -–—")
    return Reason("title_featuring", {"found": title, "suggestion": f"{name} (feat. {who})".strip()})


def _version(title: str) -> Reason | None:
    found = _VERSION.search(title)
    if found is None:
        return None
    suggestion = f"{title[: found.start()].strip()} ({found['version'].strip()})"
    return Reason("title_version", {"found": title, "suggestion": suggestion})


def _capitals(title: str) -> Reason | None:
    """Five letters or more: DNA, TQG and LOVE are names as they stand."""
    if not title.isupper() or sum(char.isalpha() for char in title) < 5:
        return None
    words = title.lower().split()
    cased = [word if at and word in _SMALL else word[:1].upper() + word[1:] for at, word in enumerate(words)]
    return Reason("title_all_caps", {"found": title, "suggestion": " ".join(cased)})


def _spaces(title: str) -> Reason | None:
    tidy = " ".join(title.split())
    return None if tidy == title else Reason("title_spaces", {"suggestion": tidy})
