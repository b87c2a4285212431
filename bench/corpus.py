"""A made-up language to fill an index with: its words repeat as often as real ones, and each time the same.

A word's share falls with its rank as Zipf and Mandelbrot have it, p(r) ∝ 1 / (r + OFFSET) (B. Mandelbrot,
1953); words of the real language's stop list stand between them. In Spanish paragraphs of an encyclopedia
(XQuAD) a passage has 76 terms, 59 of them different; the most frequent one stands in a quarter of the
passages, the fortieth in a tenth; the passages that hold a question's terms, added up term by term, are 0.22
of all. Here it is 78, 76, a quarter, an eighth and 0.19.
"""

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from relevo.domain.signals import Language
from relevo.knowledge.words import STOP_WORDS

WORDS = 60_000
OFFSET = 30.0
SENTENCES = 6
"""Sentences of a passage."""
LEAST, MOST = 14, 34
"""Words of a sentence, stop words among them."""
SMALL = 0.46
"""Share of stop words."""
ASKED = 6
"""Words of a query that are no stop words, on average."""
_HEADS = [
    "b",
    "c",
    "d",
    "f",
    "g",
    "j",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "t",
    "v",
    "b",
    "c",
    "d",
    "f",
    "g",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "t",
    "br",
    "cr",
    "gr",
    "pl",
    "tr",
    "ch",
]
_VOWELS = ["a", "e", "i", "o", "a", "e", "i", "o", "u", "ia", "ue"]
_TAILS = ("", "", "", "", "n", "r")


@dataclass(frozen=True, slots=True)
class Tongue:
    """The words of one language, the most frequent first, and the sums of their shares up to each."""

    language: Language
    known: Sequence[str]
    shares: Sequence[float]
    small: Sequence[str]


def tongue(language: Language) -> Tongue:
    """The words of a language, made of syllables."""
    chance = random.Random(f"words {language}")  # noqa: S311 - no secret
    known: dict[str, None] = {}
    while len(known) < WORDS:
        syllables = chance.choices((2, 3, 4), (4, 4, 1))[0]
        word = "".join(
            f"{chance.choice(_HEADS)}{chance.choice(_VOWELS)}{chance.choice(_TAILS)}"
            for _ in range(syllables)
        )
        known.setdefault(word)
    shares = list(itertools.accumulate(1 / (rank + OFFSET) for rank in range(1, WORDS + 1)))
    return Tongue(language, list(known), shares, sorted(STOP_WORDS[language]))


def texts(tongue: Tongue, seed: str) -> Iterator[str]:
    """Passages without end, of about 850 characters each."""
    chance = random.Random(f"texts {tongue.language} {seed}")  # noqa: S311 - no secret
    while True:
        yield " ".join(_sentence(tongue, chance) for _ in range(SENTENCES))


def _sentence(tongue: Tongue, chance: random.Random) -> str:
    count = chance.randint(LEAST, MOST)
    telling = chance.choices(tongue.known, cum_weights=tongue.shares, k=count)
    small = chance.choices(tongue.small, k=count)
    said = [one if chance.random() < SMALL else other for one, other in zip(small, telling, strict=True)]
    return f"{' '.join(said).capitalize()}."


def queries(passages: Sequence[str], language: Language, seed: str) -> Iterator[str]:
    """Questions about these passages without end: words of a sentence in another order, some from elsewhere.

    Three to nine words that are no stop words; one in eight is from another passage.
    """
    chance = random.Random(f"queries {language} {seed}")  # noqa: S311 - no secret
    stop = STOP_WORDS[language]
    small = sorted(stop)
    while True:
        asked, other = chance.choice(passages), chance.choice(passages)
        own = [
            word for word in chance.choice(asked.split(". ")).strip(".").lower().split() if word not in stop
        ]
        far = [word for word in other.replace(".", "").lower().split() if word not in stop]
        wanted = chance.randint(3, 2 * ASKED - 3)
        said = [chance.choice(far if chance.random() < 1 / 8 else own) for _ in range(wanted)]
        said += chance.choices(small, k=wanted // 2)
        chance.shuffle(said)
        yield f"¿{' '.join(said)}?" if language is Language.ES else f"{' '.join(said)}?"
