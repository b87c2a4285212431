"""Server-sent events: live previews as they come, committed messages from PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import orjson
from fastapi.responses import StreamingResponse
from psycopg import OperationalError
from psycopg_pool import PoolTimeout
from starlette.types import Receive, Scope, Send

from relevo.api.errors import body
from relevo.app import App
from relevo.domain.ids import MessageId, ProjectId
from relevo.storage.chats import Chat, read_chat
from relevo.storage.history import read_after

LOOK_SECONDS = 1.0
"""How often PostgreSQL is asked for what no live event told: what a person said from another process."""
BEAT_LOOKS = 15
"""Looks between two comments that keep proxies from closing a silent stream."""
PAGE = 200
PREVIEWS = frozenset({"turn", "delta", "reset", "handoff", "tool", "progress"})


SSE = "text/event-stream"
RECHECK_SECONDS = 20.0
"""How often a stream asks whether its reader may still read. With the moment that a good key is trusted
(KEY_TRUSTED_SECONDS) a revoked one reads on for less than a minute."""


class Stream(StreamingResponse):
    """A stream of events. Without the database it ends with an ``error``; what ``held`` holds is let go."""

    media_type = SSE

    def __init__(self, events: AsyncIterator[bytes], held: AsyncExitStack | None = None) -> None:
        super().__init__(_to_the_end(events))
        self._held = held or AsyncExitStack()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._held:
            await super().__call__(scope, receive, send)


async def _to_the_end(events: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    try:
        async for event in events:
            yield event
    except (OperationalError, PoolTimeout):
        yield frame("error", {"status": 503, "code": "unavailable", **body("unavailable")})


def frame(kind: str, data: Any, id: int | None = None) -> bytes:
    """One event as it goes over the wire."""
    head = f"id: {id}\n" if id is not None else ""
    payload = orjson.dumps(data, default=str).decode()
    return f"{head}event: {kind}\ndata: {payload}\n\n".encode()


async def watch_chat(
    app: App,
    project: ProjectId,
    chat: Chat,
    seen: MessageId,
    shown: Callable[[dict[str, Any]], dict[str, Any]],
    still_theirs: Callable[[], Awaitable[bool]],
) -> AsyncIterator[bytes]:
    """Everything of a chat from message ``seen`` on, until the reader goes away, or may read it no longer."""
    owner, ticket, version, looks = chat.owner, chat.ticket, -1, 0
    loop = asyncio.get_running_loop()
    checked = loop.time()
    async with app.live.watch(project, chat.id) as queue:
        while True:
            if loop.time() - checked >= RECHECK_SECONDS:
                checked = loop.time()
                if not await still_theirs():
                    return
            async with app.database.project(project) as connection:
                now = await read_chat(connection, project, chat.id)
                rows = []
                if now is not None and now.version != version:
                    rows = await read_after(connection, project, chat.id, seen, PAGE)
            if now is None:
                return
            for row in rows:
                seen = row["id"]
                yield frame("message", shown(row), row["id"])
            if now.owner != owner:
                owner = now.owner
                yield frame("owner", {"owner": owner})
            if now.ticket != ticket:
                ticket = now.ticket
                yield frame("ticket", {"number": ticket})
            version = now.version if len(rows) < PAGE else -1
            looks += 1
            if looks % BEAT_LOOKS == 0:
                yield b": still here\n\n"
            async for piece in _previews(queue):
                yield piece


async def _previews(queue: "asyncio.Queue[Any]") -> AsyncIterator[bytes]:
    """Live events for one look's time, or until one says that something was committed."""
    loop = asyncio.get_running_loop()
    end = loop.time() + LOOK_SECONDS
    while (left := end - loop.time()) > 0:
        try:
            event = await asyncio.wait_for(queue.get(), left)
        except TimeoutError:
            return
        if event.kind in PREVIEWS:
            yield frame(event.kind, {"turn": event.turn, **event.data})
        elif event.kind == "committed":
            return
