"""Countries by their ISO code, and by their names in messages."""

import re
import tomllib
from functools import cache
from pathlib import Path

from relevo.domain.signals import Language
from relevo.triage.normalise import fold


@cache
def _names() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((Path(__file__).parent / "countries.toml").read_text("utf-8"))


@cache
def _reader() -> tuple[re.Pattern[str], dict[str, str]]:
    codes = {
        fold(name): code for code, names in _names().items() for texts in names.values() for name in texts
    }
    longest = sorted(codes, key=len, reverse=True)
    return re.compile(rf"(?<!\w)({'|'.join(map(re.escape, longest))})(?!\w)"), codes


def country_in(text: str) -> str | None:
    """The ISO 3166-1 alpha-2 code of the first country ``text`` names, or None."""
    pattern, codes = _reader()
    found = pattern.search(fold(text))
    return codes[found[1]] if found else None


def country_name(code: str, language: Language) -> str:
    """``CO`` → ``Colombia``; a code that is not in countries.toml stays a code."""
    names = _names().get(code)
    return names[language.value][0] if names else code
