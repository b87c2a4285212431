"""The console's own words, by name and language."""

import tomllib
from functools import cache
from pathlib import Path

from relevo.domain.signals import Language


def words(language: Language) -> dict[str, str]:
    """Every text of the console in a language, by name."""
    return _words()[language]


@cache
def _words() -> dict[Language, dict[str, str]]:
    raw = tomllib.loads((Path(__file__).parent / "words.toml").read_text("utf-8"))
    return {language: {name: each[language] for name, each in raw.items()} for language in Language}
