"""The customer journey in three phases: searches, questions in the head, content formats that fit."""

from pydantic import BaseModel

from relevo.agents.asking import Asking
from relevo.domain.signals import Language
from relevo.knowledge.words import STOP_WORDS
from relevo.teams.marketing.ask import Question, ask
from relevo.teams.marketing.desk import Desk
from relevo.teams.marketing.either import model_or_documents
from relevo.teams.marketing.findings import Format, Journey, PainPoints, Phase, PhaseName
from relevo.teams.marketing.mining import Mined, asked_in, holds, look, mined
from relevo.teams.marketing.values import Persona
from relevo.triage.normalise import fold

AGENT = "journey"
FEWEST, MOST = 10, 20
CUES: dict[PhaseName, dict[Language, tuple[str, ...]]] = {
    PhaseName.PURCHASE: {
        Language.ES: ("cuánto cuesta", "precio", "comprar", "pagar", "devolver", "devolución", "incluye",
                      "envío", "cuota", "garantía", "contratar", "reembolso"),
        Language.EN: ("how much", "price", "buy", "pay", "refund", "return", "included", "delivery", "fee",
                      "guarantee", "sign up", "order"),
    },
    PhaseName.CONSIDERATION: {
        Language.ES: ("diferencia", "comparar", "mejor", "opiniones", "alternativa", "merece la pena",
                      "sirve", "funciona", "frente a", "ventajas", "cuál", "hay que saber", "pesa"),
        Language.EN: ("difference", "compare", "best", "reviews", "alternative", "worth it", "does it work",
                      "versus", "advantages", "which", "better", "suitable"),
    },
    PhaseName.AWARENESS: {
        Language.ES: ("por qué", "cómo", "problema", "qué pasa", "qué es", "miedo", "cuesta", "seca",
                      "evitar", "causa", "agotada", "solución", "le preocupa"),
        Language.EN: ("why", "how", "problem", "what happens", "what is", "fear", "struggle", "avoid",
                      "cause", "tired", "worries", "solution"),
    },
}  # fmt: skip
FORMATS = {
    PhaseName.AWARENESS: (Format.POST, Format.VIDEO, Format.ARTICLE),
    PhaseName.CONSIDERATION: (Format.CAROUSEL, Format.ARTICLE, Format.VIDEO),
    PhaseName.PURCHASE: (Format.EMAIL, Format.POST),
}
"""What usually fits a phase; a model chooses for the persona."""
FEWEST_WORDS, MOST_WORDS = 3, 8


class SaidPhase(BaseModel):
    name: PhaseName
    searches: list[str]
    questions: list[str]
    formats: list[Format]
    why_formats: str = ""


class SaidJourney(BaseModel):
    phases: list[SaidPhase]


async def map_journey(desk: Desk, origin: str | None = None) -> Journey:
    """Makes and stores the next version. Raises NeedsPersona."""
    persona, phases, maker = await model_or_documents(desk, _with_model, _from_documents)
    journey = Journey(
        language=desk.language,
        maker=maker,
        persona=persona.id,
        persona_version=persona.version,
        phases=phases,
    )
    return await desk.works.store(journey, origin)


async def _with_model(desk: Desk, asking: Asking, persona: Persona) -> tuple[Phase, ...]:
    points = await desk.works.newest(PainPoints)
    data = {
        "each": FEWEST,
        "persona": {each.key: each.text for each in persona.answers if each.text},
        "pain_points": [each.title for each in points.points] if points else [],
    }
    question = Question(AGENT, desk.language, data, purpose="journey", max_tokens=5_000)
    said = await ask(asking, question, SaidJourney, _wrong)
    by_name = {each.name: each for each in said.phases}
    return tuple(
        Phase(
            name=name,
            searches=_distinct(by_name[name].searches),
            questions=_distinct(by_name[name].questions),
            formats=tuple(dict.fromkeys(by_name[name].formats)),
            why_formats=by_name[name].why_formats[:500],
        )
        for name in PhaseName
    )


def _distinct(texts: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.strip()[:300] for text in texts if text.strip()))[:MOST]


def _wrong(said: SaidJourney) -> str:
    for name in PhaseName:
        phase = next((each for each in said.phases if each.name is name), None)
        if phase is None:
            return f"the phase {name} is missing"
        if not phase.formats:
            return f"no format for {name}"
        for kind, texts in (("searches", phase.searches), ("questions", phase.questions)):
            if (count := len(_distinct(texts))) < FEWEST:
                return f"{name} has {count} different {kind}, at least {FEWEST} are needed"
    return ""


async def _from_documents(desk: Desk) -> tuple[Phase, ...]:
    """Questions that stand in the documents, and searches made of the words of what they tell."""
    questions: dict[PhaseName, list[str]] = {name: [] for name in PhaseName}
    searches: dict[PhaseName, list[str]] = {name: [] for name in PhaseName}
    asked: set[str] = set()
    for name, cues in CUES.items():
        query = " ".join(cue for language in Language for cue in cues[language])
        passages = await look(desk.search, desk.project, query, 15)
        for passage in passages:
            for text in asked_in(passage):
                if text not in asked and holds(text, cues[passage.language]):
                    asked.add(text)
                    questions[name].append(text)
        for each in mined(passages, cues)[:MOST]:
            searches[name].append(_telling_words(each))
    return tuple(
        Phase(
            name=name,
            searches=_distinct([*map(_search, questions[name]), *searches[name]]),
            questions=_distinct(questions[name]),
            formats=FORMATS[name],
        )
        for name in PhaseName
    )


def _search(question: str) -> str:
    """A question as it is typed into a search box: its first words, without signs."""
    return " ".join(_bare(question)[:MOST_WORDS])


def _telling_words(mined: Mined) -> str:
    """The words that say something around the first cue, as one types them into a search box."""
    stop, said = STOP_WORDS[mined.found.language], _bare(mined.text)
    cue = fold(mined.hits[0]).split()[0]
    at = next((place for place, word in enumerate(said) if fold(word) == cue), 0)
    near = said[max(0, at - 3) : at + MOST_WORDS]
    telling = [word for word in near if fold(word) not in stop and not word.isdigit()]
    return " ".join(telling[:5]) if len(telling) >= FEWEST_WORDS else ""


def _bare(text: str) -> list[str]:
    words = (word.strip("¿?¡!.,;:«»“”\"'()%").lower() for word in text.split())
    return [word for word in words if word]
