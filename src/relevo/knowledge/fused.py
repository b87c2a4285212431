"""The search by words and by meaning together, fused by rank; meaning only in languages it speaks.

Reciprocal rank fusion: a passage's score is the sum of 1 / (60 + rank) over the lists it is in (Cormack,
Clarke, Büttcher: Reciprocal Rank Fusion outperforms Condorcet and individual rank learning methods, 2009).
An embedding that does not speak a language is noise there: measured with an English one on Spanish
paragraphs, recall@1 fell from .92 to .70. So a query in such a language, and passages in it, are left to
the words.
"""

from dataclasses import replace

import structlog

from relevo.domain.ids import ProjectId
from relevo.domain.knowledge import ANYTHING, Filters, Found
from relevo.domain.signals import Language
from relevo.knowledge.embedding import Embedder, EmbeddingFailed
from relevo.knowledge.search import found_of, search_in
from relevo.knowledge.words import language_of
from relevo.storage.database import Database
from relevo.storage.knowledge_index import Stored, passages_in, read_passages
from relevo.storage.knowledge_vectors import nearest_passages

log = structlog.get_logger()

K = 60
DEPTH = 50
"""Passages that each half brings in."""


class FusedSearch:
    """A ``Search`` by words and vectors. Where the embedding fails, the words answer alone."""

    def __init__(self, database: Database, embedder: Embedder) -> None:
        self._database = database
        self._embedder = embedder

    async def search(
        self, project: ProjectId, query: str, filters: Filters = ANYTHING, most: int = 10
    ) -> list[Found]:
        async with self._database.project(project) as connection:
            by_words = await search_in(connection, project, query, filters, max(most, DEPTH))
            counts = await passages_in(connection, project)
        speaks = [each for each in self._embedder.speaks if filters.language in (None, each)]
        dated = filters.since is not None or filters.until is not None  # of these the words alone know
        understood = _asked_in(query, by_words, counts) in self._embedder.speaks
        if dated or not query.strip() or not speaks or not understood:
            return by_words[:most]
        by_meaning = await self._by_meaning(project, query, filters, speaks)
        return _fused(by_words, by_meaning)[:most]

    async def _by_meaning(
        self, project: ProjectId, query: str, filters: Filters, languages: list[Language]
    ) -> list[Found]:
        try:
            [vector] = await self._embedder.embed([query])
        except EmbeddingFailed as error:
            log.warning("search_by_words_alone", why=str(error))
            return []
        looked = DEPTH if not filters.of_documents else DEPTH * 10
        async with self._database.project(project) as connection:
            near = await nearest_passages(connection, project, self._embedder.name, vector, languages, looked)
            stored = await read_passages(connection, project, [passage for passage, _ in near])
        return [
            found_of(each, likeness)
            for passage, likeness in near
            if (each := stored.get(passage)) is not None and _passes(each, filters)
        ][:DEPTH]


def _passes(passage: Stored, filters: Filters) -> bool:
    return (
        (not filters.kinds or passage.kind in filters.kinds)
        and (not filters.documents or passage.document in filters.documents)
        and (not filters.tags or not set(filters.tags).isdisjoint(passage.tags))
    )


def _asked_in(query: str, by_words: list[Found], counts: dict[Language, int]) -> Language:
    """The query's language; where its small words do not tell, that of what its words find, or of most."""
    if by_words:
        return language_of(query, by_words[0].language)
    return language_of(query, max(counts, key=lambda each: counts[each]) if counts else Language.ES)


def _fused(by_words: list[Found], by_meaning: list[Found]) -> list[Found]:
    """One list of both: a passage of both keeps what its words matched."""
    known = {each.passage: each for each in (*by_meaning, *by_words)}
    scores = dict.fromkeys(known, 0.0)
    for found in (by_words, by_meaning):
        for rank, each in enumerate(found, 1):
            scores[each.passage] += 1 / (K + rank)
    ranked = sorted(known.values(), key=lambda each: (-scores[each.passage], each.passage))
    return [replace(each, score=scores[each.passage]) for each in ranked]
