"""Why a file cannot be read, as a word that is stored and a sentence that is told."""

import tomllib
from enum import StrEnum
from functools import cache
from pathlib import Path

from relevo.domain.signals import Language


class Why(StrEnum):
    """One reason each; ``why.toml`` says it in every language."""

    NAME = "name"
    UNKNOWN_KIND = "unknown_kind"
    WRONG_KIND = "wrong_kind"
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    PROJECT_FULL = "project_full"
    PASSWORD = "password"  # noqa: S105 - a reason, no secret
    NO_TEXT = "no_text"
    BROKEN = "broken"
    BOMB = "bomb"
    TRAVERSAL = "traversal"
    MEMORY = "memory"
    TIME = "time"
    TOO_MUCH_TEXT = "too_much_text"
    TRIES = "tries"
    NO_TRANSCRIPT = "no_transcript"
    NOT_EMBEDDED = "not_embedded"
    ADDRESS = "address"
    UNREACHABLE = "unreachable"


class Unreadable(Exception):
    """A file or an address that cannot be taken in, and why."""

    def __init__(self, why: Why) -> None:
        super().__init__(told(why))
        self.why = why


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads((Path(__file__).parent / "why.toml").read_text("utf-8"))


def told(why: str, language: Language = Language.EN) -> str:
    """The sentence for a stored reason; the reason itself where there is none."""
    return _texts().get(why, {}).get(language, why)
