"""What is at stake and how soon it needs care."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relevo.domain.signals import Implications
from relevo.triage.implications import weigh
from relevo.triage.priority import ESCALATE, URGENT, priority
from relevo.triage.rules import Rule

WEIGHTS = st.floats(0, 10)
STAKES = st.builds(Implications, WEIGHTS, WEIGHTS, WEIGHTS, WEIGHTS)


def _rule(**weights: float) -> Rule:
    return Rule("x", (), (), weights, frozenset())


def test_the_heaviest_weight_counts_on_each_axis() -> None:
    stakes = weigh([_rule(security=3, legal=2), _rule(security=9, financial=1), _rule(urgency=8)])
    assert stakes == Implications(security=9, financial=1, legal=2, operational=0)


def test_no_rule_means_nothing_at_stake() -> None:
    assert weigh([]) == Implications()


def test_nothing_at_stake_never_reaches_a_person_by_priority() -> None:
    assert priority(Implications(), sentiment_score=-1.0, urgency=10, contacts=9) < ESCALATE


def test_a_grave_stake_is_urgent_and_with_haste_goes_to_a_person() -> None:
    grave = Implications(security=9.5)
    assert priority(grave) >= URGENT
    assert priority(grave, urgency=6, sentiment_score=-0.5) >= ESCALATE


def test_small_stakes_are_not_urgent() -> None:
    assert priority(Implications(operational=4), sentiment_score=-0.5) < URGENT


@pytest.mark.parametrize("contacts", [0, 1, 2, 3])
def test_coming_back_raises_it(contacts: int) -> None:
    stakes = Implications(operational=4)
    assert priority(stakes, contacts=contacts) == pytest.approx(priority(stakes) + 0.5 * contacts)


def test_coming_back_counts_three_times_at_most() -> None:
    assert priority(Implications(), contacts=50) == priority(Implications(), contacts=3)


def test_praise_lowers_nothing() -> None:
    stakes = Implications(financial=5)
    assert priority(stakes, sentiment_score=1.0) == priority(stakes)


@given(STAKES, st.floats(-1, 1), WEIGHTS, st.integers(-5, 50))
def test_it_stays_between_0_and_10(stakes: Implications, mood: float, urgency: float, contacts: int) -> None:
    assert 0 <= priority(stakes, sentiment_score=mood, urgency=urgency, contacts=contacts) <= 10


@given(STAKES, WEIGHTS)
def test_more_haste_never_means_less_priority(stakes: Implications, urgency: float) -> None:
    assert priority(stakes, urgency=urgency) >= priority(stakes)
