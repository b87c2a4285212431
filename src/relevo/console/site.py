"""The whole site: the API and its pages, with the console's pages beside them."""

from fastapi import FastAPI

from relevo.api.app import create_app
from relevo.app import App
from relevo.console import preferences
from relevo.console.door import Door
from relevo.settings import Settings


def create_site(settings: Settings, app: App) -> FastAPI:
    """The ASGI application that `relevo serve` serves, over a running installation.

    The console's pages are loaded when somebody first asks for one, and live once in a process.
    """
    site = create_app(settings, app, around=Door)
    site.include_router(preferences.router)
    return site
