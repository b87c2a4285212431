"""What does a call cost? The price list ``prices.toml``."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_LIST = Path(__file__).with_name("prices.toml")
_EDITION = re.compile(r"(-\d[\d-]*|-latest|-preview.*|:.*)?")
"""What may follow a listed name in the same model: a date, ``-latest``, ``-preview…``, ``:variant``.
``gpt-5-pro`` is not an edition of ``gpt-5``: it costs twelve times as much."""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens."""

    input: float
    output: float

    def cost(self, input_tokens: int, output_tokens: int) -> float:
        """US dollars for so many tokens."""
        return (input_tokens * self.input + output_tokens * self.output) / 1_000_000


class Prices:
    """Prices by model name; ``provider/name`` (OpenRouter) finds ``name`` too."""

    def __init__(self, prices: dict[str, Price]) -> None:
        self._prices = prices

    @classmethod
    def load(cls, path: Path = _LIST) -> Self:
        """Reads a price list; see prices.toml for its form. Raises OSError, ValueError or TypeError."""
        listed = tomllib.loads(path.read_text(encoding="utf-8"))
        return cls({name: Price(**price) for name, price in listed.items()})

    def of(self, model: str) -> Price | None:
        """The price of the longest listed name that ``model`` is an edition of, None when there is none."""
        for name in (model, model.rpartition("/")[2]):
            known = [k for k in self._prices if name.startswith(k) and _EDITION.fullmatch(name[len(k) :])]
            if known:
                return self._prices[max(known, key=len)]
        return None
