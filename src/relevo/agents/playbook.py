"""What an agent answers without a model: plays, and how a message finds its play."""

import math
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from relevo.domain.signals import Act, Language
from relevo.triage.normalise import prepare, stem


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
    escalate: bool = False
    """After saying it, a person is fetched."""


@dataclass(frozen=True, slots=True)
class Match:
    play: Play
    score: float
    """0–1; how surely the message asks for this play."""


CONFIDENT = 0.5
"""Below this a play is not performed: the agent says what it can help with instead."""


@dataclass(slots=True)
class Playbook:
    """The plays of one agent, ready to be matched."""

    plays: Sequence[Play]
    _weights: dict[Language, dict[str, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for language in Language:
            documents = [set(stems(text, language)) for play in self.plays for text in _texts(play, language)]
            frequency = Counter(stem for document in documents for stem in document)
            total = max(1, len(documents))
            self._weights[language] = {stem: math.log(1 + total / count) for stem, count in frequency.items()}

    def get(self, name: str) -> Play | None:
        return next((play for play in self.plays if play.name == name), None)

    def for_act(self, act: Act) -> Play | None:
        return next((play for play in self.plays if play.act is act), None)

    def match(self, text: str, language: Language) -> Match | None:
        """The play that fits ``text`` best, or None when no word of it is known.

        A keyword that stands in the text (as whole stems, in order) weighs as a match of 0.6 or more; an
        example counts by the cosine between the rarity-weighted stems of both.
        """
        words = stems(text, language)
        weights = self._weights[language]
        best: Match | None = None
        for play in self.plays:
            if play.act is not None:
                continue
            score = max(
                _keyword_score(words, play.keywords.get(language, []), language),
                max(
                    (
                        _cosine(words, stems(example, language), weights)
                        for example in play.examples.get(language, [])
                    ),
                    default=0.0,
                ),
            )
            if score > 0 and (best is None or score > best.score):
                best = Match(play, score)
        return best


def stems(text: str, language: Language) -> list[str]:
    """The words of ``text`` as stems of ``language``, in order."""
    return [stem(word, language) for word in prepare(text).words]


def _texts(play: Play, language: Language) -> list[str]:
    return [*play.keywords.get(language, []), *play.examples.get(language, [])]


def _keyword_score(words: Sequence[str], keywords: Sequence[str], language: Language) -> float:
    score = 0.0
    for keyword in keywords:
        wanted = stems(keyword, language)
        if wanted and _contains(words, wanted):
            score = max(score, min(0.95, 0.5 + 0.1 * len(wanted) + 0.3 * len(wanted) / max(1, len(words))))
    return score


def _contains(words: Sequence[str], wanted: Sequence[str]) -> bool:
    size = len(wanted)
    return any(list(words[i : i + size]) == list(wanted) for i in range(len(words) - size + 1))


def _cosine(left: Sequence[str], right: Sequence[str], weights: Mapping[str, float]) -> float:
    ours, theirs = set(left), set(right)
    unknown = max(weights.values(), default=1.0)

    def norm(bag: set[str]) -> float:
        return math.sqrt(sum(weights.get(stem, unknown) ** 2 for stem in bag)) or 1.0

    return sum(weights.get(stem, unknown) ** 2 for stem in ours & theirs) / (norm(ours) * norm(theirs))


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
