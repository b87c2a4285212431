"""What every request passes first: a number, a cap on its sizes, and headers on its answer."""

import asyncio
import contextlib
import secrets

import structlog
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from relevo.api.errors import rendered
from relevo.api.pages import POLICY

MOST_BYTES = 256 * 1024
"""Four times the longest message in its worst encoding."""
MOST_WEBHOOK_BYTES = 1024 * 1024
"""WhatsApp's longest message, 65,536 characters, each percent-encoded."""


UPLOADS = ("/api/documents", "/_nicegui/client/")
"""Where a file may come in: it may be as large as KNOWLEDGE_MAX_FILE_MB says."""
SOCKETS = "/_nicegui_ws/"
"""Where the console's pages talk with the server."""
FORM_BYTES = 64 * 1024
"""What a form adds to the file that it carries."""


MOST_DRAINED = 8 * 1024 * 1024
"""What is read of a refused body and thrown away beyond what it may have, so that its sender gets to see the
answer; after that the connection is closed on them."""
DRAIN_SECONDS = 5.0


MOST_HEADERS = 100
"""Browsers and providers send fewer than 30, proxies add some."""
MOST_HEADER_BYTES = 32 * 1024
"""Names and values of all headers: twice what servers usually allow for cookies."""
MOST_TARGET_BYTES = 16 * 1024
"""Path and query."""


class TooLarge(HTTPException):
    def __init__(self) -> None:
        super().__init__(413)


class Limits:
    """Stands before everything: numbers each request, refuses what is too large, adds the security headers.

    It asks nothing of the request but its sizes, so a refusal costs next to nothing.
    """

    def __init__(self, app: ASGIApp, most_upload: int = MOST_BYTES) -> None:
        self._app = app
        self._most_upload = most_upload

    def _most(self, scope: Scope) -> int:
        """The bytes that the body of a request may have."""
        if scope["path"].startswith("/webhooks/"):
            return MOST_WEBHOOK_BYTES
        return self._most_upload if scope["path"].startswith(UPLOADS) else MOST_BYTES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and not scope["path"].startswith(SOCKETS):
            await send({"type": "websocket.close"})  # we have none elsewhere: 403
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        number = scope["relevo.request"] = secrets.token_hex(8)
        structlog.contextvars.bind_contextvars(request=number)
        most = self._most(scope)
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                await _drain(message, receive, most)
                raise TooLarge
            return message

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = number
                _secure(headers, scope["path"])
            await send(message)

        refusal = _head_refusal(scope)
        if refusal is None and _declared(scope) > most:
            refusal = 413, rendered("too_large", {"most_bytes": most})
        if refusal is not None:
            await _drain({"type": "http.request", "more_body": True}, receive, most)
            await _refuse(headed, *refusal)
            return
        await self._app(scope, counted, headed)


def _head_refusal(scope: Scope) -> tuple[int, bytes] | None:
    """Status and body for a head that is too large, or names two hosts; None for one that is well."""
    target = len(scope.get("raw_path") or b"") + len(scope["query_string"])
    if target > MOST_TARGET_BYTES:
        return 414, rendered("head_too_large", {"most_bytes": MOST_TARGET_BYTES})
    headers = scope["headers"]
    if sum(name == b"host" for name, _ in headers) > 1:
        return 400, rendered("unreadable", "more than one Host")
    if len(headers) > MOST_HEADERS:
        return 431, rendered("head_too_large", {"most_headers": MOST_HEADERS})
    if sum(len(name) + len(value) for name, value in headers) > MOST_HEADER_BYTES:
        return 431, rendered("head_too_large", {"most_bytes": MOST_HEADER_BYTES})
    return None


async def _drain(message: Message, receive: Receive, most: int) -> None:
    """Reads on from ``message`` to the end of the body, within bounds."""
    drained = 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            while message.get("more_body") and drained < most + MOST_DRAINED:
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


async def _refuse(send: Send, status: int, payload: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": payload})
