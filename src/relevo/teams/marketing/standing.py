"""What still stands of a work when documents it was made from are gone: deleted, or taken out of the answers.

Quotes of such a document go. An answer or pain point that was that document's own sentence goes with them;
what a model concluded stays, as ``inferred``.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from pydantic import BaseModel

from relevo.teams.marketing.findings import Content, PainPoint, PainPoints, Summary
from relevo.teams.marketing.values import Answer, Basis, Maker, Persona, Quote

Work = TypeVar("Work", bound=BaseModel)
Gone = frozenset[str]


def documents_in(works: Iterable[BaseModel]) -> set[str]:
    """The ids of the documents that these works quote or tell of."""
    return {id for work in works for id in _documents(work.model_dump())}


def _documents(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        if isinstance(value.get("document"), str) and value["document"]:
            yield value["document"]
        for each in value.values():
            yield from _documents(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _documents(each)


def without(work: Work, gone: Gone) -> Work:
    """The work without what came of the documents ``gone``."""
    change = _CHANGES.get(type(work)) if gone else None
    return work.model_copy(update=change(work, gone)) if change is not None else work


def _persona(persona: Persona, gone: Gone) -> dict[str, Any]:
    return {"answers": tuple(_answer(each, persona.maker, gone) for each in persona.answers)}


def _answer(answer: Answer, maker: Maker, gone: Gone) -> Answer:
    left = _quotes(answer.quotes, gone)
    if len(left) == len(answer.quotes):
        return answer
    if not left and maker is Maker.DOCUMENTS and not answer.edited:
        return Answer(key=answer.key, locked=answer.locked)
    basis = answer.basis if left else Basis.INFERRED
    return answer.model_copy(update={"quotes": left, "basis": basis})


def _points(found: PainPoints, gone: Gone) -> dict[str, Any]:
    kept = [_point(each, gone) for each in found.points if not _only_theirs(each, found.maker, gone)]
    return {"points": tuple(each.model_copy(update={"rank": rank}) for rank, each in enumerate(kept, 1))}


def _point(point: PainPoint, gone: Gone) -> PainPoint:
    return point.model_copy(update={"quotes": _quotes(point.quotes, gone)})


def _only_theirs(point: PainPoint, maker: Maker, gone: Gone) -> bool:
    """Whether a point is nothing but a sentence of a document that is gone."""
    return maker is Maker.DOCUMENTS and bool(point.quotes) and not _quotes(point.quotes, gone)


def _summary(summary: Summary, gone: Gone) -> dict[str, Any]:
    return {"documents": tuple(each for each in summary.documents if each.document not in gone)}


def _content(content: Content, gone: Gone) -> dict[str, Any]:
    used = content.used.model_copy(update={"documents": _quotes(content.used.documents, gone)})
    return {"used": used}


def _quotes(quotes: tuple[Quote, ...], gone: Gone) -> tuple[Quote, ...]:
    return tuple(each for each in quotes if each.document not in gone)


_CHANGES: dict[type[BaseModel], Callable[[Any, Gone], dict[str, Any]]] = {
    Persona: _persona,
    PainPoints: _points,
    Summary: _summary,
    Content: _content,
}
