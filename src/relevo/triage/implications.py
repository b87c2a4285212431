"""What is at stake in a message: security, money, law and operations, each from 0 to 10."""

from collections.abc import Iterable

from relevo.domain.signals import Implications
from relevo.triage.rules import Rule


def weigh(rules: Iterable[Rule]) -> Implications:
    """The implications of the rules that hold: the heaviest weight on each axis."""
    stakes = {"security": 0.0, "financial": 0.0, "legal": 0.0, "operational": 0.0}
    for rule in rules:
        for axis in stakes:
            stakes[axis] = max(stakes[axis], rule.weights.get(axis, 0.0))
    return Implications(**stakes)


def hurry(rules: Iterable[Rule]) -> float:
    """How strongly a message asks for haste, 0–10: the most that any rule that holds says."""
    return max((rule.weights.get("urgency", 0.0) for rule in rules), default=0.0)
