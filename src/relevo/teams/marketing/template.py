"""The persona's template: eleven categories of questions, in both languages, as data that can be edited."""

import tomllib
from functools import cache
from pathlib import Path

from pydantic import Field, model_validator

from relevo.domain.signals import Language
from relevo.teams.marketing.values import Value

FILE = Path(__file__).parent / "data" / "template.toml"


class Question(Value):
    """``ours`` marks what we have added to the required questions.

    ``cues`` are words, by language, one of which a sentence must hold to answer it without a model;
    ``finds`` are patterns whose first group is the answer itself.
    """

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    ours: bool = False
    ask: dict[Language, str]
    cues: dict[Language, tuple[str, ...]] = Field(default_factory=dict)
    finds: dict[Language, tuple[str, ...]] = Field(default_factory=dict)


class Category(Value):
    key: str
    title: dict[Language, str]
    questions: tuple[Question, ...]


class Template(Value):
    categories: tuple[Category, ...]

    @model_validator(mode="after")
    def _keys_are_unique(self) -> "Template":
        keys = [each.key for each in self.questions]
        if doubled := {key for key in keys if keys.count(key) > 1}:
            raise ValueError(f"the same key twice: {', '.join(sorted(doubled))}")
        return self

    @property
    def questions(self) -> tuple[Question, ...]:
        return tuple(each for category in self.categories for each in category.questions)

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(each.key for each in self.questions)

    def question(self, key: str) -> Question:
        """Raises KeyError for an unknown key."""
        for each in self.questions:
            if each.key == key:
                return each
        raise KeyError(key)


@cache
def default_template() -> Template:
    """The template as it is shipped."""
    return read_template(tomllib.loads(FILE.read_text("utf-8")))


def read_template(written: object) -> Template:
    """A template out of its TOML or JSON form. Raises ValueError saying what is wrong."""
    return Template.model_validate(written)


def edited_template(written: object) -> Template:
    """A project's own template: questions may be added and reworded, none of the required ones left out.

    Raises ValueError.
    """
    template = read_template(written)
    required = {each.key for each in default_template().questions if not each.ours}
    if missing := required - set(template.keys):
        raise ValueError(f"these questions belong in every template: {', '.join(sorted(missing))}")
    return template
