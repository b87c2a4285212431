"""Content: written when it is asked for in so many words, refined, and kept with its versions."""

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from relevo.api.errors import ApiError
from relevo.api.marketing.at_the_desk import AtDesk, Origin
from relevo.api.marketing.persona import Version
from relevo.teams.marketing.content import write_content
from relevo.teams.marketing.findings import Content
from relevo.teams.marketing.requests import content_request

router = APIRouter(prefix="/api", tags=["marketing"])


class ContentWanted(BaseModel):
    """Your own words; with ``refines`` the next version of that piece is written."""

    model_config = ConfigDict(extra="forbid")

    request: str = Field(max_length=4_000, examples=["Escribe un post para la fase de consideración"])
    refines: str | None = Field(None, max_length=100, description="The id of a piece to change")


class Library(BaseModel):
    content: list[Content]


@router.post("/content", status_code=201, summary="Have content written")
async def write(desk: AtDesk, wanted: ContentWanted, origin: Origin) -> Content:
    """A request for content, such as “write three posts about…”; anything else is refused."""
    piece = wanted.refines
    if piece is not None and await desk.works.content(piece.replace("\x00", "")) is None:
        raise ApiError(404, "not_found")
    request = content_request(wanted.request.replace("\x00", ""), after_content=piece is not None)
    if request is None or (piece is not None and not request.refines):
        raise ApiError(422, "no_request")
    return await write_content(desk, request, origin=origin, piece=piece)


@router.get("/content", summary="List the content library")
async def library(desk: AtDesk) -> Library:
    """The newest version of each piece, the last changed first."""
    return Library(content=await desk.works.library())


@router.get("/content/{content_id}", summary="Read a piece of content")
async def content(desk: AtDesk, content_id: str, version: Version = None) -> Content:
    """With what was used to write it."""
    found = await desk.works.content(content_id.replace("\x00", ""), version)
    if found is None:
        raise ApiError(404, "not_found")
    return found


@router.get("/content/{content_id}/versions", summary="List the versions of a piece of content")
async def versions(desk: AtDesk, content_id: str) -> Library:
    """The newest first."""
    found = await desk.works.content_versions(content_id.replace("\x00", ""))
    if not found:
        raise ApiError(404, "not_found")
    return Library(content=found)


@router.delete("/content/{content_id}", status_code=204, summary="Delete a piece of content")
async def delete(desk: AtDesk, content_id: str) -> Response:
    """With all its versions."""
    if not await desk.works.delete_content(content_id.replace("\x00", "")):
        raise ApiError(404, "not_found")
    return Response(status_code=204)
