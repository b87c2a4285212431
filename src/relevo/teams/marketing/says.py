"""The team's own sentences, by name and language."""

import tomllib
from functools import cache
from pathlib import Path

from relevo.domain.signals import Language

FILE = Path(__file__).parent / "data" / "says.toml"


def say(name: str, language: Language, /, **values: object) -> str:
    """Raises KeyError for an unknown name or value."""
    return sentences()[name][language].format(**values)


@cache
def sentences() -> dict[str, dict[Language, str]]:
    raw = tomllib.loads(FILE.read_text("utf-8"))
    return {name: {Language(code): text for code, text in each.items()} for name, each in raw.items()}
