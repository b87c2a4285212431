"""Ten ranked pain points, each with what is behind it; without a model, out of the documents."""

import re

from pydantic import BaseModel, Field

from relevo.agents.asking import Asking
from relevo.domain.signals import Language
from relevo.teams.marketing.ask import Question, ask
from relevo.teams.marketing.desk import Desk
from relevo.teams.marketing.either import model_or_documents
from relevo.teams.marketing.findings import Forum, PainPoint, PainPoints
from relevo.teams.marketing.mining import Mined, look, mined
from relevo.teams.marketing.template import Template
from relevo.teams.marketing.values import Persona

AGENT = "pain_points"
WANTED = 10
ABOUT = (
    "dolor",
    "barreras",
    "miedo_principal",
    "que_odia",
    "experiencias_negativas",
    "retos_laborales",
    "vida_laboral_personal",
    "consecuencias",
    "intentos_previos",
)
"""The questions whose answers tell of pain, those that tell most first."""
LONGEST = 1_500
_PAUSE = re.compile(r"[,;:]\s")


class SaidPoint(BaseModel):
    title: str
    detail: str
    severity: int = Field(ge=1, le=10, description="10 hurts most")
    answers: list[str] = Field(description="Keys of the persona's answers behind it")
    posts: list[int] = Field(default_factory=list, description="Numbers of the forum posts behind it")


class SaidPoints(BaseModel):
    points: list[SaidPoint]


async def find_pain_points(desk: Desk, origin: str | None = None) -> PainPoints:
    """Makes and stores the next version. Raises NeedsPersona."""
    persona, points, maker = await model_or_documents(desk, _with_model, _from_documents)
    found = PainPoints(
        language=desk.language,
        maker=maker,
        persona=persona.id,
        persona_version=persona.version,
        points=points,
    )
    return await desk.works.store(found, origin)


async def _with_model(desk: Desk, asking: Asking, persona: Persona) -> tuple[PainPoint, ...]:
    forum = await desk.works.newest(Forum)
    posts = forum.posts if forum is not None else ()
    data = {
        "wanted": WANTED,
        "persona": {each.key: each.text for each in persona.answers if each.text},
        "forum": [{"number": each.number, "text": each.text, "wish": each.wish} for each in posts],
    }
    known = {each.key for each in persona.answers if each.text}
    numbers = {each.number for each in posts}

    def wrong(said: SaidPoints) -> str:
        if len(said.points) < WANTED:
            return f"there are {len(said.points)} points, {WANTED} are needed"
        if alone := [each.title for each in said.points if not known & set(each.answers)]:
            return f"no answer of the persona is behind: {', '.join(alone)[:200]}"
        return ""

    question = Question(AGENT, desk.language, data, purpose="pain_points")
    said = await ask(asking, question, SaidPoints, wrong)
    ranked = sorted(said.points, key=lambda each: -each.severity)[:WANTED]
    return tuple(
        PainPoint(
            rank=rank,
            title=each.title[:200],
            detail=each.detail[:LONGEST],
            severity=each.severity,
            answers=tuple(dict.fromkeys(key for key in each.answers if key in known)),
            posts=tuple(dict.fromkeys(number for number in each.posts if number in numbers)),
            quotes=tuple(
                quote for key in each.answers if key in known for quote in persona.answer(key).quotes
            )[:3],
        )
        for rank, each in enumerate(ranked, 1)
    )


async def _from_documents(desk: Desk) -> tuple[PainPoint, ...]:
    """Sentences that tell of pain, the plainest first, each once; fewer than ten where there are no more."""
    template = await desk.works.template()
    best: dict[str, tuple[Mined, list[str]]] = {}
    for key in (each for each in ABOUT if each in template.keys):
        for each in (await _told(desk, template, key))[:WANTED]:
            best.setdefault(each.text, (each, []))[1].append(key)
    ranked = sorted(
        best.values(), key=lambda each: (-_plainness(*each), -len(each[1]), ABOUT.index(each[1][0]))
    )
    return tuple(
        PainPoint(
            rank=rank,
            title=_title(sentence.text),
            detail=sentence.text,
            severity=_plainness(sentence, keys),
            answers=tuple(keys),
            quotes=(sentence.quote,),
        )
        for rank, (sentence, keys) in enumerate(ranked[:WANTED], 1)
    )


async def _told(desk: Desk, template: Template, key: str) -> list[Mined]:
    question = template.question(key)
    cues = " ".join(cue for language in Language for cue in question.cues.get(language, ()))
    return mined(await look(desk.search, desk.project, cues), question.cues)


def _plainness(sentence: Mined, keys: list[str]) -> int:
    """How plainly a sentence tells of pain, 1–10: by the questions it answers and the cues it holds."""
    return min(10, 2 * len(keys) + 2 * len(sentence.hits))


def _title(sentence: str) -> str:
    """The sentence up to its first pause, where that says enough; else its first words."""
    for pause in _PAUSE.finditer(sentence):
        if len(sentence[: pause.start()].split()) >= 7:
            return sentence[: pause.start()]
    words = sentence.split()
    return sentence if len(words) <= 14 else " ".join(words[:14]) + " …"
