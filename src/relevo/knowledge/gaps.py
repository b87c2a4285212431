"""What people ask and nobody answers: messages that ask for the same, together, the most asked first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from relevo.domain.signals import Language
from relevo.knowledge.sureness import question
from relevo.knowledge.words import terms
from relevo.storage.knowledge_gaps import Unanswered

ALIKE = 0.5
"""The share of their stems that two messages have in common from which on they ask for the same."""
MOST_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Gap:
    """``examples`` are the newest messages of the group, in their writers' words."""

    language: Language
    times: int
    last: datetime
    agents: tuple[str, ...]
    examples: tuple[str, ...]


def terms_of(text: str, language: Language) -> list[str]:
    """What a message asks for, by which it is grouped."""
    return sorted(set(terms(question(text), language)))


def grouped(unanswered: Sequence[Unanswered]) -> list[Gap]:
    """Each message joins the first group whose newest message it is like."""
    groups: list[list[Unanswered]] = []
    for each in unanswered:
        group = next((group for group in groups if _alike(group[0], each)), None)
        if group is None:
            groups.append([each])
        else:
            group.append(each)
    gaps = [
        Gap(
            group[0].language,
            len(group),
            max(each.at for each in group),
            tuple(sorted({each.agent for each in group})),
            tuple(dict.fromkeys(each.text for each in group))[:MOST_EXAMPLES],
        )
        for group in groups
    ]
    return sorted(gaps, key=lambda gap: (-gap.times, -gap.last.timestamp()))


def _alike(one: Unanswered, other: Unanswered) -> bool:
    own, theirs = set(one.terms), set(other.terms)
    if one.language != other.language or not own or not theirs:
        return one.language == other.language and one.text == other.text
    return len(own & theirs) / len(own | theirs) >= ALIKE
