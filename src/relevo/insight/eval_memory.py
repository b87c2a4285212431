"""How well a long talk is remembered: the turns that hold an answer among the first 5 and 10 (LoCoMo).

LoCoMo (A. Maharana et al., *Evaluating very long-term conversational memory of LLM agents*, 2024): samples
with a conversation of many sessions, and questions with the turns that are their evidence. Its categories are
1 several turns together, 2 time, 3 common knowledge too, 4 one turn, 5 what was never said.
"""

import hashlib
import re
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from relevo.domain.ids import ProjectId, new_id
from relevo.domain.knowledge import Filters, Kind
from relevo.domain.signals import Language
from relevo.knowledge.search import search_in
from relevo.knowledge.talk import Turn, indexed_turns
from relevo.storage.database import Connection, Database
from relevo.storage.knowledge_documents import NewDocument, store_document
from relevo.storage.knowledge_index import document_passages, index_document

LOOKED_AT = (5, 10)
_SESSION = re.compile(r"session_(\d+)")
_NAMED = re.compile(r"D:?(\d+):(\d+)")
"""A turn as evidence names it; several may stand in one text, with zeros before their numbers."""


class _Read(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Turn(_Read):
    speaker: str
    dia_id: str
    text: str = ""
    blip_caption: str = ""
    """What a picture in the turn shows."""


class _Question(_Read):
    question: str
    evidence: list[str] = []
    category: int | str = ""


class _Sample(_Read):
    conversation: dict[str, Any]
    qa: list[_Question]


@dataclass(frozen=True, slots=True)
class Question:
    """``evidence`` are the ids of the turns that hold the answer."""

    text: str
    evidence: frozenset[str]
    category: str


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation's turns, by their ids in order, and what is asked about it."""

    turns: Mapping[str, Turn]
    questions: Sequence[Question]


@dataclass(frozen=True, slots=True)
class Judged:
    """``found`` holds, for each of LOOKED_AT, the share of the evidence that came among so many, 0–1."""

    category: str
    found: Mapping[int, float]
    milliseconds: float


def read_locomo(path: Path) -> list[Talk]:
    """The talks of a file. Raises ValueError where it is not in LoCoMo's format."""
    try:
        return [_talk(each) for each in TypeAdapter(list[_Sample]).validate_json(path.read_bytes())]
    except ValidationError as error:
        raise ValueError(f"{path} is not in LoCoMo's format: {error.errors()[0]['msg']}") from error


def _talk(sample: _Sample) -> Talk:
    said = sample.conversation
    sessions = sorted(int(match[1]) for name in said if (match := _SESSION.fullmatch(name)))
    turns: dict[str, Turn] = {}
    for number in sessions:
        for each in TypeAdapter(list[_Turn]).validate_python(said[f"session_{number}"] or []):
            text = f"{each.text} {each.blip_caption}".strip()
            day = str(said.get(f"session_{number}_date_time") or "")
            turns[_name(each.dia_id)] = Turn(each.speaker, text, number, day)
    asked = [
        Question(each.question, frozenset(_names(each.evidence)), str(each.category)) for each in sample.qa
    ]
    return Talk(turns, asked)


def _names(evidence: Sequence[str]) -> Iterator[str]:
    for each in evidence:
        found = _NAMED.findall(each)
        yield from (f"D{int(session)}:{int(turn)}" for session, turn in found)
        if not found and each.strip():
            yield each.strip()


def _name(given: str) -> str:
    return next(_names([given]), given)


async def judge(database: Database, talks: Sequence[Talk], language: Language) -> list[Judged]:
    """Asks every question in its own talk, in a project of its own, and leaves nothing behind.

    Questions without evidence, or whose evidence is not in the talk, are not asked.
    """
    return [judged for talk in talks for judged in await _judge(database, talk, language)]


async def _judge(database: Database, talk: Talk, language: Language) -> list[Judged]:
    project = ProjectId(new_id("eval"))
    async with database.project(project) as connection:
        await connection.execute(
            "INSERT INTO projects (project_id, team, name) VALUES (%s, '', 'evaluation')", (project,)
        )
        names = await _stored(connection, project, talk, language)
        judged = [
            await _asked(connection, project, question, names)
            for question in talk.questions
            if question.evidence and question.evidence <= talk.turns.keys()
        ]
        await connection.rollback()
    return judged


async def _stored(
    connection: Connection, project: ProjectId, talk: Talk, language: Language
) -> dict[int, str]:
    """Indexes the turns as one document; the turn's id by its passage's."""
    digest = hashlib.sha256(project.encode()).hexdigest()
    document, _ = await store_document(connection, project, NewDocument(Kind.USER, "", digest, digest, b""))
    await index_document(connection, project, document.id, indexed_turns([*talk.turns.values()], language))
    stored = await document_passages(connection, project, document.id)
    return {passage.id: name for passage, name in zip(stored, talk.turns, strict=True)}


async def _asked(
    connection: Connection, project: ProjectId, question: Question, names: Mapping[int, str]
) -> Judged:
    started = time.perf_counter()
    found = await search_in(connection, project, question.text, Filters(), max(LOOKED_AT))
    spent = (time.perf_counter() - started) * 1000
    turns = [names[each.passage] for each in found]
    shares = {
        most: len(question.evidence.intersection(turns[:most])) / len(question.evidence) for most in LOOKED_AT
    }
    return Judged(question.category, shares, spent)


def report(judged: Sequence[Judged]) -> dict[str, Any]:
    """Evidence recall, 0–1, over all questions and for each category: the mean of the questions' shares."""
    of: dict[str, list[Judged]] = defaultdict(list)
    for each in judged:
        of[each.category].append(each)
    spent = sorted(each.milliseconds for each in judged)
    return {
        **_recalls(judged),
        "by_category": {category: _recalls(of[category]) for category in sorted(of)},
        "milliseconds": {
            "p50": round(spent[len(spent) // 2], 2),
            "p99": round(spent[min(len(spent) - 1, int(0.99 * len(spent)))], 2),
        },
    }


def _recalls(judged: Sequence[Judged]) -> dict[str, Any]:
    found = {
        f"recall@{most}": round(sum(each.found[most] for each in judged) / len(judged), 4)
        for most in LOOKED_AT
    }
    return {"questions": len(judged), **found}
