"""A conversation's turns as passages: found by what is said in each, who says it, when, and what is near.

A turn is short and leans on those around it ("Yes, in May!"), so the words of its neighbours count a little
for it; what a search shows and looks into is the turn alone. Shares were chosen on our own talk
(tests/eval/memory_talk.json).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from relevo.domain.knowledge import Indexed, Passage, Place
from relevo.domain.signals import Language
from relevo.knowledge.weigh import weights
from relevo.knowledge.words import terms

OF_NEIGHBOUR = 0.5
"""What a word in the turn before or after counts, beside one in the turn; two turns off, its square."""
REACH = 2
"""So many turns before and after are neighbours, within a session."""
OF_DAY = 0.3
"""What a word of the day counts: every turn of a session has it."""


@dataclass(frozen=True, slots=True)
class Turn:
    """``session`` tells which turns were said in one go; ``said_at`` is its day in words."""

    speaker: str
    text: str
    session: int
    said_at: str = ""


def indexed_turns(turns: Sequence[Turn], language: Language) -> list[Indexed]:
    """A passage for each turn, in order; the usual length is that of these turns."""
    found = [terms(f"{each.speaker} {each.text}", language) for each in turns]
    usual = sum(map(len, found)) / max(1, len(found))
    own = [weights(each, usual) for each in found]
    days = [weights(terms(each.said_at, language), usual) for each in turns]
    indexed = []
    for number, turn in enumerate(turns):
        weighed = dict(own[number])
        near = range(max(0, number - REACH), min(len(turns), number + REACH + 1))
        beside = [
            (own[each], OF_NEIGHBOUR ** abs(each - number))
            for each in near
            if each != number and turns[each].session == turn.session
        ]
        for held, share in [*beside, (days[number], OF_DAY)]:
            for term, weight in held.items():
                weighed[term] = max(weighed.get(term, 0.0), weight * share)
        place = Place((turn.said_at,) if turn.said_at else ())
        indexed.append(Indexed(Passage(f"{turn.speaker}: {turn.text}", language, place), weighed))
    return indexed
