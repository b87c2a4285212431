"""A naive Bayes text classifier over stems, stem pairs and letter n-grams; it trains in milliseconds."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from relevo.domain.signals import Language
from relevo.triage.normalise import Text, prepare, stem

_SMOOTHING = 0.3
_GRAM_WEIGHT = 0.25
_PAIR_WEIGHT = 0.6


@lru_cache(maxsize=20_000)
def _grams(word: str) -> tuple[str, ...]:
    padded = f"<{word}>"
    return tuple(
        padded[start : start + size] for size in (3, 4, 5) for start in range(len(padded) - size + 1)
    )


@dataclass(frozen=True, slots=True)
class Verdict:
    """Calibrated probability per label, and the share (0–1) of the message's words the training has seen."""

    scores: Mapping[str, float]
    coverage: float


class Classifier:
    """Complement naive Bayes (Rennie et al., 2003): each label is weighed against all the others.

    It stays fair to a label with few examples, where the multinomial form lets it drown or flood.
    """

    def __init__(self, labels: Sequence[str], weights: Mapping[str, tuple[float, ...]], vocabulary: set[str]):
        self.labels = tuple(labels)
        self._weights = weights
        self._vocabulary = vocabulary

    @classmethod
    def train(cls, examples: Mapping[str, Mapping[Language, Sequence[str]]]) -> "Classifier":
        """Learn from ``examples``: label → language → lines."""
        labels = sorted(examples)
        counts: dict[str, Counter[str]] = {}
        vocabulary: set[str] = set()
        for label in labels:
            words: Counter[str] = Counter()
            own: Counter[str] = Counter()
            for language, lines in examples[label].items():
                for line in lines:
                    stems = [stem(word, language) for word in prepare(line).words]
                    words.update(set(stems))
                    own.update(_pairs(stems))
            vocabulary.update(words)
            for word, count in words.items():
                own[f"={word}"] += count
                for gram in _grams(word):
                    own[gram] += count
            counts[label] = own
        return cls(labels, _weigh([counts[label] for label in labels]), vocabulary)

    def read(self, text: Text, language: Language) -> Verdict:
        """The verdict on one message in ``language``."""
        stems = [stem(word, language) for word in text.words]
        totals = [0.0] * len(self.labels)
        weights = self._weights
        mass = 0.0
        for features, share in (
            ((f"={word}" for word in stems), 1.0),
            (_pairs(stems), _PAIR_WEIGHT),
            ((gram for word in stems for gram in _grams(word)), _GRAM_WEIGHT),
        ):
            for feature in features:
                row = weights.get(feature)
                if row is not None:
                    mass += share
                    for index, weight in enumerate(row):
                        totals[index] += share * weight
        coverage = sum(word in self._vocabulary for word in stems) / len(stems) if stems else 0.0
        return Verdict(dict(zip(self.labels, _softmax(totals, 1.0), strict=True)), coverage)


def _pairs(stems: Sequence[str]) -> Iterable[str]:
    return (f"{left} {right}" for left, right in zip(stems, stems[1:], strict=False))


def _weigh(counts: Sequence[Counter[str]]) -> dict[str, tuple[float, ...]]:
    everything: Counter[str] = Counter()
    for own in counts:
        everything.update(own)
    totals = [sum(own.values()) for own in counts]
    whole = sum(totals)
    rest = [math.log(whole - total + _SMOOTHING * len(everything)) for total in totals]
    return {
        feature: tuple(
            rest[index] - math.log(count - own.get(feature, 0) + _SMOOTHING)
            for index, own in enumerate(counts)
        )
        for feature, count in everything.items()
    }


def _softmax(values: Sequence[float], temperature: float) -> list[float]:
    if not values:
        return []
    top = max(values)
    powers = [math.exp((value - top) / temperature) for value in values]
    whole = sum(powers)
    return [power / whole for power in powers]
