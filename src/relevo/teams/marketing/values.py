"""What the team makes, as frozen values: answers with their evidence, and the persona they make up."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from relevo.domain.signals import Language


class Value(BaseModel):
    """A frozen value that knows every one of its fields; it is stored and exported as JSON."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Basis(StrEnum):
    """What an answer stands on. ``documents`` and ``onboarding`` have quotes that code has found there."""

    DOCUMENTS = "documents"
    ONBOARDING = "onboarding"
    INFERRED = "inferred"
    UNKNOWN = "unknown"


class Quote(Value):
    """Words that stand in a document, or in what was answered at the start (then ``document`` is empty)."""

    text: str
    document: str = ""
    title: str = ""
    passage: int | None = None
    place: str = ""


class Answer(Value):
    """``locked`` keeps it as it is when the persona is made anew; ``edited`` says that a person wrote it."""

    key: str
    text: str = ""
    basis: Basis = Basis.UNKNOWN
    quotes: tuple[Quote, ...] = ()
    locked: bool = False
    edited: bool = False


class Maker(StrEnum):
    """Who made something: a model, the documents by themselves, or a person."""

    MODEL = "model"
    DOCUMENTS = "documents"
    PERSON = "person"


class Persona(Value):
    """One version of a persona. ``dropped`` are quotes that stood nowhere and were taken away."""

    id: str
    version: int = 0
    language: Language
    maker: Maker
    answers: tuple[Answer, ...]
    dropped: int = 0
    note: str = ""
    created_at: datetime | None = None

    def answer(self, key: str) -> Answer:
        """The answer to a question; an unknown one where there is none."""
        return next((each for each in self.answers if each.key == key), Answer(key=key))

    @property
    def name(self) -> str:
        """What the persona is called; its id where nobody knows."""
        return self.answer("nombre").text or self.id

    def count(self, basis: Basis) -> int:
        return sum(each.basis is basis for each in self.answers)

    def with_answers(self, *changed: Answer) -> "Persona":
        """The same persona with these answers in the place of theirs."""
        new = {each.key: each for each in changed}
        return self.model_copy(update={"answers": tuple(new.get(each.key, each) for each in self.answers)})


class Difference(Value):
    """How an answer differs between two versions."""

    key: str
    before: Answer
    after: Answer


def compare(before: Persona, after: Persona) -> list[Difference]:
    """The answers whose text or basis differ, in the order of the later version."""
    keys = [each.key for each in after.answers]
    keys += [each.key for each in before.answers if each.key not in keys]
    pairs = [Difference(key=key, before=before.answer(key), after=after.answer(key)) for key in keys]
    return [
        each for each in pairs if (each.before.text, each.before.basis) != (each.after.text, each.after.basis)
    ]


class Brief(Value):
    """What was answered at the start, by question; an empty answer is a skipped question.

    ``asked`` is the question that was put last; ``skipped`` says that the rest is not wanted.
    """

    language: Language | None = None
    asked: str = ""
    answers: dict[str, str] = Field(default_factory=dict)
    skipped: bool = False
