"""A small site with the widget in it, for trying; in the demo only."""

import time
from html import escape
from typing import Annotated, Literal

import jwt
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from relevo.agents.identity import Identified
from relevo.api.errors import ApiError
from relevo.api.pages import STATIC
from relevo.api.proxies import app_of
from relevo.app import App

router = APIRouter(tags=["web"])

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SIGNED_IN_SECONDS = 3600


@router.get("/widget-demo", include_in_schema=False)
async def site(
    request: Request,
    speak_as: Annotated[str, Query(alias="as", max_length=100)] = "",
    language: Literal["es", "en"] = "es",
) -> HTMLResponse:
    """The page as a site would serve it: whoever is signed in gets a customer token in the widget's tag."""
    app = app_of(request)
    if not app.settings.demo:
        raise ApiError(404, "not_found")
    person = (await app.team_of(app.default_project)).demo_people.get(speak_as)
    values = {
        "project": app.default_project,
        "language": language,
        "as": speak_as if person else "",
        "customer": person.name if person else "",
        "token": _customer_token(app, person) if person else "",
    }
    page = (STATIC / "widget-demo.html").read_text("utf-8")
    for name, value in values.items():
        page = page.replace(f"{{{name}}}", escape(value))
    return HTMLResponse(page, headers={"Content-Security-Policy": POLICY})


def _customer_token(app: App, person: Identified) -> str:
    """What the site's own server would sign for its customer (docs/identity.md)."""
    claims = {
        "sub": person.customer,
        "aud": app.default_project,
        "exp": int(time.time()) + SIGNED_IN_SECONDS,
        "name": person.name,
    }
    return jwt.encode(claims, app.customer_token_secret, algorithm="HS256")
