"""Softmax regression over stems, pairs, letters and topics, learnt at start from a few lines per label."""

import math
import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise
from typing import Any

from relevo.domain.signals import Language
from relevo.triage.normalise import Text, prepare

_STEM = 6  # letters kept of a word: in both languages at once, and held out a little better than Snowball
_PASSES = 2
_RATE = 4.0
_SETTLED = 0.1  # an example whose label already has all but this probability teaches nothing more
_PAIR = 0.25  # squared weight of a pair of stems; a stem weighs 1
_GRAM = 0.16  # squared weight of four letters
_TOPIC = 2.0  # squared weight of a topic
_NEW = 0.3  # squared weight of holding words that training has not seen
_RARE = 2  # letters seen in fewer examples are left out
_DIGITS = 4  # decimals kept of what was learnt: more change no reading
_SHARPNESS = 1.2  # fitted on held-out eighths of the music examples: 70 % said is 70 % right


@dataclass(frozen=True, slots=True)
class Verdict:
    """Calibrated probability per label, and the share (0–1) of the message's words that training has seen."""

    scores: Mapping[str, float]
    coverage: float


class Classifier:
    """Multinomial logistic regression on length-normalised TF-IDF features, learnt by stochastic gradient.

    Each weight is stored already multiplied by its feature's TF-IDF value, so that a reading is a plain sum
    of rows over the square root of the message's squared length.
    """

    def __init__(
        self,
        labels: Sequence[str],
        rows: Mapping[str, Sequence[float]],
        squares: Mapping[str, float],
        vocabulary: frozenset[str],
    ) -> None:
        self.labels = tuple(labels)
        self._rows = rows
        self._squares = squares
        self._vocabulary = vocabulary

    @classmethod
    def train(
        cls,
        examples: Mapping[str, Mapping[Language, Sequence[str]]],
        topics_of: Callable[[Text], Iterable[str]],
    ) -> "Classifier":
        """Learn from ``examples``: label → language → lines. The same lines give the same classifier.

        The topics of a line are features too, which carries what was learnt from one word over to its
        synonyms. A stem of a single line stands for all the words never seen.
        """
        labels = sorted(examples)
        seen: Counter[str] = Counter()
        read: list[tuple[int, tuple[str, ...], list[str], list[str]]] = []
        for index, label in enumerate(labels):
            for line in chain.from_iterable(examples[label].values()):
                text = prepare(line)
                stems = _stems(text.words)
                seen.update(set(stems))
                read.append((index, text.words, stems, list(topics_of(text))))
        common = frozenset(word for word, count in seen.items() if count > 1)
        data = [
            (index, [*_features(words, stems, topics), *_new_words(stems, common)])
            for index, words, stems, topics in read
        ]
        squares = _squares(data)
        return cls(labels, _learn(data, squares, len(labels)), squares, frozenset(seen))

    @classmethod
    def restore(cls, dumped: Mapping[str, Any]) -> "Classifier":
        """The classifier that gave this ``dump``."""
        labels, features = dumped["labels"], dumped["features"]
        weights = iter(dumped["weights"])
        rows = dict(zip(features, zip(*[weights] * len(labels), strict=True), strict=True)) if labels else {}
        squares = dict(zip(features, dumped["squares"], strict=True))
        return cls(labels, rows, squares, frozenset(dumped["vocabulary"]))

    def dump(self) -> dict[str, Any]:
        """What was learnt, in types that JSON has, and in few long lists, which are the fastest to read."""
        return {
            "labels": self.labels,
            "features": list(self._rows),
            "weights": list(chain.from_iterable(self._rows.values())),
            "squares": [self._squares[feature] for feature in self._rows],
            "vocabulary": sorted(self._vocabulary),
        }

    def read(self, text: Text, topics: Iterable[str]) -> Verdict:
        """The verdict on one message with these ``topics``."""
        stems = _stems(text.words)
        features = [*_features(text.words, stems, topics), *_new_words(stems, self._vocabulary)]
        known = [feature for feature in features if feature in self._squares]
        coverage = sum(word in self._vocabulary for word in stems) / len(stems) if stems else 0.0
        if not known:
            return Verdict({label: 1.0 / len(self.labels) for label in self.labels}, coverage)
        length = math.sqrt(sum(self._squares[feature] for feature in known))
        totals = [sum(column) for column in zip(*(self._rows[feature] for feature in known), strict=True)]
        chances = _softmax(totals, _SHARPNESS / length)
        return Verdict(dict(zip(self.labels, chances, strict=True)), coverage)


@lru_cache(maxsize=20_000)
def _grams(word: str) -> tuple[str, ...]:
    padded = f"<{word}>"
    return tuple(padded[start : start + 4] for start in range(len(padded) - 3))


def _stems(words: Sequence[str]) -> list[str]:
    return ["#" if word.isdigit() else word[:_STEM] for word in words]


def _features(words: Sequence[str], stems: Sequence[str], topics: Iterable[str]) -> list[str]:
    """Every feature once, in a fixed order: the order of sums must not hang on the process."""
    grams = chain.from_iterable(_grams(word) for word in words)
    pairs = (f"{left} {right}" for left, right in pairwise(["^", *stems, "$"]))
    named = (f"@{topic}" for topic in topics)
    return list(dict.fromkeys(chain((f"={word}" for word in stems), named, pairs, grams)))


def _new_words(stems: Sequence[str], known: frozenset[str]) -> list[str]:
    new = sum(word not in known for word in stems)
    if not new:
        return []
    return ["?one"] if new == 1 and len(stems) > 2 else ["?some"] if 2 * new < len(stems) else ["?most"]


_KINDS = {"=": 1.0, "@": _TOPIC, "?": _NEW}


def _squares(data: Sequence[tuple[int, Sequence[str]]]) -> dict[str, float]:
    """The squared TF-IDF value of every feature kept."""
    counts = Counter(feature for _, features in data for feature in features)
    squares = {}
    for feature, count in counts.items():
        kind = _KINDS.get(feature[0]) or (_PAIR if " " in feature else _GRAM)
        if count >= _RARE or kind != _GRAM:
            squares[feature] = round(kind * math.log(1.0 + len(data) / count) ** 2, _DIGITS)
    return squares


def _learn(
    data: Sequence[tuple[int, Sequence[str]]], squares: Mapping[str, float], size: int
) -> dict[str, list[float]]:
    rows = {feature: [0.0] * size for feature in squares}
    counts = Counter(index for index, _ in data)
    fair = {index: math.sqrt(len(data) / (size * count)) for index, count in counts.items()}
    lessons = []
    for index, features in data:
        kept = [feature for feature in features if feature in squares]
        own = [squares[feature] for feature in kept]
        lessons.append((index, [rows[feature] for feature in kept], own, math.sqrt(sum(own))))
    shuffle = random.Random(7).shuffle  # noqa: S311  # an order of lessons, not a secret
    for number in range(_PASSES):
        shuffle(lessons)
        rate = _RATE / (1.0 + 0.5 * number)
        for index, own_rows, own, length in lessons:
            totals = [sum(column) for column in zip(*own_rows, strict=True)]
            errors = _softmax(totals, 1.0 / length)
            errors[index] -= 1.0
            if errors[index] > -_SETTLED:
                continue
            step = rate * fair[index] / length
            steps = [(label, step * error) for label, error in enumerate(errors) if abs(error) > 0.02]
            for row, square in zip(own_rows, own, strict=True):
                for label, change in steps:
                    row[label] -= change * square
    return {feature: [round(weight, _DIGITS) for weight in row] for feature, row in rows.items()}


def _softmax(values: Sequence[float], sharpness: float) -> list[float]:
    top = max(values)
    powers = [math.exp((value - top) * sharpness) for value in values]
    whole = sum(powers)
    return [power / whole for power in powers]
