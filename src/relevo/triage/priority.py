"""How soon a message needs care, from 0 to 10: one documented formula."""

from relevo.domain.signals import Implications

ESCALATE = 9.0
URGENT = 7.0
_EXPLICIT_HURRY = 5.0
_BASE = 1.0
_MOST = 0.7
_OTHERS = 0.1
_HURRY = 0.2
_ANGER = 1.0
_CONTACT = 0.5
_MOST_CONTACTS = 3


def priority(
    implications: Implications, *, sentiment_score: float = 0.0, urgency: float = 0.0, contacts: int = 0
) -> float:
    """The priority of a message, 0–10.

    ``priority = 1 + 0.7·s1 + 0.1·(s2 + s3 + s4) + 0.2·urgency + 1.0·anger + 0.5·min(contacts, 3)``,
    cut to 10, where s1 ≥ s2 ≥ s3 ≥ s4 are the four implications (0–10), ``urgency`` (0–10) is how strongly
    the person asks for haste, anger is the negative part of the sentiment (0–1), and ``contacts`` counts the
    earlier contacts about the same unsolved matter. From ``URGENT`` (7) on a message is urgent, from
    ``ESCALATE`` (9) on it goes to a person: one grave stake (10) needs haste, anger or a second stake to
    get there, and an angry or hurried message without stakes never does.
    """
    first, *others = sorted(
        (implications.security, implications.financial, implications.legal, implications.operational),
        reverse=True,
    )
    total = (
        _BASE
        + _MOST * first
        + _OTHERS * sum(others)
        + _HURRY * urgency
        + _ANGER * max(0.0, -sentiment_score)
        + _CONTACT * min(max(contacts, 0), _MOST_CONTACTS)
    )
    return round(min(10.0, total), 2)


def is_urgent(score: float, urgency: float) -> bool:
    """Whether a message of priority ``score`` (0–10) that asks for haste this strongly (0–10) is urgent."""
    return score >= URGENT or urgency >= _EXPLICIT_HURRY
