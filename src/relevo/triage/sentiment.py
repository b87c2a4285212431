"""How a person feels: a polarity lexicon with negation, degree, emoji, shouting and sarcasm."""

import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from relevo.domain.signals import Sentiment
from relevo.triage.concepts import Concepts, Spots
from relevo.triage.normalise import Text, prepare

_VALUES = {"awful": -3.0, "bad": -2.0, "trouble": -1.0, "fine": 0.8, "good": 2.0, "great": 3.0}
_NEGATED = -0.6
_DENIED = 0.0  # "no problem" is no praise
_VERY = 1.4
_SLIGHTLY = 0.6
_BEFORE_BUT = 0.5
_LACK = -0.9  # "the bank says it received nothing": what is not there is missed
_REACH = 3  # words over which a negation or a degree word acts
_SPREAD = 12.0  # as in VADER (Hutto & Gilbert, 2014): score = sum / sqrt(sum² + spread)
_NEUTRAL = 0.24
_OPENING = 3  # a question word without its sign asks only among this many first words
_BURDENS = ((8.0, 2.5), (6.0, 1.5), (4.0, 0.8))
_QUOTED = re.compile(r"[\"“”«»][^\"“”«»\n]{1,80}[\"“”«»]")
_HAPPY = frozenset("😀😃😄😁😊🥰😍🤩😎🙌👏🎉🥳❤💜💙💚🧡💛🔥💯🙏✨👍😘🤗💪⭐")
_ANGRY = frozenset("😡😠🤬😤👎💔😭😢😞😔😩😫😒🙄😰😱🤡💩😑☹😣😖")


@dataclass(frozen=True, slots=True)
class Feeling:
    """A class and its score, from -1 (furious) to 1 (delighted)."""

    sentiment: Sentiment = Sentiment.NEUTRAL
    score: float = 0.0


class SentimentReader:
    """Reads feelings with the lexicon it is given."""

    def __init__(self, concepts: Concepts) -> None:
        self._concepts = concepts

    @classmethod
    def load(cls, path: Path) -> "SentimentReader":
        """Read a lexicon: a TOML table of word lists named as in ``lexicons/sentiment.toml``."""
        lists: Mapping[str, Sequence[str]] = tomllib.loads(path.read_text(encoding="utf-8"))
        return cls(Concepts(lists))

    def read(self, text: Text, burden: float = 0.0) -> Feeling:
        """The feeling of one message.

        ``burden`` (0–10) is the heaviest stake of the matter: a misfortune told counts as a complaint, even
        in plain words. A plain question, about a small problem or in kind words, is neutral. What stands
        between quotation marks (a song's title) tells no feeling.
        """
        if _QUOTED.search(text.clean):
            text = prepare(_QUOTED.sub(" ", text.clean))
        spots = self._concepts.spot(text)
        total = self._words(spots) + _faces(text.clean) - _weight_of(burden)
        if not total and "not" in spots and "wish" not in spots:
            total = _LACK
        if _shouted(text.clean):
            total *= 1.3
        if "!!" in text.clean:
            total *= 1.15
        if -2.0 < total < 2.2 and _asks(text, spots):
            total *= 0.3
        score = total / math.sqrt(total * total + _SPREAD)
        if abs(score) < _NEUTRAL:
            return Feeling(Sentiment.NEUTRAL, score)
        return Feeling(Sentiment.POSITIVE if score > 0 else Sentiment.NEGATIVE, score)

    def _words(self, spots: Spots) -> float:
        marked = [
            (place, value * self._bend(place, value, spots))
            for name, value in _VALUES.items()
            for place in spots.get(name, ())
        ]
        turns = spots.get("but", ())
        if turns:
            marked = [(place, value * (_BEFORE_BUT if place < turns[-1] else 1.0)) for place, value in marked]
        good = sum(value for _, value in marked if value > 0)
        bad = sum(value for _, value in marked if value < 0)
        if "sarcasm" in spots or (good >= _VALUES["good"] and "repeated" in spots and bad < 0):
            return bad - max(good, 2.0)
        return good + bad

    @staticmethod
    def _bend(place: int, value: float, spots: Spots) -> float:
        factor = 1.0
        if any(0 < place - other <= _REACH for other in spots.get("not", ())):
            factor *= _DENIED if value == _VALUES["trouble"] else _NEGATED
        if any(0 < abs(place - other) <= 2 for other in spots.get("very", ())):
            factor *= _VERY
        elif any(0 < place - other <= 2 for other in spots.get("slightly", ())):
            factor *= _SLIGHTLY
        return factor


def _faces(text: str) -> float:
    if text.isascii():
        return 0.0
    happy = min(2, sum(char in _HAPPY for char in text))
    angry = min(2, sum(char in _ANGRY for char in text))
    return 1.2 * happy - 1.5 * angry


def _shouted(text: str) -> bool:
    letters = [char for char in text if char.isalpha()]
    return len(letters) >= 10 and sum(char.isupper() for char in letters) > 0.7 * len(letters)


def _asks(text: Text, spots: Spots) -> bool:
    return "?" in text.clean or any(place < _OPENING for place in spots.get("asking", ()))


def _weight_of(burden: float) -> float:
    return next((weight for least, weight in _BURDENS if burden >= least), 0.0)
