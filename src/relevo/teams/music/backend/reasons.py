"""Why something was refused, rejected or held: a code, with its text and its remedy in both languages."""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from relevo.domain.signals import Language

REASONS = Path(__file__).parent.parent / "data" / "reasons.toml"


class UnknownReason(KeyError):
    """There is no text for this code in data/reasons.toml."""


@cache
def _texts() -> dict[str, dict[str, Any]]:
    """Code → ``text`` and ``fix`` → language → template; ``person`` where the remedy promises one."""
    return tomllib.loads(REASONS.read_text(encoding="utf-8"))


def known_reasons() -> frozenset[str]:
    return frozenset(_texts())


@dataclass(frozen=True, slots=True)
class Reason:
    """``code`` is a table of data/reasons.toml; ``values`` fill the braces of its texts.

    Raises UnknownReason for a code without a text.
    """

    code: str
    values: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.code not in _texts():
            raise UnknownReason(self.code)

    def text(self, language: Language) -> str:
        """What is wrong, as a sentence for the customer."""
        return self._fill("text", language)

    def fix(self, language: Language) -> str:
        """What the customer can do about it, as a sentence."""
        return self._fill("fix", language)

    @property
    def promises_person(self) -> bool:
        """Whether its remedy says that a person takes over now."""
        return bool(_texts()[self.code].get("person"))

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, **({"values": self.values} if self.values else {})}

    def _fill(self, part: str, language: Language) -> str:
        template: str = _texts()[self.code][part][language.value]
        return template.format_map(_Values(self.values)).replace(" (—)", "")


class _Values(dict[str, str]):
    """A dash for what is not known; in brackets it is left out."""

    def __missing__(self, key: str) -> str:
        return "—"
