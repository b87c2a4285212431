"""The web application: routes over one running installation."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from fastapi_offline import FastAPIOffline

from relevo.accounts.demo import refuse_in_public
from relevo.api import (
    chats,
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
from relevo.api.limits import Limits
from relevo.api.principal import KeyRing
from relevo.app import App
from relevo.bootstrap import open_app
from relevo.settings import Settings

DESCRIPTION = """Teams of AI agents that talk with people.

Calls carry an API key of a project: `Authorization: Bearer rlv_…` (`relevo key create`),
or a signed-in user's access token (`POST /api/session`)."""


def create_app(settings: Settings, app: App | None = None, *, working: bool = True) -> FastAPI:
    """The ASGI application. It opens an installation of its own at start, unless ``app`` is given."""

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
    for room in (chats, webhooks, session, *web_rooms, health):  # the busiest are looked through first
        web.include_router(room.router)
    web.mount("/static", StaticFiles(directory=pages.STATIC), name="static")
    describe(web)
    inner = web.build_middleware_stack  # the limits stand around all of it: what answers our mistakes, too
    web.build_middleware_stack = lambda: Limits(inner())  # type: ignore[method-assign]
    return web
