"""What an agent answers without a model: plays, and how a message finds its play."""

import math
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from relevo.agents.stemming import stems
from relevo.domain.signals import Act, Language


class Play(BaseModel):
    """One thing an agent can do by itself, as written in its playbook.toml.

    ``args`` maps a tool's parameter to the slot that fills it; ``require`` are slots it cannot do without:
    ``ask`` is the question put for a missing one. ``say`` is a Jinja template per language, given ``result``
    (what the tool returned), ``slots``, ``facts`` and ``person``. ``sorry`` overrides, per error code, the
    sentence a failing tool brings along.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    act: Act | None = None
    keywords: dict[Language, list[str]] = Field(default_factory=dict)
    examples: dict[Language, list[str]] = Field(default_factory=dict)
    tool: str | None = None
    args: dict[str, str] = Field(default_factory=dict)
    require: list[str] = Field(default_factory=list)
    ask: dict[str, dict[Language, str]] = Field(default_factory=dict)
    say: dict[Language, str]
    sorry: dict[str, dict[Language, str]] = Field(default_factory=dict)
    hint: str | None = None
    """A slot that, when the message fills it, is enough to ask for this play if no play is surely matched."""
    escalate: bool = False
    """After saying it, a person is fetched."""


@dataclass(frozen=True, slots=True)
class Match:
    play: Play
    score: float
    """0–1; how surely the message asks for this play."""


CONFIDENT = 0.5
"""Below this a play is not performed: the agent says what it can help with instead."""


@dataclass(frozen=True, slots=True)
class _Phrases:
    """A play's keywords as sequences of stems, and its examples as bags of them, in one language."""

    play: Play
    keywords: tuple[tuple[str, ...], ...]
    examples: tuple[frozenset[str], ...]


@dataclass(slots=True)
class Playbook:
    """The plays of one agent, ready to be matched."""

    plays: Sequence[Play]
    _phrases: dict[Language, list[_Phrases]] = field(default_factory=dict)
    _weights: dict[Language, dict[str, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for language in Language:
            phrases = [_prepared(play, language) for play in self.plays if play.act is None]
            bags = [bag for each in phrases for bag in (*map(_bag, each.keywords), *each.examples)]
            frequency = Counter(stem for bag in bags for stem in bag)
            total = max(1, len(bags))
            self._phrases[language] = phrases
            self._weights[language] = {stem: math.log(1 + total / count) for stem, count in frequency.items()}

    def get(self, name: str) -> Play | None:
        return next((play for play in self.plays if play.name == name), None)

    def for_act(self, act: Act) -> Play | None:
        return next((play for play in self.plays if play.act is act), None)

    def hinted(self) -> Sequence[Play]:
        """The plays that a filled slot is enough for, in their order."""
        return [play for play in self.plays if play.hint is not None]

    def match(self, text: str, language: Language) -> Match | None:
        """The play that fits ``text`` best, or None when no word of it is known.

        A keyword that stands in the text (as whole stems, in order, whatever articles and possessives stand
        between them) counts 0.6 or more, by its length and its share of the text; an example by the cosine
        between the rarity-weighted stems of both. The surer of the two is the score, and the other one moves
        it a little, which settles ties. A misspelt word counts as the playbook's word it resembles.
        """
        words = self._respelt(stems(text, language), language)
        bag, weights = _bag(words), self._weights[language]
        best: Match | None = None
        for each in self._phrases[language]:
            keyword = _keyword_score(words, each.keywords)
            example = max((_cosine(bag, theirs, weights) for theirs in each.examples), default=0.0)
            surer, other = max(keyword, example), min(keyword, example)
            score = surer + (1 - surer) * SECOND_OPINION * other
            if score > 0 and (best is None or score > best.score):
                best = Match(each.play, score)
        return best

    def _respelt(self, words: Sequence[str], language: Language) -> tuple[str, ...]:
        weights = self._weights[language]
        spare = MOST_RESPELT
        found = []
        for word in words:
            if word not in weights and len(word) >= SHORTEST_RESPELT and word.isalpha() and spare:
                spare -= 1
                word = next(iter(get_close_matches(word, weights, 1, RESEMBLES)), word)
            found.append(word)
        return tuple(found)


SHORTEST_RESPELT, MOST_RESPELT, RESEMBLES = 5, 12, 0.84
"""How long a word must be to be respelt, how many are in a message, and how alike the two must be: "portd"
and "portad" are at .91, "rechas" and "rechaz" at .83."""
BETWEEN = frozenset(
    "el la los las un una unos unas mi mis tu tus su sus me te se nos"  # noqa: SIM905 - read as a sentence
    " the a an my your our their this that".split()
)
"""Articles, possessives and the like: they may stand between a keyword's words or be missing there."""
UNKNOWN = 0.75
"""What a word that no play knows weighs, of the rarest known one: it is a name more often than a matter."""
SECOND_OPINION = 0.3
"""How far the weaker kind of evidence may close the gap to certainty."""


def _prepared(play: Play, language: Language) -> _Phrases:
    return _Phrases(
        play,
        tuple(_essential(stems(keyword, language)) for keyword in play.keywords.get(language, [])),
        tuple(_bag(stems(example, language)) for example in play.examples.get(language, [])),
    )


def _essential(words: Sequence[str]) -> tuple[str, ...]:
    """A keyword without the words that may be missing between its first and its last."""
    return tuple(word for at, word in enumerate(words) if at in (0, len(words) - 1) or word not in BETWEEN)


def _bag(words: Iterable[str]) -> frozenset[str]:
    """The stems as a set in which all numbers, and all codes of digits, count as the same word."""
    return frozenset(_shape(word) for word in words)


def _shape(word: str) -> str:
    digits = sum(char.isdigit() for char in word)
    if digits >= 7:
        return "<code>"
    return "<number>" if word.isdigit() else word


def _keyword_score(words: tuple[str, ...], keywords: Sequence[tuple[str, ...]]) -> float:
    score = 0.0
    long = max(1, len(_essential(words)))
    for wanted in keywords:
        if wanted and _contains(words, wanted):
            share = len(wanted) / long
            score = max(score, min(0.95, 0.5 + 0.1 * len(wanted) + 0.3 * share))
    return score


def _contains(words: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    return any(
        word == wanted[0] and _follows(words[start + 1 :], wanted[1:]) for start, word in enumerate(words)
    )


def _follows(words: Sequence[str], wanted: tuple[str, ...]) -> bool:
    """Whether ``words`` begin with ``wanted``, but for words that may stand between."""
    at = 0
    for word in words:
        if at == len(wanted):
            break
        if word == wanted[at]:
            at += 1
        elif word not in BETWEEN:
            return False
    return at == len(wanted)


def _cosine(ours: frozenset[str], theirs: frozenset[str], weights: Mapping[str, float]) -> float:
    shared = ours & theirs
    if not shared:
        return 0.0
    unknown = UNKNOWN * max(weights.values(), default=1.0)

    def norm(bag: frozenset[str]) -> float:
        return math.sqrt(sum(weights.get(stem, unknown) ** 2 for stem in bag)) or 1.0

    return sum(weights.get(stem, unknown) ** 2 for stem in shared) / (norm(ours) * norm(theirs))


def load_playbook(path: Path) -> Playbook:
    """Reads a playbook.toml. Raises ValueError (pydantic's) naming the play and the field that is wrong."""
    if not path.exists():
        return Playbook([])
    plays: list[dict[str, Any]] = tomllib.loads(path.read_text("utf-8")).get("play", [])
    return Playbook([Play.model_validate(play) for play in plays])


@lru_cache(maxsize=1024)
def _template(source: str) -> Any:
    from relevo.agents.template import ENVIRONMENT

    return ENVIRONMENT.from_string(source)


def render(source: str, **values: Any) -> str:
    """Fills a play's template. Raises jinja2.UndefinedError when it names something that is not there."""
    return str(_template(source).render(**values)).strip()
