"""What is found out about a persona: a forum it complains in, what hurts it, its journey; and content."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from relevo.domain.signals import Language
from relevo.teams.marketing.values import Maker, Quote, Value


class Finding(Value):
    """What every finding says of itself; ``persona_version`` is the persona it was made for."""

    language: Language
    maker: Maker
    persona: str = "main"
    persona_version: int = 0
    version: int = 0
    created_at: datetime | None = None


class Post(Value):
    """One post of the forum. ``praises`` says that it complains of nothing."""

    number: int
    author: str
    text: str
    wish: str
    praises: bool = False


class Forum(Finding):
    title: str
    posts: tuple[Post, ...]

    @property
    def agreement_bias(self) -> float:
        """The share of posts that merely praise, 0–1: the higher, the less the forum tells."""
        return sum(each.praises for each in self.posts) / len(self.posts) if self.posts else 0.0


class PainPoint(Value):
    """``answers`` and ``posts`` are what is behind it: keys of the persona's answers, numbers of posts."""

    rank: int
    title: str
    detail: str = ""
    severity: int = Field(ge=1, le=10)
    answers: tuple[str, ...] = ()
    posts: tuple[int, ...] = ()
    quotes: tuple[Quote, ...] = ()


class PainPoints(Finding):
    points: tuple[PainPoint, ...]


class PhaseName(StrEnum):
    AWARENESS = "awareness"
    CONSIDERATION = "consideration"
    PURCHASE = "purchase"


class Format(StrEnum):
    """What content can be."""

    POST = "post"
    CAROUSEL = "carousel"
    VIDEO = "video"
    EMAIL = "email"
    ARTICLE = "article"
    IDEAS = "ideas"


class Phase(Value):
    """``searches`` is what is typed into a search box, ``questions`` what goes through the head."""

    name: PhaseName
    searches: tuple[str, ...]
    questions: tuple[str, ...]
    formats: tuple[Format, ...]
    why_formats: str = ""


class Journey(Finding):
    phases: tuple[Phase, ...]

    def phase(self, name: PhaseName) -> Phase | None:
        return next((each for each in self.phases if each.name is name), None)


class Learned(Value):
    """What one document says, in its own sentences or a model's."""

    document: str
    title: str
    summary: str
    passages: int


class Summary(Finding):
    """What was learned from the documents; ``missing`` are the template's questions without evidence."""

    documents: tuple[Learned, ...]
    missing: tuple[str, ...] = ()


class Used(Value):
    """What a piece of content was made from."""

    persona_version: int
    answers: tuple[str, ...] = ()
    pain_points: tuple[int, ...] = ()
    searches: tuple[str, ...] = ()
    documents: tuple[Quote, ...] = ()
    recent_messages: int = 0


class Piece(Value):
    """One of the parts content consists of: a slide, a scene, an idea; or the whole."""

    title: str = ""
    text: str


class Content(Finding):
    """A version of a piece of content. ``request`` are the person's own words that asked for it."""

    id: str
    format: Format
    phase: PhaseName | None = None
    request: str
    title: str
    pieces: tuple[Piece, ...]
    used: Used
