"""Who may come in: the console's pages stand behind a session, a role, and requests of our own pages.

NiceGUI is one application for a whole process. It is loaded when somebody who may see a page first asks for
one, so that a start and an installation without marketers pay nothing for it.
"""

import asyncio
from contextlib import AsyncExitStack
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from relevo.accounts.account import Account
from relevo.accounts.roles import Role
from relevo.api.account_page import HEADERS
from relevo.api.proxies import public_url_of
from relevo.api.signed_in import signed_in

ROLES = frozenset({Role.OWNER, Role.MARKETER, Role.ANALYST})
PAGES = "/studio"
OWN = "/_nicegui"
SOCKETS = "/_nicegui_ws/"
ENTERED = "relevo.entered"
"""Where the scope says who came in, and with which request: NiceGUI puts an application of its own there."""
POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""What NiceGUI needs and no more: it boots from a script in its page, and its components are compiled there.
Nothing is loaded from elsewhere, and customer text appears only through components that escape it."""


class Door:
    """Takes what is the console's, and lets everything else through to ``app``."""

    def __init__(self, app: ASGIApp, web: FastAPI) -> None:
        self._app = app
        self._web = web
        self._pages: ASGIApp | None = None
        self._loading = asyncio.Lock()
        self._running = AsyncExitStack()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, self._closing(receive), send)
        elif is_ours(scope["path"]):
            await self._enter(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _closing(self, receive: Receive) -> Receive:
        async def told() -> Message:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await self._running.aclose()
            return message

        return told

    async def _enter(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [each for each in scope["headers"] if each[0] != b"x-forwarded-prefix"]
        scope = {**scope, "headers": headers, "app": self._web}
        request = _request(scope)
        if _is_asset(scope["path"]):
            if self._pages is None:  # they belong to a page, and nobody has opened one
                await Response(status_code=404)(scope, receive, send)
                return
        else:
            account = await signed_in(request) if _from_our_own_page(request) else None
            if account is None or account.role not in ROLES:
                if scope["type"] == "websocket":
                    await send({"type": "websocket.close"})
                else:
                    await _refusal(request, account)(scope, receive, send)
                return
            scope[ENTERED] = request, account
        await (await self._loaded())(scope, receive, _headed(send))

    async def _loaded(self) -> ASGIApp:
        async with self._loading:
            if self._pages is None:
                from relevo.console.pages import open_pages  # NiceGUI: more than a second

                self._pages = await self._running.enter_async_context(open_pages())
        return self._pages


def is_ours(path: str) -> bool:
    """Whether the console serves this path."""
    return path == PAGES or path.startswith((f"{PAGES}/", f"{OWN}/", SOCKETS))


def _is_asset(path: str) -> bool:
    """Scripts, styles and fonts of NiceGUI itself: the same for everybody."""
    return path.startswith(f"{OWN}/") and not path.startswith(f"{OWN}/client/")


def _request(scope: Scope) -> Request:
    """The request, or the handshake of a socket as if it were one."""
    scheme = {"ws": "http", "wss": "https"}.get(scope["scheme"], scope["scheme"])
    return Request({**scope, "type": "http", "scheme": scheme, "method": scope.get("method", "GET")})


def _from_our_own_page(request: Request) -> bool:
    """A page is asked for by its address; whatever it does afterwards comes from itself."""
    if request.url.path.startswith(PAGES):
        return request.method in ("GET", "HEAD")
    own = "/".join(public_url_of(request).split("/")[:3])
    site = request.headers.get("sec-fetch-site", "same-origin")
    return request.headers.get("origin", own) == own and site in ("same-origin", "none")


def _refusal(request: Request, account: Account | None) -> Response:
    if not request.url.path.startswith(PAGES):
        return Response(status_code=403 if account else 401)
    if account is not None:  # a role or a project without these pages: another project can be chosen there
        return RedirectResponse("/account", 303, headers=HEADERS)
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/sign-in?next={quote(asked)}", 303, headers=HEADERS)


def _headed(send: Send) -> Send:
    async def headed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if headers.get("content-type", "").startswith("text/html"):
                headers.update(HEADERS | {"Content-Security-Policy": POLICY})
        await send(message)

    return headed
