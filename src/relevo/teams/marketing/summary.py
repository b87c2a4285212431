"""What the documents say: read, summarised one by one, and what a good persona still misses."""

from pydantic import BaseModel

from relevo.domain.ids import DocumentId
from relevo.domain.knowledge import Document
from relevo.knowledge.words import sentences
from relevo.llm.errors import ModelError
from relevo.storage.knowledge_documents import read_document
from relevo.storage.knowledge_index import Stored, document_passages
from relevo.teams.marketing.ask import Question, ask
from relevo.teams.marketing.desk import Desk, documents_of
from relevo.teams.marketing.findings import Learned, Summary
from relevo.teams.marketing.from_documents import answers_from_documents
from relevo.teams.marketing.values import Basis, Maker

AGENT = "document_processor"
OF_ONE = 2_500
"""Letters of each document that a model reads for its summary."""
MOST_DOCUMENTS = 40
SENTENCES = 3


class SaidSummary(BaseModel):
    document: str
    summary: str


class SaidSummaries(BaseModel):
    documents: list[SaidSummary]


async def process_documents(desk: Desk, origin: str | None = None) -> tuple[Summary, list[Document]]:
    """Reads what waits, summarises what is ready; the stored summary and the documents that failed."""
    pending, _ = await documents_of(desk.database, desk.project)
    read = [await desk.library.read(desk.project, each) for each in pending]
    failed = [each for each in read if each.why]
    _, ready = await documents_of(desk.database, desk.project)
    known = [await _document(desk, each) for each in ready[:MOST_DOCUMENTS]]
    told, maker = await _told(desk, [each for each in known if each is not None])
    found = await answers_from_documents(
        desk.search, desk.project, await desk.works.template(), await desk.works.brief()
    )
    summary = Summary(
        language=desk.language,
        maker=maker,
        documents=tuple(told),
        missing=tuple(each.key for each in found if each.basis is Basis.UNKNOWN),
    )
    return await desk.works.store(summary, origin), failed


async def _document(desk: Desk, id: DocumentId) -> tuple[Document, list[Stored]] | None:
    async with desk.database.project(desk.project) as connection:
        document = await read_document(connection, desk.project, id)
        return (document, await document_passages(connection, desk.project, id)) if document else None


async def _told(desk: Desk, known: list[tuple[Document, list[Stored]]]) -> tuple[list[Learned], Maker]:
    said: dict[str, str] = {}
    if desk.asking is not None and known:
        data = {
            "documents": [
                {
                    "document": document.id,
                    "title": document.title,
                    "text": "\n".join(each.text for each in passages)[:OF_ONE],
                }
                for document, passages in known
            ]
        }
        question = Question(AGENT, desk.language, data, purpose="summary", temperature=0.2)
        try:
            answer = await ask(desk.asking, question, SaidSummaries)
            said = {each.document: each.summary.strip()[:1_000] for each in answer.documents}
        except ModelError:
            said = {}
    learned = [
        Learned(
            document=document.id,
            title=document.title,
            summary=said.get(document.id) or _first(passages),
            passages=len(passages),
        )
        for document, passages in known
    ]
    return learned, Maker.MODEL if said else Maker.DOCUMENTS


def _first(passages: list[Stored]) -> str:
    """The first sentences that say something."""
    found = (
        sentence
        for passage in passages
        for sentence in sentences(passage.text)
        if len(sentence.split()) >= SENTENCES + 2
    )
    return " ".join(sentence for sentence, _ in zip(found, range(SENTENCES), strict=False))
