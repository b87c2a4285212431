"""How well the help is found, beside BM25 with Snowball stems alone: our own questions, in both languages.

The other side ranks whole articles by BM25 (S. Robertson and H. Zaragoza, 2009; k1 1.2, b 0.75), with our
stop words and stems; the questions are those of tests/eval/help_questions.jsonl that an article answers.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

import relevo.teams
from bench.load import Figures
from relevo.domain.ids import ProjectId
from relevo.domain.signals import Language
from relevo.knowledge.articles import Article, read_articles
from relevo.knowledge.help import HELP_FOLDER, Help, load_help
from relevo.knowledge.words import terms
from relevo.storage.database import Database
from relevo.storage.projects import create_project

QUESTIONS = Path(__file__).parents[1] / "tests" / "eval" / "help_questions.jsonl"
HELP = ProjectId("help")
K1, B = 1.2, 0.75
LOOKED_AT = 10


@dataclass(frozen=True, slots=True)
class Question:
    """``right`` are the ids of the articles that answer it."""

    language: Language
    text: str
    right: frozenset[str]


def questions() -> list[Question]:
    """The questions that some article answers."""
    lines = [orjson.loads(line) for line in QUESTIONS.read_bytes().splitlines()]
    return [
        Question(
            Language(line["language"]),
            line["text"],
            frozenset(line["articles"]),
        )
        for line in lines
        if line["articles"]
    ]


async def retrieval(database: Database) -> Figures:
    """For each language, what is found by us and by BM25 alone."""
    await create_project(database, HELP, "music", HELP)
    folder = Path(relevo.teams.__path__[0]) / "music" / HELP_FOLDER
    await load_help(database, HELP, folder)
    articles, center = read_articles(folder), Help(database, HELP)
    found: Figures = {}
    for language in Language:
        asked = [each for each in questions() if each.language is language]
        alone = Bm25([each for each in articles if each.language is language], language)
        ours = [
            [quote.id for quote, _ in await center.search(each.text, language, LOOKED_AT)] for each in asked
        ]
        found[language.value] = {
            "questions": len(asked),
            "relevo": recalls([rank(each, one.right) for each, one in zip(ours, asked, strict=True)]),
            "bm25": recalls([rank(alone.ranked(each.text), each.right) for each in asked]),
        }
    return found


class Bm25:
    """Articles ranked by BM25 over their stems, title and tags among them."""

    def __init__(self, articles: Sequence[Article], language: Language) -> None:
        self._language = language
        self._held = {
            each.id: Counter(terms(" ".join((each.title, *each.tags, each.body)), language))
            for each in articles
        }
        self._length = sum(each.total() for each in self._held.values()) / len(self._held)
        self._holding = Counter(term for each in self._held.values() for term in each)

    def ranked(self, query: str) -> list[str]:
        """The ids of the articles that hold a word of it, best first."""
        asked = set(terms(query, self._language))
        scores = {id: sum(self._weight(term, held) for term in asked) for id, held in self._held.items()}
        return sorted((id for id in scores if scores[id] > 0), key=lambda id: (-scores[id], id))

    def _weight(self, term: str, held: Counter[str]) -> float:
        count, holding = held[term], self._holding[term]
        worth = math.log(1 + (len(self._held) - holding + 0.5) / (holding + 0.5))
        return worth * count * (K1 + 1) / (count + K1 * (1 - B + B * held.total() / self._length))


def rank(found: Sequence[str], right: frozenset[str]) -> int | None:
    """The place, from 1, of the first right one among the first ten."""
    return next((place for place, id in enumerate(found[:LOOKED_AT], 1) if id in right), None)


def recalls(ranks: Sequence[int | None]) -> Figures:
    """Shares of the questions, 0–1; ``mrr`` is the mean of 1/rank, 0 beyond the tenth."""
    shares = {f"recall@{most}": sum(each is not None and each <= most for each in ranks) for most in (1, 5)}
    found = {name: count / len(ranks) for name, count in shares.items()}
    return {**found, "mrr": sum(1 / each for each in ranks if each) / len(ranks)}
