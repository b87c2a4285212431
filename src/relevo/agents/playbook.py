"""What an agent answers without a model: plays, and how a message finds its play."""

import math
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import TemplateError
from pydantic import BaseModel, ConfigDict, Field, model_validator

from relevo.agents.stemming import stems
from relevo.agents.texts import Templates
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
    vague: dict[Language, list[str]] = Field(default_factory=dict)
    """Keywords that many matters share ("I have a problem"): enough where nothing more telling is said."""
    examples: dict[Language, list[str]] = Field(default_factory=dict)
    tool: str | None = None
    args: dict[str, str] = Field(default_factory=dict)
    require: list[str] = Field(default_factory=list)
    ask: dict[str, Templates] = Field(default_factory=dict)
    say: Templates
    sorry: dict[str, Templates] = Field(default_factory=dict)
    hint: str | None = None
    """A slot that, when the message fills it, is enough to ask for this play if no play is surely matched."""
    escalate: bool = False
    """After saying it, a person is fetched."""

    @model_validator(mode="after")
    def _asks_for_what_it_requires(self) -> "Play":
        if unasked := [slot for slot in self.require if slot not in self.ask]:
            raise ValueError(f"play {self.name!r} requires {', '.join(unasked)} but has no question for it")
        return self

    @property
    def slots(self) -> set[str]:
        """Every slot it names."""
        return {*self.args.values(), *self.require, *([self.hint] if self.hint else [])}


@dataclass(frozen=True, slots=True)
class Match:
    play: Play
    score: float
    """0–1; how surely the message asks for this play."""


CONFIDENT = 0.5
"""Below this a play is not performed: the agent says what it can help with instead."""


@dataclass(slots=True)
class _Index:
    """The plays' words in one language, arranged so that a message meets only what it shares a word with."""

    plays: list[Play] = field(default_factory=list)
    weights: dict[str, float] = field(default_factory=dict)
    """The squared rarity of each stem among all keywords and examples."""
    alphabet: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """The stems by their first letter."""
    keywords: dict[str, list[tuple[int, tuple[str, ...], bool]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """First stem → (play, the keyword's stems, whether it is vague)."""
    examples: list[tuple[int, float]] = field(default_factory=list)
    """(play, length of its vector)."""
    sharing: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """Stem → examples it is in."""


@dataclass(slots=True)
class Playbook:
    """The plays of one agent, ready to be matched."""

    plays: Sequence[Play]
    _indexes: dict[Language, _Index] = field(default_factory=dict)

    def __post_init__(self) -> None:
        plays = [play for play in self.plays if play.act is None]
        self._indexes = {language: _indexed(plays, language) for language in Language}

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
        index = self._indexes[language]
        words = _respelt(stems(text, language), index)
        by_keyword, by_example = _keyword_scores(words, index), _example_scores(_bag(words), index)
        best: Match | None = None
        for place in sorted(by_keyword.keys() | by_example.keys()):
            scores = by_keyword.get(place, 0.0), by_example.get(place, 0.0)
            score = max(scores) + (1 - max(scores)) * SECOND_OPINION * min(scores)
            if best is None or score > best.score:
                best = Match(index.plays[place], score)
        return best


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
VAGUE = 0.55
"""What a vague keyword counts: more than CONFIDENT, less than any other keyword."""
SECOND_OPINION = 0.3
"""How far the weaker kind of evidence may close the gap to certainty."""


def _indexed(plays: Sequence[Play], language: Language) -> _Index:
    keywords = [[tuple(stems(text, language)) for text in play.keywords.get(language, [])] for play in plays]
    vagues = [[tuple(stems(text, language)) for text in play.vague.get(language, [])] for play in plays]
    examples = [[_bag(stems(text, language)) for text in play.examples.get(language, [])] for play in plays]
    bags = [_bag(_essential(text)) for texts in [*keywords, *vagues] for text in texts]
    bags += [bag for texts in examples for bag in texts]
    count = Counter(stem for bag in bags for stem in bag)
    weights = {stem: math.log(1 + len(bags) / times) ** 2 for stem, times in count.items()}
    index = _Index(list(plays), weights)
    for stem in weights:
        index.alphabet[stem[0]].append(stem)
    for vague, of_plays in ((False, keywords), (True, vagues)):
        for place, texts in enumerate(of_plays):
            for text in texts:
                if wanted := _essential(text):
                    index.keywords[wanted[0]].append((place, wanted, vague))
    for place, of_play in enumerate(examples):
        for bag in of_play:
            for stem in bag:
                index.sharing[stem].append(len(index.examples))
            index.examples.append((place, _length(bag, weights)))
    return index


def _respelt(words: Sequence[str], index: _Index) -> tuple[str, ...]:
    """The words, those that no play knows replaced by one that begins alike and resembles them."""
    spare = MOST_RESPELT
    found = []
    for word in words:
        if word not in index.weights and len(word) >= SHORTEST_RESPELT and word.isalpha() and spare:
            spare -= 1
            word = next(iter(get_close_matches(word, index.alphabet.get(word[0], ()), 1, RESEMBLES)), word)
        found.append(word)
    return tuple(found)


def _keyword_scores(words: tuple[str, ...], index: _Index) -> dict[int, float]:
    """Play → the score of its best keyword in the text."""
    scores: dict[int, float] = {}
    long = max(1, len(_essential(words)))
    for at, word in enumerate(words):
        for place, wanted, vague in index.keywords.get(word, ()):
            if _follows(words[at + 1 :], wanted[1:]):
                share = len(wanted) / long
                score = VAGUE if vague else min(0.95, 0.5 + 0.1 * len(wanted) + 0.3 * share)
                scores[place] = max(score, scores.get(place, 0.0))
    return scores


def _example_scores(bag: frozenset[str], index: _Index) -> dict[int, float]:
    """Play → the cosine with its nearest example."""
    shared: dict[int, float] = defaultdict(float)
    for stem in bag:
        for example in index.sharing.get(stem, ()):
            shared[example] += index.weights[stem]
    scores: dict[int, float] = {}
    length = _length(bag, index.weights)
    for example, weight in shared.items():
        place, theirs = index.examples[example]
        scores[place] = max(weight / (length * theirs), scores.get(place, 0.0))
    return scores


def _length(bag: frozenset[str], weights: Mapping[str, float]) -> float:
    unknown = UNKNOWN**2 * max(weights.values(), default=1.0)
    return math.sqrt(sum(weights.get(stem, unknown) for stem in bag)) or 1.0


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


def load_playbook(path: Path) -> Playbook:
    """Reads a playbook.toml. Raises ValueError naming the play and the field that is wrong."""
    if not path.exists():
        return Playbook([])
    plays: list[dict[str, Any]] = tomllib.loads(path.read_text("utf-8")).get("play", [])
    return Playbook([_play(play) for play in plays])


def _play(written: dict[str, Any]) -> Play:
    try:
        return Play.model_validate(written)
    except ValueError as error:
        raise ValueError(f"play {written.get('name')!r}: {error}") from error


@lru_cache(maxsize=1024)
def _template(source: str) -> Any:
    from relevo.agents.template import ENVIRONMENT

    return ENVIRONMENT.from_string(source)


class BrokenPlay(Exception):
    """A play's template cannot be filled with what its tool returned: the playbook's fault."""


def render(source: str, **values: Any) -> str:
    """Fills a play's template. Raises BrokenPlay when it names something that is not there."""
    try:
        return str(_template(source).render(**values)).strip()
    except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
        raise BrokenPlay(f"{type(error).__name__}: {error}") from error
