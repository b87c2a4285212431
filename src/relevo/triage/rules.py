"""Rules that say what is at stake in a message: concepts near each other, and what they weigh."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from relevo.triage.concepts import Concepts, Pattern, Spots

Weight = Annotated[float, Field(ge=0, le=10)]


class RuleSource(BaseModel):
    """One ``[[rules]]`` table of a rule file; weights run from 0 to 10."""

    model_config = ConfigDict(extra="forbid")

    reason: str
    patterns: list[str] = Field(min_length=1)
    unless: list[str] = []
    within: int = Field(default=6, ge=1, le=40)
    security: Weight = 0
    financial: Weight = 0
    legal: Weight = 0
    operational: Weight = 0
    urgency: Weight = 0
    attack: Weight = 0


class RuleFile(BaseModel):
    """A rule file: ``[concepts]`` (name = list of words), ``[[rules]]``, and concepts out of any scope."""

    model_config = ConfigDict(extra="forbid")

    concepts: dict[str, list[str]] = {}
    rules: list[RuleSource] = []
    elsewhere: list[str] = []


@dataclass(frozen=True, slots=True)
class Rule:
    """What one match weighs. It holds when a pattern matches and no ``unless`` pattern does."""

    reason: str
    patterns: tuple[Pattern, ...]
    unless: tuple[Pattern, ...]
    weights: Mapping[str, float]
    openings: frozenset[str]  # each pattern's first concept: where none is present, no pattern matches

    def holds(self, spots: Spots) -> bool:
        """Whether this rule applies to a message with these concept ``spots``."""
        return any(pattern.matches(spots) for pattern in self.patterns) and not any(
            pattern.matches(spots) for pattern in self.unless
        )


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules of a team: the core's and its own, over one set of concepts."""

    concepts: Concepts
    rules: Sequence[Rule]
    trade: frozenset[str] = frozenset()  # the names of the team's own concepts
    elsewhere: frozenset[str] = frozenset()  # the names of concepts out of any team's scope

    @classmethod
    def compile(cls, core: Sequence[RuleFile], own: Sequence[RuleFile] = ()) -> "Rules":
        """Join the core's rule files and a team's ``own``: concepts of the same name add up.

        Raises ValueError where a rule names an unknown concept.
        """
        lists: dict[str, list[str]] = {}
        sources: list[RuleSource] = []
        for file in (*core, *own):
            for name, words in file.concepts.items():
                lists.setdefault(name, []).extend(words)
            sources.extend(file.rules)
        rules = tuple(_compile(source) for source in sources)
        for rule in rules:
            for pattern in (*rule.patterns, *rule.unless):
                for concept in pattern.concepts:
                    if concept not in lists:
                        raise ValueError(f"rule {rule.reason!r} names an unknown concept: {concept!r}")
        return cls(
            Concepts(lists),
            rules,
            frozenset(name for file in own for name in file.concepts),
            frozenset(name for file in (*core, *own) for name in file.elsewhere),
        )

    def topics(self, spots: Spots) -> list[str]:
        """The names of the concepts found, and whether the message touches the team's own trade at all."""
        return [*spots, "own trade" if not self.trade.isdisjoint(spots) else "another trade"]

    def holding(self, spots: Spots) -> list[Rule]:
        """The rules that apply to a message with these concept ``spots``."""
        present = spots.keys()
        return [rule for rule in self.rules if not rule.openings.isdisjoint(present) and rule.holds(spots)]


def read_rules(path: Path) -> RuleFile:
    """Read one TOML rule file. Raises pydantic's ValidationError where it is malformed."""
    return RuleFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def _compile(source: RuleSource) -> Rule:
    weights = {
        axis: float(getattr(source, axis))
        for axis in ("security", "financial", "legal", "operational", "urgency", "attack")
        if getattr(source, axis)
    }
    patterns = tuple(Pattern.parse(pattern, within=source.within) for pattern in source.patterns)
    return Rule(
        source.reason,
        patterns,
        tuple(Pattern.parse(pattern, within=source.within) for pattern in source.unless),
        weights,
        frozenset(pattern.concepts[0] for pattern in patterns),
    )
