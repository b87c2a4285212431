"""The web application: routes over one running installation."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from fastapi_offline import FastAPIOffline
from starlette.types import ASGIApp

from relevo.accounts.demo import refuse_in_public
from relevo.api import (
    chats,
    documents,
    errors,
    health,
    help_pages,
    one_time_links,
    pages,
    session,
    sign_in,
    webhooks,
    widget,
    widget_demo,
)
from relevo.api.described import describe
from relevo.api.limits import FORM_BYTES, Limits
from relevo.api.marketing import analyses, brief, content, findings, persona
from relevo.api.principal import KeyRing
from relevo.app import App
from relevo.bootstrap import open_app
from relevo.settings import Settings

Around = Callable[[ASGIApp, FastAPI], ASGIApp]
"""Puts an application around another one; the second argument is the whole site, for its state."""
DESCRIPTION = """Teams of AI agents that talk with people.

Calls carry an API key of a project: `Authorization: Bearer rlv_…` (`relevo key create`),
or a signed-in user's access token (`POST /api/session`)."""


def create_app(
    settings: Settings, app: App | None = None, *, working: bool = True, around: Around | None = None
) -> FastAPI:
    """The ASGI application. It opens an installation of its own at start, unless ``app`` is given.

    ``around`` puts further pages around the routes, inside the limits.
    """

    @asynccontextmanager
    async def lifespan(web: FastAPI) -> AsyncIterator[None]:
        if app is not None:
            web.state.relevo = app
            yield
            return
        async with open_app(settings, working=working) as opened:
            await refuse_in_public(opened.database, settings.public_url)
            web.state.relevo = opened
            yield

    web = FastAPIOffline(
        title="Relevo",
        version="0.1.0",
        description=DESCRIPTION,
        lifespan=lifespan,
        redoc_url=None,
        redirect_slashes=False,  # a redirect would lead to whatever host the request names
    )
    web.state.keys = KeyRing()
    web.state.letters = set[asyncio.Task[None]]()
    if app is not None:
        web.state.relevo = app
    errors.install(web)
    web_rooms = (pages, help_pages, widget, widget_demo, sign_in, one_time_links)
    works = (documents, brief, persona, findings, content, analyses)
    rooms = (chats, webhooks, session, *web_rooms, *works, health)  # the busiest are looked through first
    for room in rooms:
        web.include_router(room.router)
    web.mount("/static", StaticFiles(directory=pages.STATIC), name="static")
    describe(web)
    most_upload = settings.knowledge_max_file_mb * 1_000_000 + FORM_BYTES
    inner = web.build_middleware_stack  # the limits stand around all of it: what answers our mistakes, too
    within = around or (lambda routes, _: routes)
    web.build_middleware_stack = lambda: Limits(within(inner(), web), most_upload)  # type: ignore[method-assign]
    return web
