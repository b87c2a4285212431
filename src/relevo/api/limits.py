"""What every request passes first: a cap on its size, and headers on its answer."""

import asyncio
import contextlib

import orjson
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from relevo.api.errors import body
from relevo.api.pages import POLICY

MOST_BYTES = 256 * 1024
"""Four times the longest message in its worst encoding."""
MOST_WEBHOOK_BYTES = 1024 * 1024
"""WhatsApp's longest message, 65,536 characters, each percent-encoded."""


MOST_DRAINED = 8 * 1024 * 1024
"""What is read of a refused body and thrown away, so that its sender gets to see the answer; beyond it the
connection is closed on them."""
DRAIN_SECONDS = 5.0


class TooLarge(HTTPException):
    def __init__(self) -> None:
        super().__init__(413)


class Limits:
    """Refuses bodies that are too large, declared or not, and adds the security headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = MOST_WEBHOOK_BYTES if scope["path"].startswith("/webhooks/") else MOST_BYTES
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                await _drain(message, receive)
                raise TooLarge
            return message

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                _secure(MutableHeaders(scope=message), scope["path"])
            await send(message)

        if _declared(scope) > most:
            await _drain({"type": "http.request", "more_body": True}, receive)
            await _refuse(headed, most)
            return
        await self._app(scope, counted, headed)


async def _drain(message: Message, receive: Receive) -> None:
    """Reads on from ``message`` to the end of the body, within bounds."""
    drained = 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            while message.get("more_body") and drained < MOST_DRAINED:
                message = await receive()
                drained += len(message.get("body", b""))


def _declared(scope: Scope) -> int:
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(length) if length.isdigit() else 0


def _secure(headers: MutableHeaders, path: str) -> None:
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "no-referrer")
    if not path.startswith(("/docs", "/redoc", "/static-offline-docs")):
        headers.setdefault("Content-Security-Policy", POLICY)
    if path.startswith("/api/"):
        headers.setdefault("Cache-Control", "no-store")


async def _refuse(send: Send, most: int) -> None:
    payload = orjson.dumps(body("too_large", {"most_bytes": most}))
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": payload})
