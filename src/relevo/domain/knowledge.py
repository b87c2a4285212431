"""What a project knows beside its conversations: documents, their passages, and what a search finds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from relevo.domain.ids import DocumentId
from relevo.domain.signals import Language


class Kind(StrEnum):
    """Whose words a document holds: the project's own, an expert's, a book's, or the team's help pages."""

    USER = "user"
    EXPERT = "expert"
    BOOK = "book"
    HELP = "help"


class DocumentState(StrEnum):
    """How far a document is. Only what is ``ready`` is found by a search."""

    QUEUED = "queued"
    READING = "reading"
    EMBEDDING = "embedding"
    READY = "ready"
    FAILED = "failed"
    REVOKED = "revoked"

    @property
    def pending(self) -> bool:
        """Whether it is still on its way to be read."""
        return self in (DocumentState.QUEUED, DocumentState.READING, DocumentState.EMBEDDING)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in its document a passage stands: under which headings, on which page, from which second."""

    headings: tuple[str, ...] = ()
    page: int | None = None
    seconds: float | None = None

    def __str__(self) -> str:
        parts = [" › ".join(self.headings)] if self.headings else []
        if self.page is not None:
            parts.append(f"p. {self.page}")
        if self.seconds is not None:
            minutes, seconds = divmod(int(self.seconds), 60)
            parts.append(f"{minutes // 60}:{minutes % 60:02}:{seconds:02}")
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document that can be found and quoted."""

    text: str
    language: Language
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Indexed:
    """A passage and the weight of each term in it."""

    passage: Passage
    weights: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Document:
    """``source`` is where it came from: a file's name, an address, an article.

    ``file_name`` tells its reader; ``why`` is the reason why it failed; ``done`` runs from 0 to 1.
    """

    id: DocumentId
    kind: Kind
    title: str
    source: str
    file_name: str
    sha256: str
    size: int
    state: DocumentState
    why: str
    done: float
    language: Language | None
    tags: tuple[str, ...]
    passages: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Filters:
    """What a search is held to; an empty one holds to nothing. A document with any of ``tags`` counts."""

    kinds: tuple[Kind, ...] = ()
    documents: tuple[DocumentId, ...] = ()
    language: Language | None = None
    tags: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None

    @property
    def of_documents(self) -> bool:
        """Whether documents must be looked at, beside the language."""
        return bool(self.kinds or self.documents or self.tags or self.since or self.until)


ANYTHING = Filters()


@dataclass(frozen=True, slots=True)
class Found:
    """A passage that a search found. A higher ``score`` is better; scores of one search compare.

    ``matched`` are the query's words that it holds; ``covered`` is the share, by weight, of the query's words
    that it holds, 0–1, and ``headed`` the share that stands in title, tags or headings; ``titled`` is what
    the words in title and tags are worth, in the measure of the score; ``sentence`` holds most of the words.
    """

    passage: int
    document: DocumentId
    title: str
    source: str
    kind: Kind
    text: str
    language: Language
    place: Place
    score: float
    matched: tuple[str, ...] = ()
    covered: float = 0.0
    headed: float = 0.0
    titled: float = 0.0
    sentence: str = ""
    tags: tuple[str, ...] = field(default=())
