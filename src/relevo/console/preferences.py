"""Which language and theme a browser is shown: kept in cookies, for the console and the sign-in pages."""

from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from relevo.api.account_page import LANGUAGE
from relevo.api.sign_in import inside
from relevo.api.signed_in import cookie_name, set_cookie
from relevo.domain.signals import Language

router = APIRouter(include_in_schema=False)

Theme = Literal["auto", "light", "dark"]
THEMES: tuple[Theme, ...] = ("auto", "light", "dark")
THEME = "relevo_theme"
DAYS = 365


@router.get("/preferences")
async def prefer(
    request: Request, language: Language | None = None, theme: Theme | None = None, next: str = ""
) -> RedirectResponse:
    """Keeps what is given, and goes back to where one was."""
    response = RedirectResponse(inside(next), 303, headers={"Cache-Control": "no-store"})
    for name, value in ((LANGUAGE, language), (THEME, theme)):
        if value is not None:
            set_cookie(request, response, name, value, DAYS * 86400)
    return response


def theme_of(request: Request) -> Theme:
    """The theme of the reader's choice; what their system prefers where they have made none."""
    chosen = request.cookies.get(cookie_name(request, THEME), "")
    return next((each for each in THEMES if each == chosen), "auto")
