"""NiceGUI, set up once for the process, with all the console's pages."""

import asyncio
import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp

ROOMS = ("overview", "chat", "documents", "persona", "forum", "pain_points", "journey", "content")
RECONNECT_SECONDS = 20.0
"""A telephone that was away for a moment comes back to the page as it was."""


@asynccontextmanager
async def open_pages() -> AsyncIterator[ASGIApp]:
    """The pages as an application, until the block ends. Importing them is done beside the loop."""
    await asyncio.to_thread(_imported)
    from nicegui import ui

    host = FastAPI(openapi_url=None)
    ui.run_with(
        host,
        title="Relevo",
        favicon=None,
        reconnect_timeout=RECONNECT_SECONDS,
        tailwind=False,
        show_welcome_message=False,
        binding_refresh_interval=None,
    )
    async with host.router.lifespan_context(host):
        yield host


def _imported() -> None:
    for room in ROOMS:
        importlib.import_module(f"relevo.console.studio.{room}")
