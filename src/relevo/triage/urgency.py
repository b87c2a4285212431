"""Learns from a team's own lines how urgent matters are told, beside the rules that know them by pattern."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from relevo.domain.signals import Language
from relevo.triage.classifier import Classifier
from relevo.triage.concepts import Spots
from relevo.triage.implications import hurry, weigh
from relevo.triage.normalise import Text, prepare
from relevo.triage.priority import is_urgent, priority
from relevo.triage.rules import Rule, Rules

URGENT_LINES = "urgent"
CALM_LINES = "calm"
READS_AS_URGENT = "reads as urgent"
THRESHOLD_ELSEWHERE = 0.75  # for messages that seem to be none of the team's matters
THRESHOLD = 0.55  # on the tuning half of tests/eval, which it was not trained on: about 3 % false alarms

Lines = Mapping[Language, Sequence[str]]


class UrgencyReader:
    """A binary ``Classifier`` over the features of intents, the rules that hold and the question mark."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier

    @classmethod
    def train(
        cls, urgency: Mapping[str, Lines], examples: Mapping[str, Lines], rules: Rules
    ) -> "UrgencyReader | None":
        """Learn from ``urgency`` (``urgent`` and ``calm`` → language → lines), or None where one is missing.

        The lines of ``examples`` (intent → language → lines) are calm too, save those that ``urgency`` calls
        urgent and those that a rule reads as urgent.
        """
        urgent, calm = urgency.get(URGENT_LINES), urgency.get(CALM_LINES)
        if not urgent or not calm:
            return None
        known = frozenset(chain.from_iterable(urgent.values()))
        shared = {
            language: [
                *calm.get(language, ()),
                *(
                    line
                    for own in examples.values()
                    for line in own.get(language, ())
                    if line not in known and not _ruled_urgent(line, rules)
                ),
            ]
            for language in Language
        }

        def topics_of(text: Text) -> list[str]:
            spots = rules.concepts.spot(text)
            return _topics(text, rules, spots, rules.holding(spots))

        return cls(
            Classifier.train(
                {CALM_LINES: shared, URGENT_LINES: urgent},
                topics_of,
            )
        )

    @classmethod
    def restore(cls, dumped: Mapping[str, Any]) -> "UrgencyReader":
        """The reader that gave this ``dump``."""
        return cls(Classifier.restore(dumped))

    def dump(self) -> dict[str, Any]:
        """What was learnt, in types that JSON has."""
        return self._classifier.dump()

    def probability(self, text: Text, rules: Rules, spots: Spots, holding: Sequence[Rule]) -> float:
        """The probability, 0–1, that ``text``, with its ``spots`` and ``holding`` rules, is urgent."""
        return self._classifier.read(text, _topics(text, rules, spots, holding)).scores[URGENT_LINES]


def _topics(text: Text, rules: Rules, spots: Spots, holding: Sequence[Rule]) -> list[str]:
    asks = ["question"] if "?" in text.clean else []
    return [*rules.topics(spots), *(f"rule: {rule.reason}" for rule in holding), *asks]


def _ruled_urgent(line: str, rules: Rules) -> bool:
    holding = rules.holding(rules.concepts.spot(prepare(line)))
    urgency = hurry(holding)
    return is_urgent(priority(weigh(holding), urgency=urgency), urgency)
