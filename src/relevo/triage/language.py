"""Tells Spanish from English in short chat messages."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from relevo.domain.signals import Language
from relevo.triage.normalise import Text, prepare

_SURE = 1.5  # log odds under which the previous language, when there is one, wins
_FUNCTION_WORD = 2.5
_FUNCTION_WORDS = {
    Language.ES: frozenset(
        "el la los las un una unos unas de del al que y o en por para con sin se mi mis tu tus su sus lo le "
        "les me te nos es son esta este esto esa ese eso estan fue ha han hay como cuando donde cuanto "
        "cual porque pero si muy mas ya aun todavia tambien hola gracias quiero tengo puedo buenas buenos "
        "dias tardes noches yo ustedes usted favor necesito hacer ver soy estoy vale dale bueno nada".split()
    ),
    Language.EN: frozenset(
        "the an of and or in on at to for with without is are was were be been am i my your his her its our "
        "their you he she it we they this that these those what when where how which who why because but if "
        "very more not do does did can could would should have has had will just please thanks hello hi hey "
        "want need get from there here about still yet any some yes".split()
    ),
}
_SIGNS = (("ñ", 3.0), ("¿", 4.0), ("¡", 4.0), ("á", 1.0), ("é", 1.0), ("í", 1.0), ("ó", 1.0), ("ú", 1.0))


class LanguageDetector:
    """Log odds of Spanish over English from function words, Spanish signs and learnt letter trigrams."""

    def __init__(self, odds: Mapping[str, float]) -> None:
        self._odds = odds

    @classmethod
    def train(cls, lines: Mapping[Language, Iterable[str]]) -> "LanguageDetector":
        """Learn trigrams from ``lines`` of each language."""
        counts: dict[Language, Counter[str]] = {Language.ES: Counter(), Language.EN: Counter()}
        for language, own in lines.items():
            words = Counter(word for line in own for word in prepare(line).words)
            for word, count in words.items():
                for gram in _trigrams(word):
                    counts[language][gram] += min(count, 5)
        es, en = counts[Language.ES], counts[Language.EN]
        vocabulary = es.keys() | en.keys()
        es_whole = sum(es.values()) + len(vocabulary)
        en_whole = sum(en.values()) + len(vocabulary)
        return cls(
            {
                gram: math.log((es[gram] + 1) / es_whole) - math.log((en[gram] + 1) / en_whole)
                for gram in vocabulary
            }
        )

    def detect(self, text: Text, previous: Language | None = None) -> Language:
        """The language of ``text``; where it does not show, the ``previous`` one, else Spanish."""
        odds = self._odds_of(text.words)
        lowered = text.clean.lower()
        odds += sum(weight for sign, weight in _SIGNS if sign in lowered)
        if previous is not None and abs(odds) < _SURE:
            return previous
        return Language.ES if odds >= 0 else Language.EN

    def _odds_of(self, words: Sequence[str]) -> float:
        total = 0.0
        for word in words:
            if word in _FUNCTION_WORDS[Language.ES]:
                total += _FUNCTION_WORD
            elif word in _FUNCTION_WORDS[Language.EN]:
                total -= _FUNCTION_WORD
            else:
                grams = _trigrams(word)
                total += sum(self._odds.get(gram, 0.0) for gram in grams) / len(grams)
        return total


def _trigrams(word: str) -> list[str]:
    padded = f"<{word}>"
    return [padded[start : start + 3] for start in range(max(1, len(padded) - 2))]
