"""The pages to sign in and out, to take an invitation, and to set a new password."""

import math
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from relevo.accounts.errors import Refused, Throttled
from relevo.accounts.passwords import Busy
from relevo.api import csrf
from relevo.api.account_page import HEADERS, language_of, page
from relevo.api.errors import ApiError
from relevo.api.proxies import app_of, client_of
from relevo.api.signed_in import give_session, session_token, signed_in, take_session
from relevo.domain.ids import ProjectId
from relevo.insight.metrics import SIGN_INS

router = APIRouter(include_in_schema=False)

DONE = frozenset({"done_reset", "done_invitation", "done_out"})
Field = Annotated[str, Form(max_length=1000)]


@router.get("/sign-in")
async def ask(request: Request, next: str = "", done: str = "") -> Response:
    if await signed_in(request) is not None:
        return onward(request, inside(next))
    return page(request, "sign_in", next=inside(next), done=done if done in DONE else "")


@router.post("/sign-in")
async def enter(
    request: Request, email: Field = "", password: Field = "", next: Field = "", csrf: Field = ""
) -> Response:
    """A session already there is ended: the new one has a token that nobody has seen before."""
    values = {"next": inside(next), "email": email, "done": ""}
    if not is_ours(request, csrf):
        return page(request, "sign_in", 403, problem="form", **values)
    sessions = app_of(request).sessions
    origin = f"{client_of(request)} {request.headers.get('user-agent', '')}"
    try:
        token = await sessions.sign_in(email, password, client_of(request), origin)
    except Throttled as error:
        SIGN_INS.labels("throttled").inc()
        return wait(page(request, "sign_in", 429, problem="throttled", wait=minutes(error), **values), error)
    except Busy:
        SIGN_INS.labels("busy").inc()
        return page(request, "sign_in", 503, problem="busy", **values)
    except Refused:
        SIGN_INS.labels("refused").inc()
        return page(request, "sign_in", 401, problem="refused", **values)
    SIGN_INS.labels("opened").inc()
    before = session_token(request)
    if before:
        await sessions.sign_out(before)
    response = onward(request, values["next"])
    give_session(request, response, token)
    return response


@router.get("/account")
async def account(request: Request) -> Response:
    """Who is signed in, with which role, in which projects."""
    who = await signed_in(request)
    return page(request, "account", account=who) if who else onward(request, "/sign-in")


@router.post("/account/project")
async def switch(request: Request, project: Field = "", csrf: Field = "") -> Response:
    who, token = await signed_in(request), session_token(request)
    if who is None or token is None:
        return onward(request, "/sign-in")
    if not is_ours(request, csrf):
        return page(request, "account", 403, account=who, problem="form")
    if not await app_of(request).sessions.choose(token, ProjectId(project.replace("\x00", ""))):
        raise ApiError(404, "not_found")
    return onward(request, "/account")


@router.get("/sign-out")
async def ask_out(request: Request) -> Response:
    """A question only: a link on another site must not sign anybody out."""
    return page(request, "sign_out") if await signed_in(request) else onward(request, "/sign-in")


@router.post("/sign-out")
async def leave(request: Request, everywhere: Field = "", csrf: Field = "") -> Response:
    if not is_ours(request, csrf):
        return page(request, "sign_out", 403, problem="form")
    who, token = await signed_in(request), session_token(request)
    if who is not None and token is not None:
        sessions = app_of(request).sessions
        await (sessions.sign_out_everywhere(who.user) if everywhere else sessions.sign_out(token))
    response = onward(request, "/sign-in?done=done_out")
    take_session(request, response)
    return response


def is_ours(request: Request, given: str) -> bool:
    try:
        csrf.check(request, given)
    except ApiError:
        return False
    return True


def inside(next: str) -> str:
    """A path of ours to go on to; elsewhere, ``/account``. ``//host`` and ``/\\host`` are other sites."""
    fine = next.startswith("/") and not next.startswith(("//", "/\\")) and next.isprintable()
    return next if fine and len(next) <= 1000 else "/account"


def onward(request: Request, path: str) -> RedirectResponse:
    mark = "&" if "?" in path else "?"
    kept = f"{mark}language={language_of(request)}" if "language" in request.query_params else ""
    return RedirectResponse(f"{path}{kept}", 303, headers=HEADERS)


def minutes(error: Throttled) -> int:
    return math.ceil(error.wait.total_seconds() / 60)


def wait(response: Response, error: Throttled) -> Response:
    response.headers["Retry-After"] = str(math.ceil(error.wait.total_seconds()))
    return response
