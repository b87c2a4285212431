"""Who is calling: an API key of a project, a signed-in user, or a visitor of the web chat."""

import contextlib
import secrets
import time
from dataclasses import dataclass
from typing import Annotated

import jwt
from fastapi import Depends, Request, Response

from relevo.accounts.access import account_of_token
from relevo.accounts.roles import scope_for
from relevo.api.errors import ApiError
from relevo.api.proxies import app_of, public_url_of
from relevo.app import App
from relevo.domain.ids import ChannelName, ProjectId
from relevo.storage.projects import KnownKey, read_key

WEB = ChannelName("web")
API = ChannelName("api")
COOKIE = "relevo_visitor"
COOKIE_PATH = "/api"
"""Where the cookie is sent: not with pages, scripts or pictures."""
WIDGET = "widget"
"""Whom a visitor's token in the widget is for: it is no cookie, and a cookie is no token."""
VISITOR_DAYS = 30
KEY_TRUSTED_SECONDS = 30.0
"""How long a key found good is not looked up again: a revoked one works at most this much longer."""


@dataclass(frozen=True, slots=True)
class Principal:
    """``scope`` begins the address of every chat of the caller's: a visitor's id, or a user's whose role
    shows only their own; empty for a key."""

    project: ProjectId
    channel: ChannelName
    scope: str


class KeyRing:
    """Keys that were found good a moment ago."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, KnownKey]] = {}

    async def find(self, app: App, key: str) -> KnownKey | None:
        now = time.monotonic()
        known = self._known.get(key)
        if known is not None and known[0] > now:
            return known[1]
        found = await read_key(app.database, key)
        if found is None:
            self._known.pop(key, None)
            return None
        if len(self._known) > 1000:
            self._known.clear()
        self._known[key] = (now + KEY_TRUSTED_SECONDS, found)
        return found


async def principal(request: Request) -> Principal:
    """The caller by API key, by a user's or a visitor's token, else by a visitor's cookie.

    Raises ApiError 401 for none of them, 403 where the key or the role may not do what is asked.
    """
    app = app_of(request)
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "visitor":
        return visitor(request, key.strip(), WIDGET)
    if key:
        return await _bearer(request, key.strip() if scheme.lower() == "bearer" else "")
    cookie = request.cookies.get(cookie_name(app.default_project))
    if cookie is not None:
        found = visitor(request, cookie)
        if found.project == app.default_project:
            return found
    raise ApiError(401, "unauthorized")


async def _bearer(request: Request, proof: str) -> Principal:
    app = app_of(request)
    if proof.count(".") == 2:
        account = await account_of_token(proof, app.access_secret, app.sessions)
        if account is None or account.project is None or account.role is None:
            raise ApiError(401, "unauthorized")
        found = Principal(account.project, API, "" if account.role.sees_all_chats else account.user)
        scopes = frozenset[str](account.role.scopes)
    else:
        ring: KeyRing = request.app.state.keys
        key = await ring.find(app, proof)
        if key is None:
            raise ApiError(401, "unauthorized")
        found, scopes = Principal(key.project, API, ""), key.scopes
    if scope_for(request.method) not in scopes:
        raise ApiError(403, "forbidden", {"scope": scope_for(request.method)})
    return found


def cookie_name(project: ProjectId) -> str:
    """A project's own: two on one host, even on two ports of it, do not overwrite each other's visitors."""
    return f"{COOKIE}_{project}"


def visitor(request: Request, proof: str, audience: str | None = None) -> Principal:
    """The visitor whom a cookie names, or for the widget's ``audience`` a token. Raises ApiError 401, 403."""
    try:
        claims = jwt.decode(
            proof,
            app_of(request).visitor_secret,
            algorithms=["HS256"],
            audience=audience,
            options={"require": ["exp"]},
        )
    except jwt.InvalidTokenError as error:
        raise ApiError(401, "unauthorized") from error
    same_origin(request)
    return Principal(ProjectId(claims["project"]), WEB, claims["sub"])


def same_origin(request: Request) -> None:
    """A visitor writes only from our own pages, beside SameSite. Raises ApiError 403."""
    origin = request.headers.get("origin")
    if origin is None or request.method in ("GET", "HEAD"):
        return
    public = "/".join((app_of(request).settings.public_url or "").split("/")[:3])
    host = origin.rpartition("://")[2]
    if origin == public:
        return
    if not host or host != request.headers.get("host") or host == public.rpartition("://")[2]:
        raise ApiError(403, "forbidden")  # another host; or our own by another scheme than PUBLIC_URL's


Caller = Annotated[Principal, Depends(principal)]


async def member(caller: Caller) -> Principal:
    """A caller who belongs to the project, by key or as a user. Raises ApiError 403 for visitors."""
    if caller.channel != API:
        raise ApiError(403, "forbidden")
    return caller


Member = Annotated[Principal, Depends(member)]


def give_cookie(request: Request, response: Response, project: ProjectId) -> None:
    """Makes whoever has no valid cookie a visitor of the project's web chat."""
    app = app_of(request)
    name = cookie_name(project)
    with contextlib.suppress(jwt.InvalidTokenError):
        given = jwt.decode(request.cookies.get(name, ""), app.visitor_secret, algorithms=["HS256"])
        if given.get("project") == project:
            return
    response.set_cookie(
        name,
        new_visitor(app, project),
        max_age=VISITOR_DAYS * 86400,
        httponly=True,
        samesite="strict",
        secure=public_url_of(request).startswith("https://"),
        path=COOKIE_PATH,
    )


def new_visitor(app: App, project: ProjectId, audience: str | None = None) -> str:
    """The signed proof of a visitor nobody has been before."""
    expires = int(time.time()) + VISITOR_DAYS * 86400
    claims = {"sub": f"v_{secrets.token_hex(16)}", "project": project, "exp": expires}
    claims |= {"aud": audience} if audience else {}
    return jwt.encode(claims, app.visitor_secret, algorithm="HS256")
