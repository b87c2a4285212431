"""The first questions: what is offered, to whom, B2B or B2C, in which market, to what end."""

import re
import tomllib
from functools import cache
from pathlib import Path

from relevo.domain.signals import Language
from relevo.teams.marketing.requests import Wish, wish_of
from relevo.teams.marketing.values import Brief, Value
from relevo.triage.normalise import fold

FILE = Path(__file__).parent / "data" / "onboarding.toml"
LONGEST = 1_000
_ALL = re.compile(r"\b(?:todo|todas|all|everything|the questions|las preguntas)\b")


class First(Value):
    """A first question. ``names`` are the words by which its answer is changed later."""

    key: str
    ask: dict[Language, str]
    names: tuple[str, ...]


@cache
def questions() -> tuple[First, ...]:
    raw = tomllib.loads(FILE.read_text("utf-8"))
    return tuple(First.model_validate(each) for each in raw["question"])


def next_question(brief: Brief) -> First | None:
    """The first question that was neither answered nor skipped; None where none is left."""
    if brief.skipped:
        return None
    return next((each for each in questions() if each.key not in brief.answers), None)


def answered(brief: Brief, text: str, language: Language) -> Brief:
    """The brief after ``text``, which answers the question that was put, or skips it, or all of them."""
    brief = brief if brief.language else brief.model_copy(update={"language": language})
    if not brief.asked:
        return brief
    skips = wish_of(text) is Wish.SKIP
    if skips and _ALL.search(fold(text)):
        return brief.model_copy(update={"skipped": True, "asked": ""})
    said = "" if skips else text.strip()[:LONGEST]
    return brief.model_copy(update={"answers": brief.answers | {brief.asked: said}, "asked": ""})


def asked(brief: Brief, question: First | None) -> Brief:
    return brief.model_copy(update={"asked": question.key if question else ""})


def change_in(text: str) -> tuple[First, str] | None:
    """``mercado: México`` as the question and its new answer; None for anything else."""
    name, separator, value = text.strip().partition(":")
    wanted = fold(name).strip()
    for prefix in ("cambia ", "change ", "el ", "la ", "the "):
        wanted = wanted.removeprefix(prefix)
    for each in questions():
        if separator and wanted in each.names:
            return each, value.strip()[:LONGEST]
    return None


def changed(brief: Brief, question: First, value: str) -> Brief:
    return brief.model_copy(update={"answers": brief.answers | {question.key: value}})
