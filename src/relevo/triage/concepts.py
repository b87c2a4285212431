"""Finds concepts (small named word lists) in a message, and patterns of concepts near each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from relevo.triage.normalise import Text

_PREFIX_KEY = 3
_MEMORY = 20_000

Spots = Mapping[str, Sequence[int]]
"""Where each concept found stands: positions in words, ascending."""


class Concepts:
    """Named word lists, in all languages at once.

    An entry is a folded word (``pago``), a beginning of at least three letters (``hacke*``) or a phrase of
    such words (``take* down``). A phrase stands where its first word stands.
    """

    def __init__(self, lists: Mapping[str, Sequence[str]]) -> None:
        self._exact: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        self._starting: dict[str, list[tuple[str, str, tuple[str, ...]]]] = {}
        self._memory: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {}
        for concept, entries in lists.items():
            for entry in entries:
                first, *rest = entry.split()
                if first.endswith("*"):
                    if len(first) <= _PREFIX_KEY:
                        raise ValueError(f"concept {concept}: {entry!r} needs {_PREFIX_KEY} letters before *")
                    starting = self._starting.setdefault(first[:_PREFIX_KEY], [])
                    starting.append((first[:-1], concept, tuple(rest)))
                else:
                    self._exact.setdefault(first, []).append((concept, tuple(rest)))

    def spot(self, text: Text) -> dict[str, list[int]]:
        """Every concept in ``text`` with the places where it begins."""
        spots: dict[str, list[int]] = {}
        words = text.words
        for index, word in enumerate(words):
            for concept, rest in self._entries(word):
                if not rest or _follows(words, index + 1, rest):
                    places = spots.setdefault(concept, [])
                    if not places or places[-1] != text.places[index]:
                        places.append(text.places[index])
        return spots

    def _entries(self, word: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        known = self._memory.get(word)
        if known is None:
            if len(self._memory) >= _MEMORY:
                self._memory.clear()
            known = self._memory[word] = (
                *self._exact.get(word, ()),
                *(
                    (concept, rest)
                    for start, concept, rest in self._starting.get(word[:_PREFIX_KEY], ())
                    if word.startswith(start)
                ),
            )
        return known


def _follows(words: Sequence[str], index: int, rest: tuple[str, ...]) -> bool:
    if index + len(rest) > len(words):
        return False
    return all(
        words[index + offset].startswith(part[:-1]) if part.endswith("*") else words[index + offset] == part
        for offset, part in enumerate(rest)
    )


@dataclass(frozen=True, slots=True)
class Pattern:
    """Concepts that must stand near each other: ``a + b`` in any order, ``a > b`` in that order.

    ``within`` is the largest distance, in words, between the first concept and any other (``+``), or from
    one concept to the next (``>``). A sentence's end counts as four words.
    """

    concepts: tuple[str, ...]
    ordered: bool
    within: int

    @classmethod
    def parse(cls, source: str, *, within: int = 6) -> "Pattern":
        """Read ``a``, ``a + b`` or ``a > b > c``. Raises ValueError when both signs are mixed."""
        if "+" in source and ">" in source:
            raise ValueError(f"pattern {source!r} mixes + and >")
        ordered = ">" in source
        concepts = tuple(part.strip() for part in source.split(">" if ordered else "+"))
        return cls(concepts, ordered, within)

    def matches(self, spots: Spots) -> bool:
        """Whether the pattern stands anywhere in the message with these ``spots``."""
        places = []
        for concept in self.concepts:
            found = spots.get(concept)
            if not found:
                return False
            places.append(found)
        first, *others = places
        if self.ordered:
            return any(self._leads(start, others) for start in first)
        return any(
            all(any(abs(place - start) <= self.within for place in other) for other in others)
            for start in first
        )

    def _leads(self, place: int, rest: Sequence[Sequence[int]]) -> bool:
        if not rest:
            return True
        return any(self._leads(after, rest[1:]) for after in rest[0] if place < after <= place + self.within)
