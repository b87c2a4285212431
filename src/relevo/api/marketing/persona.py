"""The buyer persona: made, read with its evidence, edited answer by answer, compared, and its template."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from relevo.api.errors import ApiError
from relevo.api.marketing.at_the_desk import AtDesk, Origin
from relevo.api.sse import SSE, Stream, frame
from relevo.teams.marketing.desk import Desk
from relevo.teams.marketing.export import FORMATS, TYPES, report_of
from relevo.teams.marketing.persona import (
    LONGEST,
    build_persona,
    edit_answer,
    known_persona,
    lock_answer,
    regenerate_answer,
)
from relevo.teams.marketing.template import Template
from relevo.teams.marketing.values import Difference, Persona, compare
from relevo.teams.marketing.works import MAIN

router = APIRouter(prefix="/api", tags=["marketing"])

Named = Annotated[str, Query(alias="persona", max_length=100, description="Which of the personas")]
Version = Annotated[int | None, Query(ge=1, lt=2**31, description="Which version; else the newest")]


class Personas(BaseModel):
    personas: list[Persona]


class Changes(BaseModel):
    changes: list[Difference]


class AnswerChange(BaseModel):
    """A text of your own is locked; ``locked`` alone locks the answer or opens it again."""

    model_config = ConfigDict(extra="forbid")

    text: str | None = Field(None, max_length=LONGEST)
    locked: bool | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "AnswerChange":
        if self.text is None and self.locked is None:
            raise ValueError("text or locked")
        return self


@router.post(
    "/persona",
    status_code=201,
    response_model=Persona,
    summary="Make the persona anew",
    responses={
        200: {"content": {SSE: {"schema": {"type": "string"}}}, "description": "Its making, streamed"}
    },
)
async def build(
    desk: AtDesk, origin: Origin, persona: Named = MAIN, accept: Annotated[str | None, Header()] = None
) -> Response:
    """From the documents and the first answers, as the next version; locked answers stay.

    With ``Accept: text/event-stream``: events ``progress`` (``done`` of ``of`` categories), last ``persona``.
    """
    if SSE in (accept or ""):
        return Stream(_making(desk, persona, origin))
    made = await build_persona(desk, persona, origin)
    return JSONResponse(made.model_dump(mode="json"), 201)


async def _making(desk: Desk, persona: str, origin: str | None) -> AsyncIterator[bytes]:
    told: asyncio.Queue[tuple[int, int] | None] = asyncio.Queue()
    making = asyncio.create_task(
        build_persona(desk, persona, origin, lambda done, of: told.put_nowait((done, of)))
    )
    making.add_done_callback(lambda _: told.put_nowait(None))
    try:
        while (step := await told.get()) is not None:
            yield frame("progress", {"step": "persona", "done": step[0], "of": step[1]})
        yield frame("persona", (await making).model_dump(mode="json"))
    finally:
        making.cancel()


@router.get("/personas", summary="List the personas")
async def personas(desk: AtDesk) -> Personas:
    """The newest version of each."""
    return Personas(personas=await desk.works.personas())


@router.get("/persona", summary="Read the persona")
async def persona(desk: AtDesk, persona: Named = MAIN, version: Version = None) -> Persona:
    """Every answer with what it stands on, and the quotes with their places."""
    return await _persona(desk, persona, version)


@router.get("/persona/versions", summary="List the persona's versions")
async def versions(desk: AtDesk, persona: Named = MAIN) -> Personas:
    """The newest first."""
    await _persona(desk, persona)
    return Personas(personas=await desk.works.persona_versions(persona))


@router.get("/persona/changes", summary="Compare two versions of the persona")
async def changes(
    desk: AtDesk,
    before: Annotated[int, Query(ge=1, lt=2**31)],
    after: Annotated[int, Query(ge=1, lt=2**31)],
    persona: Named = MAIN,
) -> Changes:
    """The answers whose text or basis differ."""
    earlier, later = await _persona(desk, persona, before), await _persona(desk, persona, after)
    return Changes(changes=compare(earlier, later))


@router.patch("/persona/answers/{key}", summary="Edit or lock an answer")
async def change(desk: AtDesk, key: str, wanted: AnswerChange, persona: Named = MAIN) -> Persona:
    """Makes a new version of the persona."""
    try:
        if wanted.text is not None:
            changed = await edit_answer(desk, key, wanted.text.replace("\x00", ""), persona)
            if wanted.locked is not False:
                return changed
        return await lock_answer(desk, key, bool(wanted.locked), persona)
    except LookupError as error:
        raise ApiError(404, "not_found") from error


@router.post("/persona/answers/{key}/regenerate", status_code=201, summary="Make one answer anew")
async def regenerate(desk: AtDesk, key: str, origin: Origin, persona: Named = MAIN) -> Persona:
    try:
        return await regenerate_answer(desk, key, persona, origin)
    except LookupError as error:
        raise ApiError(404, "not_found") from error


@router.get(
    "/persona/export/{format}",
    summary="Get the persona and what was found as a file",
    response_class=Response,
    responses={200: {"content": {each: {} for each in TYPES.values()}}},
)
async def export(
    desk: AtDesk, format: Literal["json", "md", "pdf", "docx"], persona: Named = MAIN, version: Version = None
) -> Response:
    """Persona, pain points, journey and forum, as far as they have been made."""
    report = await report_of(desk, await _persona(desk, persona, version))
    body = await asyncio.to_thread(FORMATS[format], report)
    named = {"Content-Disposition": f'attachment; filename="persona.{format}"'}
    return Response(body, media_type=TYPES[format], headers=named)


@router.get("/persona/template", summary="Read the template")
async def template(desk: AtDesk) -> Template:
    """The questions a persona answers, in their categories."""
    return await desk.works.template()


@router.put("/persona/template", summary="Give the project a template of its own")
async def set_template(request: Request, desk: AtDesk, wanted: dict[str, Any]) -> Template:
    """Questions may be added and reworded; none of the required ones may be left out."""
    try:
        await desk.works.save_template(wanted)
    except ValueError as error:
        raise ApiError(422, "unreadable", str(error)) from error
    return await desk.works.template()


@router.delete("/persona/template", summary="Go back to the shipped template")
async def reset_template(desk: AtDesk) -> Template:
    await desk.works.save_template(None)
    return await desk.works.template()


async def _persona(desk: Desk, id: str, version: int | None = None) -> Persona:
    try:
        return await known_persona(desk, id, version)
    except LookupError as error:
        raise ApiError(404, "not_found") from error
