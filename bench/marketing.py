"""The marketing team on ten long documents: the persona without a model and with one, the analysis, routing.

The model is the tests' stand-in, over the wire and in this process: it answers at once, and what it takes is
in the times. Its persona has every answer of the template.
"""

import time
from collections.abc import Awaitable, Callable, Iterator
from itertools import cycle, islice

from fpdf import FPDF
from tests.support.marketing_desk import desk_of, hands_of, scripted

from bench.corpus import Tongue, texts, tongue
from bench.load import Figures, percentile
from relevo.agents.routing import Asked
from relevo.domain.conversation import ConversationState
from relevo.domain.ids import ProjectId
from relevo.domain.knowledge import DocumentState
from relevo.domain.signals import Language
from relevo.knowledge.library import Library
from relevo.knowledge.words import sentences
from relevo.storage.analyses import begin_analysis, claim_analysis, read_analysis
from relevo.storage.database import Database
from relevo.storage.projects import create_project
from relevo.teams.marketing.analysis import STEPS
from relevo.teams.marketing.background import LEASE_SECONDS, Analyses
from relevo.teams.marketing.demo import FOLDER, SAMPLES
from relevo.teams.marketing.persona import build_persona
from relevo.teams.marketing.policy import routing
from relevo.teams.marketing.values import Basis, Brief

BRAND = ProjectId("brand")
A_PAGE = 3
"""Paragraphs of a page, 3,000 characters in all; each ends with a sentence of our sample documents."""
ROUTINGS = 300
SAID = (
    "hola", "crea el buyer persona", "escribe un post sobre riego", "dame los puntos de dolor",
    "crea el foro", "traza el recorrido", "¿qué aprendiste de los documentos?", "análisis completo",
    "gracias", "write an email for the purchase phase", "más corto, por favor",
    "quiero hablar con una persona",
)  # fmt: skip


async def marketing(database: Database, documents: int, pages: int, rounds: int) -> Figures:
    """Milliseconds and calls; lists hold a value for each round."""
    await create_project(database, BRAND, "marketing", BRAND)
    read_seconds = await _add(database, documents, pages)
    alone = desk_of(database, BRAND)
    await alone.works.save_brief(Brief(answers={"offer": "Huertos de balcón"}))
    persona = await build_persona(alone)
    without = [await _taken(lambda: build_persona(alone)) for _ in range(rounds)]
    with_model, first, calls = await _with_model(database, rounds)
    return {
        "documents": documents,
        "pages": pages,
        "read_seconds": read_seconds,
        "answered": persona.count(Basis.DOCUMENTS),
        "answers": len(persona.answers),
        "without_ms": without,
        "with_model_ms": with_model,
        "first_category_ms": first,
        "persona_calls": calls,
        "analysis": [await _analysis(database) for _ in range(rounds)],
        "routing": await _routing(database),
    }


async def _add(database: Database, documents: int, pages: int) -> float:
    """Seconds in which the documents are read, one after the other."""
    library, words, seconds = Library(database), tongue(Language.ES), 0.0
    for number, body in enumerate(islice(_files(words, pages), documents)):
        begun = time.perf_counter()
        document, _ = await library.add(BRAND, f"documento-{number}.pdf", body)
        document = await library.read(BRAND, document.id)
        seconds += time.perf_counter() - begun
        if document.state is not DocumentState.READY:
            raise RuntimeError(f"a document was not read: {document.why}")
    return seconds


def _files(words: Tongue, pages: int) -> Iterator[bytes]:
    """PDF documents without end."""
    said = cycle(
        each
        for path in sorted((SAMPLES / FOLDER).iterdir())
        for each in sentences(path.read_text("utf-8"))
        if len(each.split()) > 3 and not each.startswith(("#", "|"))
    )
    filling = texts(words, BRAND)
    while True:
        file = FPDF()
        file.set_font("Helvetica", size=9)
        for _ in range(pages):
            file.add_page()
            for _ in range(A_PAGE):
                file.multi_cell(0, 4, _latin(f"{next(filling)} {next(said)}"), new_x="LMARGIN", new_y="NEXT")
                file.ln(4)
        yield bytes(file.output())


def _latin(text: str) -> str:
    """What the PDF's own letters can show."""
    return text.encode("latin-1", "ignore").decode("latin-1")


async def _with_model(database: Database, rounds: int) -> tuple[list[float], list[float], int]:
    """Milliseconds until the persona is stored, and until its first category is there; calls to the model."""
    taken: list[float] = []
    first: list[float] = []
    async with scripted(database, BRAND) as (desk, server):
        await build_persona(desk)
        server.requests.clear()
        for number in range(rounds):
            begun = time.perf_counter()

            def watch(done: int, of: int, number: int = number, begun: float = begun) -> None:
                if len(first) == number:
                    first.append((time.perf_counter() - begun) * 1000)

            taken.append(await _taken(lambda watch=watch: build_persona(desk, watch=watch)))  # type: ignore[misc]
        return taken, first, len(server.requests) // rounds


async def _analysis(database: Database) -> Figures:
    """A whole analysis: its calls to the model, and milliseconds beside a model that answers at once."""
    async with hands_of(database) as (hands, _):
        async with database.project(BRAND) as connection:
            analysis = await begin_analysis(connection, BRAND, STEPS, Language.ES)
            claimed = await claim_analysis(connection, BRAND, analysis.id, LEASE_SECONDS)
        if claimed is None:
            raise RuntimeError("the analysis is not to be had")
        taken = await _taken(lambda: Analyses(hands).run(claimed))
        async with database.project(BRAND) as connection:
            done = await read_analysis(connection, BRAND, analysis.id)
        if done is None or done.state != "done":
            raise RuntimeError(f"the analysis did not end well: {done}")
        return {"calls": done.calls, "ms": taken}


async def _routing(database: Database) -> Figures:
    """Milliseconds of the team's routing policy, which reads how the project stands."""
    taken = []
    for text in islice(cycle(SAID), ROUTINGS):
        asked = Asked(BRAND, text, ConversationState(), {Database: database})
        taken.append(await _taken(lambda asked=asked: routing(asked)))  # type: ignore[misc]
    return {"p50_ms": percentile(taken, 0.5), "p99_ms": percentile(taken, 0.99)}


async def _taken(work: Callable[[], Awaitable[object]]) -> float:
    """Milliseconds."""
    begun = time.perf_counter()
    await work()
    return (time.perf_counter() - begun) * 1000
