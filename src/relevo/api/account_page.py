"""How the sign-in pages are rendered: one template, in the chat's look, in the reader's language."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from relevo.api import csrf
from relevo.api.signed_in import cookie_name, is_secure
from relevo.domain.signals import Language

TEMPLATES = Path(__file__).parent / "templates"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "strict-origin",  # of "no-referrer", browsers send forms with the origin "null"
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
LANGUAGE = "relevo_language"
"""The cookie that keeps a chosen language."""
STRICT_TRANSPORT = {"Strict-Transport-Security": "max-age=31536000"}


def language_of(request: Request) -> Language:
    """What the address asks for (``?language=en``), else what was chosen, else what the browser prefers.

    Spanish, where it prefers neither of ours.
    """
    asked = request.query_params.get("language") or request.cookies.get(cookie_name(request, LANGUAGE))
    preferred = request.headers.get("accept-language", "").split(",")
    for each in (asked or "", *preferred):
        if each.strip().lower()[:2] in set(Language):
            return Language(each.strip().lower()[:2])
    return Language.ES


def page(request: Request, name: str, status: int = 200, **values: Any) -> HTMLResponse:
    """The page ``name`` of the template. A text of ours is asked for by its name, ``t.sign_in``."""
    language = language_of(request)
    response = HTMLResponse(status_code=status, headers=HEADERS)
    if is_secure(request):
        response.headers.update(STRICT_TRANSPORT)
    body = (
        _environment()
        .get_template("account.html")
        .render(
            page=name,
            t=_texts()[language],
            language=language,
            path=request.url.path,
            csrf=csrf.form_token(request, response),
            **({"next": "", "problem": "", "account": None, "email": "", "link": None, "wait": 0} | values),
        )
    )
    response.body = body.encode()
    response.headers["Content-Length"] = str(len(response.body))
    return response


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=select_autoescape(), undefined=StrictUndefined
    )


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads((TEMPLATES / "account.toml").read_text("utf-8"))
