"""How well passages are found: the right one among the first 1, 5 and 10, on questions in SQuAD's format."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from relevo.domain.ids import DocumentId, ProjectId, new_id
from relevo.domain.knowledge import Filters, Kind
from relevo.domain.signals import Language
from relevo.knowledge.block import Block
from relevo.knowledge.chunk import passages
from relevo.knowledge.search import search_in
from relevo.knowledge.weigh import indexed
from relevo.storage.database import Connection, Database
from relevo.storage.knowledge_documents import NewDocument, store_document
from relevo.storage.knowledge_index import index_document

LOOKED_AT = 10
PASSAGES_ASKED = 3 * LOOKED_AT
"""A long paragraph is several passages, and counts as found by the best of them."""


class _Read(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Question(_Read):
    question: str


class _Paragraph(_Read):
    context: str
    qas: list[_Question]


class _Article(_Read):
    paragraphs: list[_Paragraph]


class _File(_Read):
    data: list[_Article]


@dataclass(frozen=True, slots=True)
class Judged:
    """``rank`` of the right paragraph, from 1; None where it is not among the first ten."""

    question: str
    rank: int | None
    milliseconds: float


def read_squad(path: Path) -> list[tuple[str, list[str]]]:
    """Each paragraph with its questions. Raises ValueError where the file is not in SQuAD's format."""
    try:
        file = _File.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise ValueError(f"{path} is not in SQuAD's format: {error.errors()[0]['msg']}") from error
    return [
        (paragraph.context, [each.question for each in paragraph.qas])
        for article in file.data
        for paragraph in article.paragraphs
    ]


async def judge(
    database: Database, paragraphs: Sequence[tuple[str, list[str]]], language: Language
) -> list[Judged]:
    """Indexes the paragraphs in a project of their own, asks every question, and leaves nothing behind."""
    project = ProjectId(new_id("eval"))
    async with database.project(project) as connection:
        await connection.execute(
            "INSERT INTO projects (project_id, team, name) VALUES (%s, '', 'evaluation')", (project,)
        )
        documents = [await _stored(connection, project, text, language) for text, _ in paragraphs]
        judged = [
            await _asked(connection, project, question, document)
            for document, (_, questions) in zip(documents, paragraphs, strict=True)
            for question in questions
        ]
        await connection.rollback()
    return judged


async def _stored(connection: Connection, project: ProjectId, text: str, language: Language) -> DocumentId:
    digest = hashlib.sha256(text.encode()).hexdigest()
    new = NewDocument(Kind.USER, "", digest, digest, b"")
    document, fresh = await store_document(connection, project, new)
    if fresh:
        found = [indexed(passage) for passage in passages([Block(text)], language)]
        await index_document(connection, project, document.id, found)
    return document.id


async def _asked(connection: Connection, project: ProjectId, question: str, right: DocumentId) -> Judged:
    started = time.perf_counter()
    found = await search_in(connection, project, question, Filters(), PASSAGES_ASKED)
    spent = (time.perf_counter() - started) * 1000
    documents = list(dict.fromkeys(each.document for each in found))[:LOOKED_AT]
    return Judged(question, documents.index(right) + 1 if right in documents else None, spent)


def report(judged: Sequence[Judged]) -> dict[str, Any]:
    """Shares are 0–1; ``mrr`` is the mean of 1/rank, 0 beyond the tenth."""
    spent = sorted(each.milliseconds for each in judged)

    def recall(most: int) -> float:
        found = sum(each.rank is not None and each.rank <= most for each in judged)
        return round(found / len(judged), 4)

    return {
        "questions": len(judged),
        "recall@1": recall(1),
        "recall@5": recall(5),
        "recall@10": recall(10),
        "mrr": round(sum(1 / each.rank for each in judged if each.rank) / len(judged), 4),
        "milliseconds": {
            "p50": round(spent[len(spent) // 2], 2),
            "p99": round(spent[min(len(spent) - 1, int(0.99 * len(spent)))], 2),
        },
    }
