"""The session's cookie: who is signed in, and what a page or a route requires of them.

``signed_in(request)`` tells; ``Depends(require(Role.OWNER))`` lets in. A page that changes something checks
its form with ``relevo.api.csrf`` first.
"""

from collections.abc import Awaitable, Callable
from urllib.parse import quote

from fastapi import Request, Response

from relevo.accounts.account import Account
from relevo.accounts.roles import Role
from relevo.accounts.sessions import LONGEST_DAYS
from relevo.api.errors import ApiError
from relevo.api.proxies import app_of, public_url_of

SESSION = "relevo_session"


def is_secure(request: Request) -> bool:
    """Whether the world reaches us over https: cookies are then bound to it and to this host alone."""
    return public_url_of(request).startswith("https://")


def cookie_name(request: Request, name: str) -> str:
    """``__Host-`` keeps a cookie from being planted by a neighbouring domain, or over plain http."""
    return f"__Host-{name}" if is_secure(request) else name


def set_cookie(request: Request, response: Response, name: str, value: str, seconds: int) -> None:
    """Sets a cookie that scripts cannot read and that other sites' forms do not carry; 0 s removes it."""
    response.set_cookie(
        cookie_name(request, name),
        value,
        max_age=seconds,
        httponly=True,
        samesite="lax",
        secure=is_secure(request),
        path="/",
    )


def session_token(request: Request) -> str | None:
    """The token that the session's cookie holds, good or not."""
    return request.cookies.get(cookie_name(request, SESSION)) or None


def give_session(request: Request, response: Response, token: str) -> None:
    set_cookie(request, response, SESSION, token, LONGEST_DAYS * 86400)


def take_session(request: Request, response: Response) -> None:
    set_cookie(request, response, SESSION, "", 0)


async def signed_in(request: Request) -> Account | None:
    """Who is signed in, in which of their projects; asked of the database each time, as it may end."""
    token = session_token(request)
    return await app_of(request).sessions.account(token) if token else None


def require(*roles: Role) -> Callable[[Request], Awaitable[Account]]:
    """A dependency that lets in whoever has one of ``roles`` in their chosen project; none named: any.

    Whoever is not signed in is sent to the sign-in page when a browser asks for a page, else gets 401; who
    has another role gets 403.
    """

    async def welcome(request: Request) -> Account:
        account = await signed_in(request)
        if account is None:
            if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
                asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
                raise ApiError(303, "unauthorized", headers={"Location": f"/sign-in?next={quote(asked)}"})
            raise ApiError(401, "unauthorized")
        if account.role is None or (roles and account.role not in roles):
            raise ApiError(403, "forbidden")
        return account

    return welcome
