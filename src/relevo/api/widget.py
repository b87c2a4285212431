"""The widget: the chat inside other sites, in a frame of our origin that only a project's sites may show.

The frame may count on no cookie. Its visitor is named by a token that it keeps in storage of its own.
"""

import contextlib
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from relevo.api.errors import ApiError
from relevo.api.origins import may_show
from relevo.api.pages import STATIC, policy, what_the_chat_needs
from relevo.api.principal import WIDGET, new_visitor, same_origin, visitor
from relevo.api.proxies import app_of, public_url_of
from relevo.domain.ids import ProjectId

router = APIRouter(tags=["web"])

Project = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,100}$")]
Host = Annotated[str, Query(max_length=300)]
EMBEDDABLE = {"Cross-Origin-Resource-Policy": "cross-origin", "Cross-Origin-Embedder-Policy": "require-corp"}
"""Lets the widget stand in sites that isolate themselves from other origins, too."""


class Embedding(BaseModel):
    """The origin of the page around the widget. What a browser enforces of it is the frame's policy."""

    model_config = ConfigDict(extra="forbid")

    host: str = Field(max_length=300, examples=["https://shop.example"])


@router.api_route("/widget.js", methods=["GET", "HEAD"], include_in_schema=False)
async def script() -> FileResponse:
    """What a site includes."""
    return FileResponse(STATIC / "widget.js", headers={**EMBEDDABLE, "Cache-Control": "public, max-age=600"})


@router.get("/widget/{project}", include_in_schema=False)
async def frame(request: Request, project: Project, host: Host = "") -> FileResponse:
    """The chat's page, to be shown by pages of ``host`` and no others; 403 where the project refuses.

    Whoever lies about ``host`` gets a page that their browser will not show.
    """
    await _check(request, project, host)
    headers = {**EMBEDDABLE, "Content-Security-Policy": policy(host), "Cache-Control": "no-store"}
    return FileResponse(STATIC / "chat.html", headers=headers)


@router.post("/api/widget/{project}/session", summary="Become a visitor of the widget")
async def session(request: Request, project: Project, embedding: Embedding) -> dict[str, Any]:
    """Says who the team is and gives the visitor's token (`Authorization: Visitor …`); a good one stays."""
    app = app_of(request)
    same_origin(request)
    await _check(request, project, embedding.host)
    needs = await what_the_chat_needs(app, ProjectId(project))
    switches = {"demo": False, "people": [], "trace": False}  # of the chat's own page, not of others' sites
    return {**needs, **switches, "visitor": _token(request, ProjectId(project))}


async def _check(request: Request, project: str, host: str) -> None:
    """Raises ApiError 403, for an unknown project as for a site that is not allowed."""
    own = "/".join(public_url_of(request).split("/")[:3])
    if not await may_show(app_of(request), ProjectId(project), host, own):
        raise ApiError(403, "forbidden")


def _token(request: Request, project: ProjectId) -> str:
    """The token that came along, if it is a good one of the project's; else a new visitor's."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "visitor":
        with contextlib.suppress(ApiError):
            if visitor(request, given.strip(), WIDGET).project == project:
                return given.strip()
    return new_visitor(app_of(request), project, WIDGET)
