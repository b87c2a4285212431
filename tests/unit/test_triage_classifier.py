"""The classifier, on a small world of its own."""

from collections.abc import Mapping, Sequence

import pytest

from relevo.domain.signals import Language
from relevo.triage.classifier import Classifier
from relevo.triage.concepts import Concepts
from relevo.triage.normalise import Text, prepare

CONCEPTS = Concepts({"fruit": ["manzana*", "pera*", "uva*", "apple*"]})
EXAMPLES: Mapping[str, Mapping[Language, Sequence[str]]] = {
    "shop": {
        Language.ES: [
            "cuánto cuesta una manzana",
            "precio de la pera",
            "quiero comprar manzanas",
            "venden fruta?",
        ],
        Language.EN: ["how much is an apple", "price of apples", "I want to buy fruit"],
    },
    "door": {
        Language.ES: ["a qué hora abren", "horario de hoy", "están abiertos?", "cuándo cierran"],
        Language.EN: ["when do you open", "opening hours", "are you open today"],
    },
}


def topics(text: Text) -> list[str]:
    return list(CONCEPTS.spot(text))


def read(classifier: Classifier, message: str) -> dict[str, float]:
    text = prepare(message)
    return dict(classifier.read(text, topics(text)).scores)


@pytest.mark.parametrize(
    ("message", "label"),
    [
        ("cuanto cuestan las peras", "shop"),
        ("presio de la manzana", "shop"),
        ("HORARIOS", "door"),
        ("what are your opening hours", "door"),
        ("uvas", "shop"),
    ],
)
def test_unseen_messages_typos_and_synonyms(message: str, label: str) -> None:
    scores = read(Classifier.train(EXAMPLES, topics), message)
    assert max(scores, key=scores.__getitem__) == label


def test_scores_are_probabilities() -> None:
    scores = read(Classifier.train(EXAMPLES, topics), "precio y horario")
    assert sum(scores.values()) == pytest.approx(1.0)
    assert all(0 <= score <= 1 for score in scores.values())


def test_nothing_known_means_no_preference_and_no_coverage() -> None:
    verdict = Classifier.train(EXAMPLES, topics).read(prepare(""), ())
    assert set(verdict.scores.values()) == {0.5}
    assert verdict.coverage == 0.0


def test_coverage_is_the_share_of_known_words() -> None:
    text = prepare("precio zzzz")
    assert Classifier.train(EXAMPLES, topics).read(text, ()).coverage == 0.5


def test_the_same_lines_give_the_same_reading() -> None:
    first, second = (Classifier.train(EXAMPLES, topics) for _ in range(2))
    assert read(first, "cuánto cuesta abrir") == read(second, "cuánto cuesta abrir")


def test_no_examples_give_no_scores() -> None:
    assert read(Classifier.train({}, topics), "hola") == {}
