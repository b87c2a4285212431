"""Which of a query's terms are so common that they are looked up only in passages that the others find.

MaxScore (H. Turtle and J. Flood, *Query evaluation: strategies and optimizations*, 1995): terms that add up
to less than the last of the best passages has cannot bring in a passage by themselves. What the last one
has is not known before; here it is guessed, and the search looks whether the guess held.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from relevo.storage.knowledge_postings import Frequencies

WHOLE = 1_000
"""Postings that are read whole in any case: below, nothing is saved."""
TOGETHER = 3
"""Terms that are expected in one passage at most, for the guess."""
OF_RAREST = 10
"""The rarest terms, whose meetings are counted."""


@dataclass(frozen=True, slots=True)
class Split:
    """Terms with their worths: those that find passages, and the common ones.

    ``beyond`` is the most that the common ones can add to a passage's score.
    """

    telling: Mapping[str, float]
    common: Mapping[str, float]
    beyond: float = 0.0


def split(worths: Mapping[str, float], known: Frequencies, most: int) -> Split:
    """The terms of a query that asks for the ``most`` best passages; what stands nowhere is left out."""
    held = sorted(known.holding, key=lambda term: known.holding[term].passages)
    if sum(known.holding[term].passages for term in held) <= WHOLE:
        return Split({term: worths[term] for term in held}, {})
    last = _last(held[:OF_RAREST], worths, known, most)
    beyond, telling = 0.0, len(held)
    while telling > 1:
        adds = known.holding[held[telling - 1]].most * worths[held[telling - 1]]
        if beyond + adds > last:
            break
        beyond += adds
        telling -= 1
    return Split(
        {term: worths[term] for term in held[:telling]},
        {term: worths[term] for term in held[telling:]},
        beyond,
    )


def _last(rarest: list[str], worths: Mapping[str, float], known: Frequencies, most: int) -> float:
    """What the last of the best passages has, if words were strewn by chance; in texts they meet more often.

    On 300 questions over 100,000 passages of words strewn by chance it had less in one of a hundred.
    """
    shares = {term: known.holding[term].passages / known.passages for term in rarest}
    best = 0.0
    for count in range(1, TOGETHER + 1):
        for terms in combinations(rarest, count):
            if known.passages * math.prod(shares[term] for term in terms) >= most:
                best = max(best, sum(worths[term] for term in terms))
    return best
