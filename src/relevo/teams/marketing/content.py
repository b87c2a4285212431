"""Content: written when a person asks for it in so many words, and never otherwise.

A ContentRequest is the only key, and requests.py makes it from the person's own message. What was used is
kept with each version; a refinement is the next version of the same piece.
"""

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

import orjson
from pydantic import BaseModel, Field

from relevo.domain.ids import new_id
from relevo.domain.knowledge import Found
from relevo.domain.message import Said
from relevo.teams.marketing.ask import Question, ask
from relevo.teams.marketing.desk import Desk
from relevo.teams.marketing.findings import (
    Content,
    Format,
    Journey,
    PainPoints,
    PhaseName,
    Piece,
    Used,
)
from relevo.teams.marketing.mining import quote_of
from relevo.teams.marketing.needs import NeedsContent, NeedsModel, NeedsPersona
from relevo.teams.marketing.requests import ContentRequest
from relevo.teams.marketing.values import Maker, Persona
from relevo.triage.normalise import fold

AGENT = "content_generator"
Name = TypeVar("Name", Format, PhaseName)
MOST_PIECES = 20
LONGEST = 12_000
PASSAGES = 6
RECENT = 10
FORMATS = {
    Format.CAROUSEL: r"carrusel\w*|carousels?|slides?|diapositivas?",
    Format.VIDEO: r"guion\w*|scripts?|videos?|reels?|tiktoks?|shorts?",
    Format.EMAIL: r"e-?mails?|correos?|newsletters?|boletin\w*",
    Format.ARTICLE: r"articul\w+|articles?|blogs?|entradas? de blog",
    Format.IDEAS: r"ideas?|calendario\w*|calendar",
    Format.POST: r"posts?|publicacion\w*|captions?|anuncios?|ads?|hilos?|threads?|copy",
}
PHASES = {
    PhaseName.AWARENESS: r"descubrimiento|conciencia|awareness|tofu",
    PhaseName.CONSIDERATION: r"consideracion|consideration|mofu",
    PhaseName.PURCHASE: r"fase de (?:compra|decision)|decision|conversion|purchase|buying|bofu",
}


class SaidPiece(BaseModel):
    title: str = ""
    text: str = Field(min_length=1)


class SaidContent(BaseModel):
    title: str
    pieces: list[SaidPiece] = Field(description="One for a post; a slide, scene, e-mail or idea each else")
    answers: list[str] = Field(default_factory=list, description="Keys of the persona's answers you used")
    pain_points: list[int] = Field(default_factory=list, description="Ranks of the pain points you used")
    searches: list[str] = Field(default_factory=list, description="Searches of the journey you used")
    sources: list[int] = Field(default_factory=list, description="Numbers of the passages you used")


async def write_content(
    desk: Desk,
    request: ContentRequest,
    recent: Sequence[Said] = (),
    origin: str | None = None,
    preview: Callable[[str], None] | None = None,
    piece: str | None = None,
) -> Content:
    """Writes what ``request`` asks for and stores it; a refinement as the next version of ``piece``.

    Without ``piece`` the last one is refined.

    Raises NeedsPersona, NeedsModel, NeedsContent, ModelError.
    """
    persona = await desk.works.persona()
    if persona is None:
        raise NeedsPersona
    before = await _to_refine(desk, piece) if request.refines else None
    if request.refines and before is None:
        raise NeedsContent
    if desk.asking is None:
        raise NeedsModel
    points, journey = await desk.works.newest(PainPoints), await desk.works.newest(Journey)
    kind = format_of(request.text) or (before.format if before else Format.POST)
    phase = phase_of(request.text) or (before.phase if before else None)
    about = f"{before.request} {request.text}" if before else request.text
    passages = await desk.search.search(desk.project, about, most=PASSAGES)
    data = {
        "request": request.text,
        "format": kind,
        "phase": phase,
        "persona": {each.key: each.text for each in persona.answers if each.text},
        "pain_points": [{"rank": each.rank, "title": each.title} for each in points.points] if points else [],
        "journey": _journey(journey, phase),
        "sources": [
            {"source": number, "from": each.title, "kind": each.kind, "text": each.text}
            for number, each in enumerate(passages, 1)
        ],
        "recent_talk": [{"who": each.role, "text": each.text[:600]} for each in recent[-RECENT:]],
        "before": [each.model_dump() for each in before.pieces] if before else [],
    }
    question = Question(AGENT, desk.language, data, purpose="content", temperature=0.8)
    on_text = Written(preview).add if preview is not None else None
    said = await ask(desk.asking, question, SaidContent, _wrong, on_text)
    content = Content(
        id=before.id if before else new_id("w"),
        language=desk.language,
        maker=Maker.MODEL,
        persona=persona.id,
        persona_version=persona.version,
        format=kind,
        phase=phase,
        request=request.text[:2_000],
        title=said.title[:300],
        pieces=tuple(Piece(title=each.title[:300], text=each.text[:LONGEST]) for each in said.pieces),
        used=_used(said, persona, points, journey, passages, min(len(recent), RECENT)),
    )
    return await desk.works.store_content(content, origin)


async def _to_refine(desk: Desk, piece: str | None) -> Content | None:
    if piece is not None:
        return await desk.works.content(piece)
    return next(iter(await desk.works.library()), None)


def format_of(text: str) -> Format | None:
    """The format that is named first."""
    return _first(text, FORMATS)


def phase_of(text: str) -> PhaseName | None:
    """The phase that is named first."""
    return _first(text, PHASES)


def _first(text: str, patterns: dict[Name, str]) -> Name | None:
    folded = fold(text)
    found = [
        (match.start(), name)
        for name, pattern in patterns.items()
        if (match := re.search(rf"(?<!\w)(?:{pattern})(?!\w)", folded))
    ]
    return min(found)[1] if found else None


def _wrong(said: SaidContent) -> str:
    if not said.pieces:
        return "there is no piece"
    return f"there are more than {MOST_PIECES} pieces" if len(said.pieces) > MOST_PIECES else ""


def _journey(journey: Journey | None, phase: PhaseName | None) -> list[dict[str, object]]:
    if journey is None:
        return []
    return [
        {"phase": each.name, "searches": each.searches, "questions": each.questions}
        for each in journey.phases
        if phase in (None, each.name)
    ]


def _used(
    said: SaidContent,
    persona: Persona,
    points: PainPoints | None,
    journey: Journey | None,
    passages: Sequence[Found],
    recent: int,
) -> Used:
    """What the model says it used, as far as it was given it."""
    known = {each.key for each in persona.answers if each.text}
    ranks = {each.rank for each in points.points} if points else set()
    searches = {search for phase in journey.phases for search in phase.searches} if journey else set()
    return Used(
        persona_version=persona.version,
        answers=tuple(dict.fromkeys(each for each in said.answers if each in known)),
        pain_points=tuple(dict.fromkeys(each for each in said.pain_points if each in ranks)),
        searches=tuple(dict.fromkeys(each for each in said.searches if each in searches)),
        documents=tuple(
            quote_of(passages[number - 1], passages[number - 1].sentence or passages[number - 1].text[:200])
            for number in dict.fromkeys(said.sources)
            if 0 < number <= len(passages)
        ),
        recent_messages=recent,
    )


class Written:
    """Shows the texts of a piece of content while its JSON is being written."""

    _TEXTS = re.compile(r'"(?:title|text)"\s*:\s*"((?:[^"\\]|\\.)*)')

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show
        self._json = ""
        self._shown = ""

    def add(self, piece: str) -> None:
        if not piece:
            self._json = self._shown = ""
            self._show("")
            return
        self._json += piece
        now = "\n\n".join(filter(None, (_unquoted(each) for each in self._TEXTS.findall(self._json))))
        if now.startswith(self._shown) and len(now) > len(self._shown):
            self._show(now[len(self._shown) :])
            self._shown = now


def _unquoted(raw: str) -> str:
    """The text of a JSON string that may end in the middle of an escape."""
    for cut in range(min(7, len(raw) + 1)):
        try:
            return str(orjson.loads(f'"{raw[: len(raw) - cut]}"'))
        except orjson.JSONDecodeError:
            continue
    return ""
