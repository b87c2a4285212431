"""Sentences of a project's documents that hold what is looked for, with their place."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from relevo.domain.ids import ProjectId
from relevo.domain.knowledge import Filters, Found, Kind
from relevo.domain.signals import Language
from relevo.knowledge.port import Search
from relevo.knowledge.words import sentences
from relevo.teams.marketing.values import Quote
from relevo.triage.normalise import fold

OWN = Filters(kinds=(Kind.USER,))
"""What is said of a persona comes from the project's own documents; experts and books speak of others."""
LOOKED_INTO = 8
SHORTEST, LONGEST = 4, 60
"""Words of a sentence that can be an answer."""


@dataclass(frozen=True, slots=True)
class Mined:
    """A sentence as it stands in a document. ``hits`` are the cues it holds."""

    text: str
    hits: tuple[str, ...]
    found: Found

    @property
    def quote(self) -> Quote:
        return quote_of(self.found, self.text)


def quote_of(found: Found, text: str) -> Quote:
    return Quote(
        text=text,
        document=found.document,
        title=found.title,
        passage=found.passage,
        place=str(found.place),
    )


async def look(search: Search, project: ProjectId, query: str, most: int = LOOKED_INTO) -> list[Found]:
    """The passages of the project's own documents that fit best."""
    return await search.search(project, query, OWN, most)


def mined(found: Iterable[Found], cues: dict[Language, tuple[str, ...]]) -> list[Mined]:
    """The sentences that hold a cue of their passage's language, those with the most first."""
    hits = [
        Mined(sentence, held, passage)
        for passage in found
        for sentence in said_in(passage)
        if (held := holds(sentence, cues.get(passage.language, ())))
    ]
    return sorted(hits, key=lambda each: -len(each.hits))


def said_in(found: Found) -> list[str]:
    """The passage's sentences that say something: neither a heading nor a question nor endless."""
    return [
        each
        for each in sentences(found.text)
        if SHORTEST <= len(each.split()) <= LONGEST and not each.rstrip("»”\"' ").endswith("?")
    ]


def asked_in(found: Found) -> list[str]:
    """The passage's questions."""
    return [
        each
        for each in sentences(found.text)
        if each.rstrip("»”\"' ").endswith("?") and len(each.split()) <= LONGEST
    ]


def holds(text: str, cues: Sequence[str]) -> tuple[str, ...]:
    """The cues that stand in ``text`` as whole words, whatever their case and accents."""
    folded = fold(text)
    return tuple(cue for cue in cues if _pattern(cue).search(folded) or (not _wordy(cue) and cue in text))


def _wordy(cue: str) -> bool:
    return any(char.isalnum() for char in cue)


@lru_cache(maxsize=4096)
def _pattern(cue: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(fold(cue))}(?!\w)" if _wordy(cue) else r"(?!)")
