"""The report as a list of lines, whatever file it becomes: headings, paragraphs, points and quotes."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from relevo.domain.signals import Language
from relevo.teams.marketing.findings import Forum, Journey, PainPoints, Phase
from relevo.teams.marketing.template import Template
from relevo.teams.marketing.values import Answer, Basis, Persona, Quote

Style = Literal["title", "heading", "subheading", "text", "point", "quote"]


@dataclass(frozen=True, slots=True)
class Line:
    """``label`` is said before the text, in bold."""

    style: Style
    text: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What there is to hand on. Whatever has not been made is left out."""

    template: Template
    persona: Persona
    forum: Forum | None = None
    pain_points: PainPoints | None = None
    journey: Journey | None = None

    @property
    def language(self) -> Language:
        return self.persona.language

    def lines(self) -> list[Line]:
        return [*self._persona(), *self._pains(), *self._journey(), *self._forum()]

    def _say(self, name: str) -> str:
        return words()[name][self.language]

    def _persona(self) -> Iterator[Line]:
        persona = self.persona
        yield Line("title", f"{self._say('persona')}: {persona.name}")
        counts = ", ".join(
            f"{self._say(basis)} {persona.count(basis)}" for basis in Basis if persona.count(basis)
        )
        yield Line("text", f"{self._say('version')} {persona.version} · {counts}")
        yield Line("text", self._say(f"made_by_{persona.maker}"))
        for category in self.template.categories:
            yield Line("heading", category.title[self.language])
            for question in category.questions:
                yield from self._answer(question.ask[self.language], persona.answer(question.key))

    def _answer(self, asked: str, answer: Answer) -> Iterator[Line]:
        said = answer.text or self._say("not_known")
        yield Line("point", f"{said} ({self._basis(answer)})", asked)
        for quote in answer.quotes:
            where = _where(quote, self._say("onboarding"))
            yield Line("quote", where if quote.text == answer.text else f"“{quote.text}” ({where})")

    def _basis(self, answer: Answer) -> str:
        return self._say("edited") if answer.edited else self._say(answer.basis)

    def _pains(self) -> Iterator[Line]:
        if self.pain_points is None:
            return
        yield Line("heading", self._say("pain_points"))
        for point in self.pain_points.points:
            yield Line("point", point.detail, f"{point.rank}. {point.title} ({point.severity}/10)")
            behind = [
                self.template.question(key).ask[self.language]
                for key in point.answers
                if key in self.template.keys
            ]
            if behind:
                yield Line("quote", f"{self._say('answers_behind')}: {' · '.join(behind)}")
            if point.posts:
                yield Line("quote", f"{self._say('posts_behind')}: {', '.join(map(str, point.posts))}")
            for quote in point.quotes:
                yield Line("quote", f"“{quote.text}” ({_where(quote, self._say('onboarding'))})")

    def _journey(self) -> Iterator[Line]:
        if self.journey is None:
            return
        yield Line("heading", self._say("journey"))
        for phase in self.journey.phases:
            yield from self._phase(phase)

    def _phase(self, phase: Phase) -> Iterator[Line]:
        yield Line("subheading", self._say(phase.name))
        formats = ", ".join(self._say(each) for each in phase.formats)
        yield Line("text", f"{formats}. {phase.why_formats}".strip(), self._say("formats"))
        for name, entries in (("searches", phase.searches), ("questions", phase.questions)):
            yield Line("text", "", self._say(name))
            for entry in entries or (self._say("not_known"),):
                yield Line("point", entry)

    def _forum(self) -> Iterator[Line]:
        if self.forum is None:
            return
        yield Line("heading", f"{self._say('forum')}: {self.forum.title}")
        yield Line("text", f"{self.forum.agreement_bias:.0%}", self._say("agreement_bias"))
        for post in self.forum.posts:
            yield Line("point", post.text, f"{post.number}. {post.author}")
            yield Line("quote", f"{self._say('wish')}: {post.wish}")


def _where(quote: Quote, onboarding: str) -> str:
    return ", ".join(filter(None, (quote.title, quote.place))) if quote.document else onboarding


@cache
def words() -> dict[str, dict[Language, str]]:
    """The report's own words."""
    raw = tomllib.loads((Path(__file__).parent / "words.toml").read_text("utf-8"))
    return {name: {Language(code): text for code, text in each.items()} for name, each in raw.items()}
