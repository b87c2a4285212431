"""A running installation behind a real HTTP server on a free port."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn

from relevo.api.app import create_app
from relevo.api.wire import Protocol
from relevo.bootstrap import App


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        yield


@dataclass(frozen=True, slots=True)
class Site:
    """A served installation: where it is, and a client that carries the demo project's API key."""

    app: App
    url: str
    client: httpx.AsyncClient

    async def open_chat(self, speak_as: str | None = None) -> str:
        """Opens a chat as a demo customer, or as a stranger; returns its id."""
        answer = await self.client.post("/api/chats", json={"as": speak_as})
        answer.raise_for_status()
        return str(answer.json()["chat_id"])

    async def say(self, chat: str, text: str, **headers: str) -> dict[str, Any]:
        """Writes one message and returns the reply."""
        answer = await self.client.post(
            f"/api/chats/{chat}/messages", json={"content": text}, headers=headers
        )
        assert answer.status_code == 200, answer.text
        reply: dict[str, Any] = answer.json()
        return reply


@contextlib.asynccontextmanager
async def served(app: App) -> AsyncIterator[Site]:
    """Serves ``app`` over loopback for the time of the block."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    config = uvicorn.Config(
        create_app(app.settings, app),
        log_config=None,
        access_log=False,
        proxy_headers=False,
        http=Protocol,
        timeout_graceful_shutdown=1,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started and not task.done():  # noqa: ASYNC110 - uvicorn offers no event
        await asyncio.sleep(0.01)
    key = await app.demo_key()
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=90) as client:
        yield Site(app, url, client)
    server.should_exit = True
    await task
