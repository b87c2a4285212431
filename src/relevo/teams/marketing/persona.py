"""The buyer persona: one question to the model for the whole template, or the documents by themselves.

What a model says of its evidence is not believed: code looks each quote up (quotes.py) and settles the basis.
Locked answers stay as they are. Answers that are missing are asked for once more, together.
"""

from collections.abc import Callable, Sequence

import structlog
from pydantic import BaseModel, Field

from relevo.agents.asking import Asking
from relevo.llm.errors import ModelError
from relevo.teams.marketing.ask import Question as Asked
from relevo.teams.marketing.ask import ask
from relevo.teams.marketing.desk import Desk
from relevo.teams.marketing.evidence import shown, sources_for
from relevo.teams.marketing.from_documents import answers_from_documents
from relevo.teams.marketing.quotes import Source, checked
from relevo.teams.marketing.template import Question, Template
from relevo.teams.marketing.values import Answer, Basis, Brief, Maker, Persona
from relevo.teams.marketing.works import MAIN

log = structlog.get_logger()

Watch = Callable[[int, int], None]
"""Told how many of how many categories are written, as they come."""
AGENT = "buyer_persona"
LONGEST = 1_500
"""Letters of one answer."""
PERSONA_TOKENS = 8_000


class SaidQuote(BaseModel):
    text: str
    source: int | None = Field(None, description="The number of the source it stands in")


class SaidAnswer(BaseModel):
    key: str
    text: str = Field(description="Empty where nothing can be said")
    basis: Basis
    quotes: list[SaidQuote] = Field(
        default_factory=list, description="Word for word from the sources, for documents and onboarding"
    )


class SaidPersona(BaseModel):
    answers: list[SaidAnswer]


async def build_persona(
    desk: Desk, id: str = MAIN, origin: str | None = None, watch: Watch | None = None
) -> Persona:
    """Makes and stores the next version of a persona; without a model, or an answer of one, by documents."""
    template, brief = await desk.works.template(), await desk.works.brief()
    before = await desk.works.persona(id)
    locked = {each.key: each for each in before.answers if each.locked} if before else {}
    open_questions = tuple(each for each in template.questions if each.key not in locked)
    made, dropped, maker, note = await _answers(desk, template, open_questions, brief, locked, watch)
    persona = Persona(
        id=id,
        language=desk.language,
        maker=maker,
        answers=tuple(locked.get(key) or made[key] for key in template.keys),
        dropped=dropped,
        note=note,
    )
    return await desk.works.store_persona(persona, origin)


async def regenerate_answer(desk: Desk, key: str, id: str = MAIN, origin: str | None = None) -> Persona:
    """Makes one answer anew, in a new version. Raises LookupError without that persona or question."""
    template, persona = await desk.works.template(), await known_persona(desk, id)
    question = _question(template, key)
    others = {each.key: each for each in persona.answers if each.key != key}
    made, dropped, _, note = await _answers(
        desk, template, (question,), await desk.works.brief(), others, None
    )
    changed = persona.with_answers(made[key])
    return await desk.works.store_persona(
        changed.model_copy(update={"dropped": dropped, "note": note}), origin
    )


async def edit_answer(desk: Desk, key: str, text: str, id: str = MAIN) -> Persona:
    """Puts a person's own answer in a new version, locked. Raises LookupError; ValueError when too long."""
    persona = await known_persona(desk, id)
    _question(await desk.works.template(), key)
    text = text.strip()
    if len(text) > LONGEST:
        raise ValueError(f"an answer has at most {LONGEST} characters")
    answer = Answer(
        key=key,
        text=text,
        basis=Basis.ONBOARDING if text else Basis.UNKNOWN,
        locked=True,
        edited=True,
    )
    return await desk.works.store_persona(persona.with_answers(answer))


async def lock_answer(desk: Desk, key: str, locked: bool = True, id: str = MAIN) -> Persona:
    """Locks an answer or opens it again, in a new version. Raises LookupError."""
    persona = await known_persona(desk, id)
    _question(await desk.works.template(), key)
    answer = persona.answer(key).model_copy(update={"locked": locked})
    return await desk.works.store_persona(persona.with_answers(answer))


async def known_persona(desk: Desk, id: str = MAIN, version: int | None = None) -> Persona:
    """Raises LookupError where there is none."""
    persona = await desk.works.persona(id, version)
    if persona is None:
        raise LookupError(f"no persona {id!r}" + (f" in version {version}" if version else ""))
    return persona


def _question(template: Template, key: str) -> Question:
    try:
        return template.question(key)
    except KeyError:
        raise LookupError(f"no question {key!r} in the template") from None


async def _answers(
    desk: Desk,
    template: Template,
    wanted: Sequence[Question],
    brief: Brief,
    known: dict[str, Answer],
    watch: Watch | None,
) -> tuple[dict[str, Answer], int, Maker, str]:
    """The answers by key, quotes dropped, who made them, and why it was not the model where it was not."""
    note = ""
    if desk.asking is not None and wanted:
        try:
            made, dropped = await _with_model(desk, desk.asking, template, wanted, brief, known, watch)
            return made, dropped, Maker.MODEL, ""
        except ModelError as error:
            note = error.kind
    part = template.model_copy(
        update={
            "categories": tuple(
                each.model_copy(update={"questions": tuple(q for q in each.questions if q in wanted)})
                for each in template.categories
            )
        }
    )
    found = await answers_from_documents(desk.search, desk.project, part, brief)
    return {each.key: each for each in found}, 0, Maker.DOCUMENTS, note


async def _with_model(
    desk: Desk,
    asking: Asking,
    template: Template,
    wanted: Sequence[Question],
    brief: Brief,
    known: dict[str, Answer],
    watch: Watch | None,
) -> tuple[dict[str, Answer], int]:
    sources = await sources_for(desk, tuple(wanted), brief)
    said = await _ask(desk, asking, template, wanted, sources, known, watch)
    missing = [each for each in wanted if each.key not in said]
    if missing:
        have = known | {key: Answer(key=key, text=each.text) for key, each in said.items()}
        try:
            said |= await _ask(desk, asking, template, missing, sources, have, None)
        except ModelError as error:
            log.warning("persona_answers_missing", missing=len(missing), kind=error.kind)
    made, dropped = {}, 0
    for question in wanted:
        made[question.key], lost = _checked(question, said.get(question.key), sources)
        dropped += lost
    return made, dropped


def _checked(question: Question, said: SaidAnswer | None, sources: Sequence[Source]) -> tuple[Answer, int]:
    if said is None:
        return Answer(key=question.key), 0
    answer = Answer(key=question.key, text=said.text.strip()[:LONGEST], basis=said.basis)
    answer, dropped = checked(answer, ((each.text, each.source) for each in said.quotes), sources)
    return (answer if answer.basis is not Basis.UNKNOWN else Answer(key=question.key)), dropped


async def _ask(
    desk: Desk,
    asking: Asking,
    template: Template,
    wanted: Sequence[Question],
    sources: list[Source],
    known: dict[str, Answer],
    watch: Watch | None,
) -> dict[str, SaidAnswer]:
    """The answers a model gives to these questions; keys it was not asked for are passed over."""
    keys = {each.key for each in wanted}
    question = Asked(
        AGENT,
        desk.language,
        {
            "categories": [
                {
                    "category": category.title[desk.language],
                    "questions": [
                        {"key": each.key, "question": each.ask[desk.language]}
                        for each in category.questions
                        if each.key in keys
                    ],
                }
                for category in template.categories
                if any(each.key in keys for each in category.questions)
            ],
            "answered_already": {key: each.text for key, each in known.items() if each.text},
            "sources": shown(sources),
        },
        purpose="persona",
        max_tokens=PERSONA_TOKENS,
    )
    on_text = _Categories(template, watch).add if watch is not None else None
    said = await ask(asking, question, SaidPersona, on_text=on_text)
    return {each.key: each for each in said.answers if each.key in keys}


class _Categories:
    """Tells, from an answer that is being written, how many categories are complete."""

    def __init__(self, template: Template, watch: Watch) -> None:
        self._last = [category.questions[-1].key for category in template.categories]
        self._watch = watch
        self._text = ""
        self._told = 0

    def add(self, piece: str) -> None:
        self._text = self._text + piece if piece else ""
        done = 0
        for key in self._last:
            at = self._text.find(f'"{key}"')
            if at < 0 or "}" not in self._text[at:]:
                break
            done += 1
        if done > self._told:
            self._told = done
            self._watch(done, len(self._last))
