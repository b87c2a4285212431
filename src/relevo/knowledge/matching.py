"""What of a query stands in a text: its words by their stems, found without reading the others.

A word and its stem begin alike but for the stem's last two letters (tests/unit/test_knowledge_matching.py),
so that only words that begin as a stem does are looked at.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from relevo.domain.signals import Language
from relevo.knowledge.words import foldings, sentences
from relevo.triage.stemming import stem

CHANGED = 2
"""Letters at a stem's end that its word may not have there: "presencia" and "present"."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A query in one language: its terms with what each is worth there."""

    language: Language
    worths: Mapping[str, float]
    _begins: re.Pattern[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        heads = {re.escape(term[: max(1, len(term) - CHANGED)]) for term in self.worths}
        object.__setattr__(self, "_begins", re.compile(rf"\b(?:{'|'.join(sorted(heads))})\w*"))

    def within(self, text: str) -> dict[str, str]:
        """The words of ``text`` that the query asks for, by their stem."""
        return self._of_folded(foldings(text))

    def best_sentence(self, text: str) -> tuple[str, float, dict[str, str]]:
        """The sentence whose asked words are worth most, what they are worth, and the words of all."""
        parts = sentences(foldings(text))
        matched: dict[str, str] = {}
        best, most = -1, 0.0
        for number, part in enumerate(parts):
            own = self._of_folded(part)
            held = sum(self.worths[term] for term in own)
            if held > most:
                best, most = number, held
            matched = own | matched
        if best < 0:
            return "", 0.0, matched
        said = sentences(text)
        if len(said) == len(parts):
            return said[best], most, matched
        return max(said, key=lambda each: self._worth(each)), most, matched  # folding took a mark away

    def _worth(self, text: str) -> float:
        return sum(self.worths[term] for term in self.within(text))

    def _of_folded(self, text: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for word in self._begins.findall(text):
            if (term := stem(word, self.language)) in self.worths:
                found.setdefault(term, word)
        return found
