"""Finds concepts (small named word lists) in a message, and patterns of concepts near each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from relevo.triage.normalise import Text

_PREFIX_KEY = 3
_MEMORY = 20_000
_NUMBERS = frozenset(  # one is left out: it is an article in Spanish
    {"dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce", "quince"}
    | {"veinte", "treinta", "cuarenta", "two", "three", "four", "five", "six", "seven", "eight", "nine"}
    | {"ten", "eleven", "twelve", "fifteen", "twenty", "thirty", "forty", "ninety"}
)
_MANY = 24  # places kept per concept: bounds the work on a text that repeats itself

Spots = Mapping[str, Sequence[int]]
"""Where each concept found stands: positions in words, ascending."""

_Entry = tuple[str, tuple[str, ...]]  # a concept and the words that must follow


class Concepts:
    """Named word lists, in all languages at once.

    An entry is a folded word (``pago``), a beginning of at least three letters (``hacke*``) or a phrase of
    such words (``take* down``), in which ``#`` is any number. A phrase stands where its first word stands.
    """

    def __init__(self, lists: Mapping[str, Sequence[str]]) -> None:
        self._exact: dict[str, list[_Entry]] = {}
        self._starting: dict[str, list[tuple[str, _Entry]]] = {}
        self._memory: dict[str, _Opened] = {}
        for concept, entries in lists.items():
            for entry in entries:
                first, *rest = entry.split()
                if not first.endswith("*"):
                    self._exact.setdefault(first, []).append((concept, tuple(rest)))
                elif len(first) > _PREFIX_KEY:
                    starting = self._starting.setdefault(first[:_PREFIX_KEY], [])
                    starting.append((first[:-1], (concept, tuple(rest))))
                else:
                    raise ValueError(f"concept {concept}: {entry!r} needs {_PREFIX_KEY} letters before *")

    def spot(self, text: Text) -> dict[str, list[int]]:
        """Every concept in ``text`` with the places where it begins."""
        spots: dict[str, list[int]] = {}
        words = (*text.words, "")
        for index, place in enumerate(text.places):
            opened = self._opened(words[index])
            found = opened.alone
            following = words[index + 1]
            phrases = (*opened.followed.get(following, ()), *opened.followed.get("*", ()))
            if _is_number(following):
                phrases = (*phrases, *opened.followed.get("#", ()))
            if phrases:
                found = (*found, *(concept for concept, rest in phrases if _follows(words, index + 1, rest)))
            for concept in found:
                places = spots.setdefault(concept, [])
                if len(places) < _MANY and (not places or places[-1] != place):
                    places.append(place)
        return spots

    def _opened(self, word: str) -> "_Opened":
        """What ``word`` opens: looked up once per word."""
        known = self._memory.get(word)
        if known is None:
            if len(self._memory) >= _MEMORY:
                self._memory.clear()
            entries = list(self._exact.get(word, ()))
            for start, entry in self._starting.get(word[:_PREFIX_KEY], ()):
                if word.startswith(start):
                    entries.append(entry)
            followed: dict[str, list[_Entry]] = {}
            for concept, rest in entries:
                if rest:
                    followed.setdefault("*" if rest[0].endswith("*") else rest[0], []).append((concept, rest))
            alone = tuple(concept for concept, rest in entries if not rest)
            known = self._memory[word] = _Opened(alone, followed)
        return known


@dataclass(frozen=True, slots=True)
class _Opened:
    """The concepts of a word alone, and the phrases it begins by their next word ("*": a beginning)."""

    alone: tuple[str, ...]
    followed: Mapping[str, Sequence[_Entry]]


def _follows(words: Sequence[str], index: int, rest: Sequence[str]) -> bool:
    if index + len(rest) > len(words):
        return False
    return all(_fits(words[index + offset], part) for offset, part in enumerate(rest))


def _is_number(word: str) -> bool:
    return word.isdigit() or word in _NUMBERS


def _fits(word: str, part: str) -> bool:
    if part.endswith("*"):
        return word.startswith(part[:-1])
    return word == part or (part == "#" and _is_number(word))


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
        if not others:
            return True
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
