"""Concepts, patterns and rules."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from relevo.triage.concepts import Concepts, Pattern
from relevo.triage.normalise import prepare
from relevo.triage.rules import RuleFile, Rules, read_rules

CONCEPTS = Concepts(
    {
        "money": ["dinero", "plata"],
        "taken": ["rob*", "took my"],
        "not": ["no"],
        "paid": ["pag*"],
    }
)


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ("me robaron la plata", {"money": [3], "taken": [1]}),
        ("they took my stuff", {"taken": [1]}),
        ("they took stuff", {}),
        ("ROBÓ", {"taken": [0]}),
        ("probar", {}),
        ("", {}),
    ],
)
def test_words_beginnings_and_phrases_are_spotted(message: str, found: dict[str, list[int]]) -> None:
    assert CONCEPTS.spot(prepare(message)) == found


def test_a_beginning_needs_three_letters() -> None:
    with pytest.raises(ValueError, match="letters"):
        Concepts({"bad": ["ab*"]})


def test_repetition_is_bounded() -> None:
    assert len(CONCEPTS.spot(prepare("plata " * 300))["money"]) < 50


@pytest.mark.parametrize(
    ("pattern", "message", "holds"),
    [
        ("money + taken", "la plata me la robaron", True),
        ("not > paid", "no me han pagado", True),
        ("not > paid", "ya pagué, no falta más", False),
        ("not > paid", "no sé nada de eso. Yo ya lo tengo todo listo y pagado", False),
        ("money", "dinero", True),
        ("money + not", "no", False),
    ],
)
def test_patterns_mind_order_and_distance(pattern: str, message: str, holds: bool) -> None:
    assert Pattern.parse(pattern).matches(CONCEPTS.spot(prepare(message))) is holds


def test_a_pattern_does_not_mix_its_signs() -> None:
    with pytest.raises(ValueError, match="mixes"):
        Pattern.parse("a + b > c")


def _rules(**rule: object) -> Rules:
    return Rules.compile(
        [
            RuleFile.model_validate(
                {
                    "concepts": {"fire": ["fuego"], "drill": ["simulacro"]},
                    "rules": [{"reason": "fire", "patterns": ["fire"], **rule}],
                }
            )
        ]
    )


def test_unless_calls_a_rule_off() -> None:
    rules = _rules(unless=["drill + fire"], operational=9)
    assert [rule.reason for rule in rules.holding(rules.concepts.spot(prepare("fuego!")))] == ["fire"]
    assert rules.holding(rules.concepts.spot(prepare("simulacro de fuego"))) == []


def test_concepts_of_one_name_add_up_over_files() -> None:
    more = RuleFile.model_validate({"concepts": {"fire": ["incendio"]}})
    base = RuleFile.model_validate(
        {"concepts": {"fire": ["fuego"]}, "rules": [{"reason": "fire", "patterns": ["fire"]}]}
    )
    rules = Rules.compile([base, more])
    assert rules.holding(rules.concepts.spot(prepare("hay un incendio")))


def test_a_message_is_within_the_teams_trade_or_not() -> None:
    base = RuleFile.model_validate({"concepts": {"food": ["pan"]}})
    own = RuleFile.model_validate({"concepts": {"song": ["tema"]}})
    rules = Rules.compile([base], [own])
    assert rules.topics(rules.concepts.spot(prepare("mi tema"))) == ["song", "own trade"]
    assert rules.topics(rules.concepts.spot(prepare("quiero pan"))) == ["food", "another trade"]


def test_a_number_stands_for_any_number() -> None:
    concepts = Concepts({"client": ["cliente #"]})
    assert concepts.spot(prepare("el cliente 42")) == {"client": [1]}
    assert concepts.spot(prepare("el cliente doce")) == {"client": [1]}
    assert concepts.spot(prepare("el cliente nuevo")) == {}


def test_an_unknown_concept_is_named() -> None:
    with pytest.raises(ValueError, match="smoke"):
        _rules(unless=["smoke"])


def test_a_malformed_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text('[[rules]]\nreason = "x"\npatterns = ["a"]\nsecurity = 11\n', encoding="utf-8")
    with pytest.raises(ValidationError):
        read_rules(path)
