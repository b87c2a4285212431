"""A site of somebody else's with the widget in it: another origin, and a strict content-security policy."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route


@dataclass
class HostPage:
    """What the site serves: a page with the tag of ``care`` with ``attributes``, and its own script."""

    care: str
    port: int
    attributes: str = 'data-project="demo" data-language="es"'
    script: str = ""
    style: str = ""
    body: str = "<h1>Tienda</h1><button id=before>Comprar</button><main id=app></main>"

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}/"

    @property
    def policy(self) -> str:
        return (
            f"default-src 'none'; script-src 'self' {self.care}; style-src 'self'; frame-src {self.care}; "
            "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
        )

    def html(self) -> str:
        tag = f'<script src="{self.care}/widget.js" {self.attributes} async></script>'
        own = '<link rel="stylesheet" href="/host.css"><script src="/host.js" defer></script>'
        return (
            f'<!doctype html><html lang="es"><head><title>Tienda</title>{tag}{own}</head>{self.body}</html>'
        )


def _site(page: HostPage) -> Starlette:
    async def index(request: Request) -> Response:
        headers = {"Content-Security-Policy": page.policy, "Cross-Origin-Embedder-Policy": "require-corp"}
        return HTMLResponse(page.html(), headers=headers)

    async def script(request: Request) -> Response:
        return PlainTextResponse(page.script, media_type="text/javascript")

    async def style(request: Request) -> Response:
        return PlainTextResponse(page.style, media_type="text/css")

    return Starlette(
        routes=[Route("/", index), Route("/host.js", script), Route("/host.css", style)],
    )


@contextlib.asynccontextmanager
async def host_page(care: str) -> AsyncIterator[HostPage]:
    """Serves a site with the widget of ``care`` (such as http://127.0.0.1:8000) for the time of the block."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()  # who comes before the server stands waits for it
    page = HostPage(care, listener.getsockname()[1])
    config = uvicorn.Config(_site(page), log_level="critical", timeout_graceful_shutdown=0)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    yield page
    server.should_exit = True
    await serving
