"""Whether a changing request comes from our own page: its origin, and a token that only our pages know.

A cookie of random bits is given with every form, and the form carries their keyed hash, which is bound to the
session as well. Another site can make a browser send cookies; it cannot read or make the hash.
"""

import hmac

from fastapi import Request, Response

from relevo.accounts.tokens import keyed, new_token
from relevo.api.errors import ApiError
from relevo.api.proxies import app_of, public_url_of
from relevo.api.signed_in import cookie_name, session_token, set_cookie
from relevo.secrets import derived

FORM = "relevo_form"
FIELD = "csrf"
HEADER = "X-CSRF-Token"


def form_token(request: Request, response: Response) -> str:
    """The token for a form of the page that ``response`` will be; gives the cookie where there is none."""
    bits = request.cookies.get(cookie_name(request, FORM), "")
    if not bits:
        bits = new_token()
        set_cookie(request, response, FORM, bits, 86400)
    return _token(request, bits)


def check(request: Request, given: str | None) -> None:
    """Raises ApiError 403 unless the request comes from our origin with the right token."""
    origin = request.headers.get("origin")
    own = "/".join(public_url_of(request).split("/")[:3])
    if origin is not None and origin != own:
        raise ApiError(403, "forbidden", "origin")
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise ApiError(403, "forbidden", "origin")
    bits = request.cookies.get(cookie_name(request, FORM), "")
    if not bits or not hmac.compare_digest(_token(request, bits).encode(), (given or "").encode()):
        raise ApiError(403, "forbidden", "csrf")


def _token(request: Request, bits: str) -> str:
    secret = derived(app_of(request).secret, "csrf")
    return keyed(secret, bits, session_token(request) or "").hex()
