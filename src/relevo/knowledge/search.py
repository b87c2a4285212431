"""Finds passages: by the stems of the query's words (BM25), then by their best sentence; says what matched.

A query is read in each language that the project has passages in, with that language's stems, so that
nobody has to say in which language it asks; names are found in both.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from relevo.domain.ids import ProjectId
from relevo.domain.knowledge import ANYTHING, Filters, Found
from relevo.domain.signals import Language
from relevo.knowledge.weigh import worth
from relevo.knowledge.words import STOP_WORDS, language_of, sentences, terms, words
from relevo.storage.database import Connection
from relevo.storage.knowledge_index import (
    Stored,
    best_passages,
    frequencies,
    passages_in,
    read_passages,
)
from relevo.triage.stemming import stem

MOST_WORDS = 64
"""Words of a query that are looked for; a longer one is cut."""
LOOKED_INTO = 15
"""At least so many of the best passages by BM25 are looked into for their sentences."""
OF_SENTENCE = 0.4
"""What the words in one sentence count, beside BM25. Measured on Spanish paragraphs: recall@1 .918 without,
.925 at 0.2, .927 at 0.4, .925 at 0.8."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A query in one language: its terms with what each is worth there, and the letters they begin with."""

    language: Language
    worths: Mapping[str, float]
    letters: frozenset[str] = frozenset()


async def search_in(
    connection: Connection, project: ProjectId, query: str, filters: Filters = ANYTHING, most: int = 10
) -> list[Found]:
    """The ``most`` passages that fit ``query`` best, best first, in the caller's transaction."""
    found: list[Found] = []
    counts = await passages_in(connection, project)
    for language, passages in counts.items():
        if passages <= 0 or filters.language not in (None, language):
            continue
        asked = await _asked(connection, project, query, language, passages)
        if not asked.worths:
            continue
        hits = await best_passages(
            connection, project, language, asked.worths, filters, max(most, LOOKED_INTO)
        )
        stored = await read_passages(connection, project, [passage for passage, _ in hits])
        ranked = [(stored[passage], score) for passage, score in hits if passage in stored]
        found += [_found(each, score, asked) for each, score in ranked]
    found.sort(key=lambda each: (-each.score, each.passage))
    return found[:most]


async def _asked(
    connection: Connection, project: ProjectId, query: str, language: Language, passages: int
) -> Asked:
    own = STOP_WORDS[language_of(query, language)]
    looked_for = list(dict.fromkeys(terms(query, language, own)))[:MOST_WORDS]
    if not looked_for:
        return Asked(language, {})
    holding = await frequencies(connection, project, language, looked_for)
    if not holding:
        return Asked(language, {})
    worths = {term: worth(passages, holding.get(term, 0)) for term in looked_for}
    return Asked(language, worths, frozenset(term[0] for term in worths))


def _found(stored: Stored, score: float, asked: Asked) -> Found:
    """With what matched, and with the words of the best sentence added to the score."""
    matched: dict[str, str] = {}
    best, best_worth = "", 0.0
    for sentence in sentences(stored.text):
        own = _matched(sentence, asked)
        held = sum(asked.worths[term] for term in own)
        if held > best_worth:
            best, best_worth = sentence, held
        matched = own | matched
    titled = _matched(" ".join((stored.title, *stored.tags)), asked)
    headed = _matched(" ".join(stored.place.headings), asked) | titled
    matched = headed | matched
    total = sum(asked.worths.values()) or 1.0
    return Found(
        passage=stored.id,
        document=stored.document,
        title=stored.title,
        source=stored.source,
        kind=stored.kind,
        text=stored.text,
        language=stored.language,
        place=stored.place,
        score=score + OF_SENTENCE * best_worth,
        matched=tuple(matched[term] for term in asked.worths if term in matched),
        covered=sum(asked.worths[term] for term in matched) / total,
        headed=sum(asked.worths[term] for term in headed) / total,
        titled=sum(asked.worths[term] for term in titled),
        sentence=best,
        tags=stored.tags,
    )


def _matched(text: str, asked: Asked) -> dict[str, str]:
    """The words of ``text`` that the query asks for, by their stem; a stem begins as its word does."""
    found: dict[str, str] = {}
    for word in words(text):
        if word[0] in asked.letters and (term := stem(word, asked.language)) in asked.worths:
            found.setdefault(term, word)
    return found
