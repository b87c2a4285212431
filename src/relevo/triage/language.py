"""Tells Spanish from English in short chat messages."""

import math
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping

from relevo.domain.signals import Language
from relevo.triage.lexicons import LEXICONS
from relevo.triage.normalise import Text, prepare

_SURE = 1.5  # log odds under which the previous language, when there is one, wins
_TERSE = 3  # words; a title or a name is no change of language ...
_SURE_OF_TERSE = 4.5  # ... unless much speaks for it
_LEAST = 1.0  # log odds that English needs where nothing was said before
_OFTEN = 5  # a word counts at most so often: names of stores and plans stand in both languages
_MEMORY = 20_000
_FUNCTION_WORD = 2.5
_FUNCTION_WORDS = {
    Language(code): frozenset(words)
    for code, words in tomllib.loads((LEXICONS / "language.toml").read_text(encoding="utf-8")).items()
}
_BOTH = frozenset({"ok", "okay", "okey", "no", "spotify", "tiktok", "pro", "label"})
"""Words that tell nothing, although one language uses them more."""
_ADDRESS = re.compile(r"\S*(?:://|www\.|@)\S*", re.IGNORECASE)
"""Addresses are in no language."""
_SIGNS = (("ñ", 3.0), ("¿", 4.0), ("¡", 4.0), ("á", 1.0), ("é", 1.0), ("í", 1.0), ("ó", 1.0), ("ú", 1.0))


class LanguageDetector:
    """Log odds of Spanish over English from function words, signs, learnt words and trigrams."""

    def __init__(self, odds: Mapping[str, float]) -> None:
        self.odds = odds
        self._words: dict[str, float] = {}

    @classmethod
    def train(cls, lines: Mapping[Language, Iterable[str]]) -> "LanguageDetector":
        """Learn words and trigrams from ``lines`` of each language."""
        counts: dict[Language, Counter[str]] = {Language.ES: Counter(), Language.EN: Counter()}
        for language, own in lines.items():
            words = Counter(word for line in own for word in prepare(line).words)
            for word, count in words.items():
                counts[language][f"={word}"] += min(count, _OFTEN)
                for gram in _trigrams(word):
                    counts[language][gram] += min(count, _OFTEN)
        es, en = counts[Language.ES], counts[Language.EN]
        vocabulary = es.keys() | en.keys()
        es_whole = sum(es.values()) + len(vocabulary)
        en_whole = sum(en.values()) + len(vocabulary)
        return cls(
            {
                gram: round(math.log((es[gram] + 1) / es_whole) - math.log((en[gram] + 1) / en_whole), 4)
                for gram in vocabulary
            }
        )

    def detect(self, text: Text, previous: Language | None = None) -> Language:
        """The language of ``text``; where it does not show, the ``previous`` one, else Spanish."""
        if _ADDRESS.search(text.clean) is not None:
            text = prepare(_ADDRESS.sub(" ", text.clean))
        odds = sum(self._odds_of(word) for word in text.words)
        lowered = text.clean.lower()
        odds += sum(weight for sign, weight in _SIGNS if sign in lowered)
        if previous is not None and abs(odds) < (_SURE_OF_TERSE if len(text.words) <= _TERSE else _SURE):
            return previous
        return Language.EN if odds < -_LEAST else Language.ES

    def _odds_of(self, word: str) -> float:
        known = self._words.get(word)
        if known is None:
            if len(self._words) >= _MEMORY:
                self._words.clear()
            if word in _BOTH:
                known = 0.0
            elif word in _FUNCTION_WORDS[Language.ES]:
                known = _FUNCTION_WORD
            elif word in _FUNCTION_WORDS[Language.EN]:
                known = -_FUNCTION_WORD
            else:
                grams = _trigrams(word)
                known = sum(self.odds.get(gram, 0.0) for gram in grams) / len(grams)
                known += self.odds.get(f"={word}", 0.0)
            self._words[word] = known
        return known


def _trigrams(word: str) -> list[str]:
    padded = f"<{word}>"
    return [padded[start : start + 3] for start in range(max(1, len(padded) - 2))]
