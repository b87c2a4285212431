"""What an agent answers without a model: its plays."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import TemplateError
from pydantic import BaseModel, ConfigDict, Field, model_validator

from relevo.agents.matching import Index, indexed, scored
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
    named: bool
    """Whether a keyword of it stands in the message, rather than words like an example's."""


CONFIDENT = 0.5
"""Below this a play is not performed: the agent says what it can help with instead."""
ELSEWISE = 0.9
"""What a match in the language that the message is not read as counts: people mix two."""


@dataclass(slots=True)
class Playbook:
    """The plays of one agent, ready to be matched."""

    plays: Sequence[Play]
    _matched: Sequence[Play] = ()
    _indexes: dict[Language, Index] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._matched = [play for play in self.plays if play.act is None]
        self._indexes = {language: indexed(self._matched, language) for language in Language}

    def get(self, name: str) -> Play | None:
        return next((play for play in self.plays if play.name == name), None)

    def for_act(self, act: Act) -> Play | None:
        return next((play for play in self.plays if play.act is act), None)

    def hinted(self) -> Sequence[Play]:
        """The plays that a filled slot is enough for, in their order."""
        return [play for play in self.plays if play.hint is not None]

    def matches(self, text: str, language: Language) -> list[Match]:
        """The plays that ``text`` may ask for, the surest first.

        Where none is sure in ``language``, the other one is read too: "me dices my balance please".
        """
        found = self._read(text, language, 1.0)
        if not found or found[0].score < CONFIDENT:
            for other in Language:
                if other is not language:
                    found += self._read(text, other, ELSEWISE)
            found.sort(key=lambda match: -match.score)
        return found

    def match(self, text: str, language: Language) -> Match | None:
        """The play that fits ``text`` best, or None when no word of it is known."""
        return next(iter(self.matches(text, language)), None)

    def _read(self, text: str, language: Language, counts: float) -> list[Match]:
        return [
            Match(self._matched[each.place], each.score * counts, each.named)
            for each in scored(text, language, self._indexes[language])
        ]


def load_playbook(path: Path, shared: Sequence[Play] = ()) -> Playbook:
    """A playbook of a playbook.toml and the ``shared`` plays that it has none of its own for.

    Raises ValueError naming the play and the field that is wrong.
    """
    own = load_plays(path)
    names = {play.name for play in own}
    return Playbook([*own, *(play for play in shared if play.name not in names)])


def load_plays(path: Path) -> list[Play]:
    """The plays of a playbook.toml, none where there is no file. Raises ValueError like load_playbook."""
    if not path.exists():
        return []
    plays: list[dict[str, Any]] = tomllib.loads(path.read_text("utf-8")).get("play", [])
    return [_play(play) for play in plays]


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
