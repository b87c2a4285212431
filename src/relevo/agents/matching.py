"""How a message finds its play: keywords that stand in it, examples it is like, and spelling forgiven."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from typing import Protocol, TypeVar

from relevo.domain.signals import Language
from relevo.triage.normalise import prepare
from relevo.triage.stemming import stem

SHORTEST_RESPELT, MOST_RESPELT, RESEMBLES = 5, 12, 0.84
"""How long a word must be to be respelt, how many are in a message, and how alike the two must be: "portd"
and "portad" are at .91, "rechas" and "rechaz" at .83."""
MOST_KEPT = 4096
"""Words that no play knows whose likeness is kept."""
SHORTEST_SOUND = 3
"""How long a word must be to count as the one it sounds like."""
BETWEEN = frozenset(
    "el la los las un una unos unas mi mis tu tus su sus me te se nos"  # noqa: SIM905 - read as a sentence
    " the a an my your our their this that".split()
)
"""Articles, possessives and the like: they may stand between a keyword's words or be missing there."""
UNKNOWN = 0.75
"""What a word that no play knows weighs, of the rarest known one: it is a name more often than a matter."""
VAGUE = 0.55
"""What a vague keyword counts: enough to be performed, less than any other keyword."""
DECIMALS = 6
"""What a score is rounded to: the order in which words are summed must not decide between two plays."""
SECOND_OPINION = 0.3
"""How far the weaker kind of evidence may close the gap to certainty."""


class Words(Protocol):
    """What matching knows of a play: see ``playbook.Play``."""

    @property
    def keywords(self) -> Mapping[Language, Sequence[str]]: ...
    @property
    def vague(self) -> Mapping[Language, Sequence[str]]: ...
    @property
    def examples(self) -> Mapping[Language, Sequence[str]]: ...


AnyPlay = TypeVar("AnyPlay", bound=Words)
Said = tuple[str, str]
"""A word as it was written (folded), and its stem."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a keyword: its stem or, written ``=word``, just this word."""

    stem: str
    word: str | None = None

    def fits(self, said: Said) -> bool:
        return said[0] == self.word if self.word is not None else said[1] == self.stem


@dataclass(slots=True)
class Index:
    """The plays' words in one language, arranged so that a message meets only what it shares a word with."""

    weights: dict[str, float] = field(default_factory=dict)
    """The squared rarity of each stem among all keywords and examples."""
    unknown: float = 1.0
    """What a stem weighs that is in none of them."""
    alphabet: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """The stems by their first letter."""
    sounds: dict[str, str] = field(default_factory=dict)
    """Sound → the stem that sounds so."""
    keywords: dict[str, list[tuple[int, tuple[Token, ...], bool, frozenset[str]]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """First stem → (play, the keyword's words, whether it is vague, the stems it cannot do without)."""
    examples: list[tuple[int, float]] = field(default_factory=list)
    """(play, length of its vector)."""
    sharing: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """Stem → examples it is in."""
    likenesses: dict[str, str | None] = field(default_factory=dict)
    """Stem that is in none of them → the one it sounds like or resembles, of those looked for before."""


@dataclass(frozen=True, slots=True)
class Score:
    """How surely (0–1) a message asks for the play at ``place``; ``named``: a keyword of it stands there."""

    place: int
    score: float
    named: bool


def indexed(plays: Sequence[Words], language: Language) -> Index:
    keywords = [[_keyword(text, language) for text in play.keywords.get(language, ())] for play in plays]
    vagues = [[_keyword(text, language) for text in play.vague.get(language, ())] for play in plays]
    examples = [[_example(text, language) for text in play.examples.get(language, ())] for play in plays]
    bags = [
        frozenset(token.stem for token in _essential(text))
        for texts in [*keywords, *vagues]
        for text in texts
    ]
    bags += [bag for texts in examples for bag in texts]
    count = Counter(known for bag in bags for known in bag)
    index = Index({known: math.log(1 + len(bags) / times) ** 2 for known, times in count.items()})
    index.unknown = UNKNOWN**2 * max(index.weights.values(), default=1.0)
    for known in index.weights:
        index.alphabet[known[0]].append(known)
        if len(known) >= SHORTEST_SOUND:
            index.sounds.setdefault(sound(known), known)
    for vague, of_plays in ((False, keywords), (True, vagues)):
        for place, texts in enumerate(of_plays):
            for text in texts:
                if wanted := _essential(text):
                    needed = frozenset(token.stem for token in wanted if token.word is None)
                    index.keywords[wanted[0].stem].append((place, wanted, vague, needed))
    for place, of_play in enumerate(examples):
        for bag in of_play:
            for known in bag:
                index.sharing[known].append(len(index.examples))
            index.examples.append((place, _length(bag, index)))
    return index


def scored(text: str, language: Language, index: Index) -> list[Score]:
    """The plays that share a word with ``text``, the surest first.

    A keyword that stands in the text (as whole words, in order, whatever articles and possessives stand
    between them) counts 0.6 or more, by its length and its share of the text; an example by the cosine
    between the rarity-weighted stems of both. The surer of the two is the score, and the other one moves it
    a little, which settles ties. A misspelt word counts as the playbook's word it sounds like or resembles.
    """
    words = _respelt(read(text, language), index)
    by_keyword, by_example = _keyword_scores(words, index), _example_scores(_bag(words), index)
    found = []
    for place in sorted(by_keyword.keys() | by_example.keys()):
        scores = by_keyword.get(place, 0.0), by_example.get(place, 0.0)
        score = max(scores) + (1 - max(scores)) * SECOND_OPINION * min(scores)
        found.append(Score(place, round(score, DECIMALS), place in by_keyword))
    return sorted(found, key=lambda each: -each.score)


@lru_cache(maxsize=4)  # of one turn's texts: every agent's playbook reads the same
def read(text: str, language: Language) -> tuple[Said, ...]:
    """The words of ``text`` with their stems, in order."""
    return tuple((word, stem(word, language)) for word in prepare(text).words)


_SOUNDS = (
    (re.compile(r"ph"), "f"), (re.compile(r"ch"), "x"), (re.compile(r"h"), ""),
    (re.compile(r"qu(?=[ei])|q|k"), "k"), (re.compile(r"c(?=[eiy])|z"), "s"), (re.compile(r"c"), "k"),
    (re.compile(r"v"), "b"), (re.compile(r"ll"), "y"), (re.compile(r"gu(?=[ei])"), "g"),
    (re.compile(r"g(?=[ei])"), "j"), (re.compile(r"w"), "u"), (re.compile(r"(.)\1+"), r"\1"),
)  # fmt: skip


def sound(word: str) -> str:
    """How a folded word sounds to a Spanish ear, near enough: "kuanto" and "cuanto" are one."""
    for pattern, letter in _SOUNDS:
        word = pattern.sub(letter, word)
    return word


@lru_cache(maxsize=2**15)
def _keyword(text: str, language: Language) -> tuple[Token, ...]:
    """``=word`` stands for just this word, any other for all words of its stem."""
    return tuple(
        Token(known, word if part.startswith("=") else None)
        for part in text.split()
        for word, known in read(part, language)
    )


@lru_cache(maxsize=2**15)
def _example(text: str, language: Language) -> frozenset[str]:
    return _bag(read(text, language))


def _respelt(words: Sequence[Said], index: Index) -> list[Said]:
    """The words, those that no play knows replaced by one that sounds or looks like them."""
    spare = MOST_RESPELT
    found = []
    for word, known in words:
        if known not in index.weights and known.isalpha() and spare and len(known) >= SHORTEST_SOUND:
            spare -= 1
            like = _likeness(known, index)
            if like is not None:
                word, known = like, like
        found.append((word, known))
    return found


def _likeness(known: str, index: Index) -> str | None:
    """The playbook's stem that ``known``, which is none of its own, sounds like or else resembles.

    People's words come again and again; what was looked for is kept. As difflib counts likeness (twice what
    both share, of the length of both), no much shorter or longer word can be alike enough.
    """
    if known in index.likenesses:
        return index.likenesses[known]
    like, size = index.sounds.get(sound(known)), len(known)
    if like is None and size >= SHORTEST_RESPELT:
        near = [
            each
            for each in index.alphabet.get(known[0], ())
            if 2.0 * min(size, len(each)) / (size + len(each)) >= RESEMBLES
        ]
        like = next(iter(get_close_matches(known, near, 1, RESEMBLES)), None)
    if len(index.likenesses) >= MOST_KEPT:
        index.likenesses.clear()
    index.likenesses[known] = like
    return like


def _keyword_scores(words: Sequence[Said], index: Index) -> dict[int, float]:
    """Play → the score of its best keyword in the text."""
    scores: dict[int, float] = {}
    long = max(1, sum(1 for at, (_, known) in enumerate(words) if _matters(at, len(words), known)))
    there = {known for _, known in words}
    for at, (_, known) in enumerate(words):
        for place, wanted, vague, needed in index.keywords.get(known, ()):
            if needed <= there and wanted[0].fits(words[at]) and _follows(words[at + 1 :], wanted[1:]):
                share = len(wanted) / long
                score = VAGUE if vague else min(0.95, 0.5 + 0.1 * len(wanted) + 0.3 * share)
                scores[place] = max(score, scores.get(place, 0.0))
    return scores


def _example_scores(bag: frozenset[str], index: Index) -> dict[int, float]:
    """Play → the cosine with its nearest example."""
    shared: dict[int, float] = defaultdict(float)
    for known in bag:
        for example in index.sharing.get(known, ()):
            shared[example] += index.weights[known]
    scores: dict[int, float] = {}
    length = _length(bag, index)
    for example, weight in shared.items():
        place, theirs = index.examples[example]
        scores[place] = max(weight / (length * theirs), scores.get(place, 0.0))
    return scores


def _length(bag: frozenset[str], index: Index) -> float:
    weights, unknown = index.weights, index.unknown
    return math.sqrt(sum(weights.get(known, unknown) for known in bag)) or 1.0


def _matters(at: int, count: int, known: str) -> bool:
    return at in (0, count - 1) or known not in BETWEEN


def _essential(words: Sequence[Token]) -> tuple[Token, ...]:
    """A keyword without the words that may be missing between its first and its last."""
    return tuple(
        token
        for at, token in enumerate(words)
        if token.word is not None or _matters(at, len(words), token.stem)
    )


def _bag(words: Iterable[Said]) -> frozenset[str]:
    """The stems as a set in which all numbers, and all codes of digits, count as the same word."""
    return frozenset(_shape(known) for _, known in words)


def _shape(word: str) -> str:
    if word.isalpha():
        return word
    digits = sum(char.isdigit() for char in word)
    if digits >= 7:
        return "<code>"
    return "<number>" if word.isdigit() else word


def _follows(words: Sequence[Said], wanted: tuple[Token, ...]) -> bool:
    """Whether ``words`` begin with ``wanted``, but for words that may stand between."""
    at = 0
    for said in words:
        if at == len(wanted):
            break
        if wanted[at].fits(said):
            at += 1
        elif said[1] not in BETWEEN:
            return False
    return at == len(wanted)
