"""Documents: taken in, listed, shown, read again, revoked, deleted; and what is found in them."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.datastructures import UploadFile

from relevo.api.described_works import DOCUMENT
from relevo.api.errors import ApiError
from relevo.api.principal import Member
from relevo.api.proxies import app_of
from relevo.domain.ids import DocumentId
from relevo.domain.knowledge import Document, DocumentState, Filters, Kind
from relevo.domain.signals import Language
from relevo.knowledge.reading.errors import Unreadable, told
from relevo.storage.knowledge_documents import list_documents, read_document
from relevo.storage.knowledge_index import document_passages

router = APIRouter(prefix="/api", tags=["documents"])

MOST_TAGS = 20
PAGE = 200


class NewAddress(BaseModel):
    """A page or file of the public web."""

    model_config = ConfigDict(extra="forbid")

    address: str = Field(max_length=2_000, examples=["https://example.com/guide.pdf"])
    kind: Kind = Kind.USER
    tags: list[Annotated[str, Field(max_length=100)]] = Field(default_factory=list, max_length=MOST_TAGS)


class DocumentOut(BaseModel):
    """``done`` runs from 0 to 1; ``why`` says in both languages why it failed; ``size`` is in bytes."""

    id: str = Field(examples=["d_019a5b1e0c7a5d2f8e3b9c4a1f60"])
    kind: Kind
    title: str
    source: str
    state: DocumentState
    done: float
    why: dict[Language, str] | None
    language: Language | None
    tags: list[str]
    passages: int
    size: int
    created_at: datetime
    updated_at: datetime


class Documents(BaseModel):
    documents: list[DocumentOut]


class PassageOut(BaseModel):
    passage: int
    text: str
    place: str
    language: Language


class Passages(BaseModel):
    """At most 200 passages come at once: ask again with ``after`` the number of those you have."""

    document: DocumentOut
    passages: list[PassageOut]


class FoundOut(PassageOut):
    """A higher ``score`` is better; ``matched`` are the query's words that the passage holds."""

    document: str
    title: str
    source: str
    kind: Kind
    score: float
    matched: list[str]
    sentence: str


class FoundPassages(BaseModel):
    passages: list[FoundOut]


@router.post(
    "/documents",
    status_code=201,
    summary="Take a document in",
    openapi_extra={"requestBody": DOCUMENT},
    responses={200: {"model": DocumentOut, "description": "The same file is here already"}},
)
async def add_document(request: Request, response: Response, caller: Member) -> DocumentOut:
    """A file (``multipart/form-data`` with ``file``, ``kind``, ``tags``) or, as JSON, a web ``address``.

    It is read in the background: ask for it again until its state is ready or failed.
    """
    library = app_of(request).library
    try:
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            name, body, new = await _uploaded(request)
            document, fresh = await library.add(
                caller.project, name, body, kind=new.kind, tags=tuple(new.tags)
            )
        else:
            new = _valid(await request.body())
            document, fresh = await library.add_address(
                caller.project, new.address, kind=new.kind, tags=tuple(new.tags)
            )
    except Unreadable as error:
        raise ApiError(422, "unreadable_document", {"why": error.why, **_told(error.why)}) from error
    response.status_code = 201 if fresh else 200
    return shown(document)


async def _uploaded(request: Request) -> tuple[str, bytes, NewAddress]:
    async with request.form(max_files=1, max_fields=MOST_TAGS + 2) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise ApiError(422, "unreadable", "a field `file` with the document")
        tags = [each for each in form.getlist("tags") if isinstance(each, str) and each]
        new = _valid({"address": "", "kind": form.get("kind") or Kind.USER, "tags": tags})
        return file.filename or "", await file.read(), new


def _valid(given: bytes | dict[str, Any]) -> NewAddress:
    try:
        if isinstance(given, bytes):
            new = NewAddress.model_validate_json(given)
        else:
            new = NewAddress.model_validate(given)
    except ValidationError as error:
        detail = [
            {"where": ".".join(map(str, each["loc"])), "problem": each["msg"]} for each in error.errors()
        ]
        raise ApiError(422, "unreadable", detail) from error
    if new.kind is Kind.HELP:
        raise ApiError(422, "unreadable", "kind: help pages come with the team")
    return new


@router.get("/documents", summary="List documents")
async def documents(request: Request, caller: Member, kind: Kind | None = None) -> Documents:
    """The newest first; the team's help pages only when asked for."""
    kinds = (kind,) if kind else (Kind.USER, Kind.EXPERT, Kind.BOOK)
    async with app_of(request).database.project(caller.project) as connection:
        known = await list_documents(connection, caller.project, kinds)
    return Documents(documents=[shown(each) for each in known])


@router.get("/documents/{document_id}", summary="See how far a document is")
async def document(request: Request, caller: Member, document_id: str) -> DocumentOut:
    return shown(await _known(request, caller, document_id))


@router.get("/documents/{document_id}/passages", summary="Read a document's passages")
async def passages(
    request: Request, caller: Member, document_id: str, after: Annotated[int, Query(ge=0, lt=2**31)] = 0
) -> Passages:
    known = await _known(request, caller, document_id)
    async with app_of(request).database.project(caller.project) as connection:
        found = await document_passages(connection, caller.project, known.id)
    return Passages(
        document=shown(known),
        passages=[
            PassageOut(passage=each.id, text=each.text, place=str(each.place), language=each.language)
            for each in found[after : after + PAGE]
        ],
    )


@router.post("/documents/{document_id}/reread", status_code=202, summary="Read a document anew")
async def reread(request: Request, caller: Member, document_id: str) -> DocumentOut:
    """In the background; a revoked document is allowed again."""
    known = await _own(request, caller, document_id)
    return shown(await app_of(request).library.queue(caller.project, known.id))


@router.post("/documents/{document_id}/revoke", summary="Take a document out of every answer")
async def revoke(request: Request, caller: Member, document_id: str) -> DocumentOut:
    """At once; its file stays, and it can be read again."""
    known = await _own(request, caller, document_id)
    await app_of(request).library.revoke(caller.project, known.id)
    return shown(await _known(request, caller, document_id))


@router.delete("/documents/{document_id}", status_code=204, summary="Delete a document")
async def delete(request: Request, caller: Member, document_id: str) -> Response:
    """With its file, its passages and whatever finds them."""
    known = await _own(request, caller, document_id)
    await app_of(request).library.delete(caller.project, known.id)
    return Response(status_code=204)


@router.get("/passages", summary="Search the documents")
async def search(
    request: Request,
    caller: Member,
    query: Annotated[str, Query(min_length=1, max_length=2_000)],
    kind: Kind | None = None,
    language: Language | None = None,
    tag: Annotated[list[str] | None, Query(max_length=MOST_TAGS)] = None,
    most: Annotated[int, Query(ge=1, le=100)] = 10,
) -> FoundPassages:
    """The passages that fit best, best first, with their score, why they matched, and their place."""
    filters = Filters(kinds=(kind,) if kind else (), language=language, tags=tuple(tag or ()))
    found = await app_of(request).library.search.search(caller.project, query, filters, most)
    return FoundPassages(
        passages=[
            FoundOut(
                passage=each.passage,
                text=each.text,
                place=str(each.place),
                language=each.language,
                document=each.document,
                title=each.title,
                source=each.source,
                kind=each.kind,
                score=round(each.score, 4),
                matched=list(each.matched),
                sentence=each.sentence,
            )
            for each in found
        ]
    )


def shown(document: Document) -> DocumentOut:
    """A document as the API shows it."""
    names = [name for name in DocumentOut.model_fields if name != "why"]
    plain = {name: getattr(document, name) for name in names}
    return DocumentOut(**plain, why=_told(document.why)["message"] if document.why else None)


def _told(why: str) -> dict[str, dict[Language, str]]:
    return {"message": {language: told(why, language) for language in Language}}


async def _known(request: Request, caller: Member, document_id: str) -> Document:
    """Raises ApiError 404, alike for unknown and for foreign ones."""
    id = DocumentId(document_id.replace("\x00", ""))
    async with app_of(request).database.project(caller.project) as connection:
        known = await read_document(connection, caller.project, id)
    if known is None:
        raise ApiError(404, "not_found")
    return known


async def _own(request: Request, caller: Member, document_id: str) -> Document:
    """One that the project may change: not a help page of its team. Raises ApiError 403, 404."""
    known = await _known(request, caller, document_id)
    if known.kind is Kind.HELP:
        raise ApiError(403, "forbidden", "help pages come with the team")
    return known
