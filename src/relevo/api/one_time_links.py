"""The pages behind one-time links: an invitation, a new password; and the one to ask for a new password."""

import asyncio
from typing import Annotated

import structlog
from fastapi import APIRouter, Form, Request, Response
from psycopg import Error
from psycopg_pool import PoolTimeout

from relevo.accounts import mail
from relevo.accounts.account import read_email
from relevo.accounts.errors import Refused, Throttled
from relevo.accounts.links import RESET_MINUTES
from relevo.accounts.passwords import Busy
from relevo.api.account_page import page
from relevo.api.proxies import app_of, client_of
from relevo.api.sign_in import is_ours, minutes, onward, wait
from relevo.app import App
from relevo.storage.accounts import Link

log = structlog.get_logger()
router = APIRouter(include_in_schema=False)

Field = Annotated[str, Form(max_length=1000)]
_PROBLEMS = {"short": "short", "long": "long", "email": "own_email"}


@router.get("/reset")
async def ask(request: Request) -> Response:
    return _asking(request)


@router.post("/reset")
async def send(request: Request, email: Field = "", csrf: Field = "") -> Response:
    """Says the same, as soon, whether there is such a user or not: what follows goes on by itself."""
    app = app_of(request)
    if not is_ours(request, csrf):
        return _asking(request, 403, problem="form")
    try:
        email = read_email(email)
        await app.links.take_reset(email, client_of(request))
    except ValueError:
        return _asking(request, sent=True)
    except Throttled as error:
        return wait(_asking(request, 429, problem="throttled", wait=minutes(error)), error)
    if app.mailer is not None:
        letters: set[asyncio.Task[None]] = request.app.state.letters
        task = asyncio.create_task(_send(app, email))
        letters.add(task)
        task.add_done_callback(letters.discard)
    return _asking(request, sent=True)


async def _send(app: App, email: str) -> None:
    try:
        token = await app.links.reset(email)
        if token is not None and app.mailer is not None:
            await app.mailer.send(email, *mail.reset(f"{app.base_url}/reset/{token}", RESET_MINUTES))
    except (mail.NotSent, Error, PoolTimeout) as error:
        log.error("operator_alert", kind="letter_not_sent", reason=str(error))


def _asking(request: Request, status: int = 200, *, sent: bool = False, **values: object) -> Response:
    able = app_of(request).mailer is not None
    return page(request, "reset", status, ask=True, sent=sent and able, mail=able, **values)


@router.get("/reset/{token}")
async def new_password(request: Request, token: str) -> Response:
    return await _look(request, token, "reset")


@router.post("/reset/{token}")
async def set_password(request: Request, token: str, password: Field = "", csrf: Field = "") -> Response:
    return await _use(request, token, "reset", password, csrf)


@router.get("/invitation/{token}")
async def invited(request: Request, token: str) -> Response:
    return await _look(request, token, "invitation")


@router.post("/invitation/{token}")
async def accept(
    request: Request, token: str, password: Field = "", name: Field = "", csrf: Field = ""
) -> Response:
    return await _use(request, token, "invitation", password, csrf, name)


async def _look(request: Request, token: str, purpose: str) -> Response:
    """Only shows: what looks at links in letters before their reader does must not use them up."""
    link = await app_of(request).links.look(token)
    return _shown(request, purpose, link if link and link.purpose == purpose else None)


async def _use(
    request: Request, token: str, purpose: str, password: str, csrf: str, name: str | None = None
) -> Response:
    app = app_of(request)
    link = await app.links.look(token)
    if link is None or link.purpose != purpose:
        return _shown(request, purpose, None)
    if not is_ours(request, csrf):
        return _shown(request, purpose, link, 403, problem="form")
    try:
        await app.links.use(token, password, name)
    except Refused:
        return _shown(request, purpose, None)
    except Busy:
        return _shown(request, purpose, link, 503, problem="busy")
    except ValueError as error:
        return _shown(request, purpose, link, 422, problem=_PROBLEMS[str(error)])
    if purpose == "reset":
        await app.sessions.forgive(link.email)
    return onward(request, f"/sign-in?done=done_{purpose}")


def _shown(
    request: Request, purpose: str, link: Link | None, status: int = 200, problem: str = ""
) -> Response:
    if link is None:
        return page(request, purpose, 404, ask=False)
    return page(request, purpose, status, link=link, ask=False, problem=problem)
