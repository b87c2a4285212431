"""Who a customer proves to be, and for how long a visitor's chat is open to whoever uses that browser.

A chat that a visitor opened with a customer token belongs to that customer: its address says whom (as a hash)
and until when. After that it does not exist for the visitor, who may be somebody else by now, unless a newer
token of the same customer comes along in ``Customer-Token``. Chats of an API key have no such end: the key's
owner knows who is who.
"""

import contextlib
import hashlib
from dataclasses import dataclass
from typing import Any

import jwt
from fastapi import Request

from relevo.api.errors import ApiError
from relevo.api.principal import Principal
from relevo.api.proxies import app_of
from relevo.app import App
from relevo.domain.ids import CustomerRef, ProjectId
from relevo.storage.chats import Chat

HEADER = "customer-token"


@dataclass(frozen=True, slots=True)
class Customer:
    """A proved customer, what to call them, and when the proof ends (Unix seconds; None: it does not)."""

    ref: CustomerRef
    name: str | None
    until: int | None = None

    @property
    def mark(self) -> str:
        """Tells this customer's chats from others' without saying who it is."""
        return hashlib.sha256(self.ref.encode()).hexdigest()[:16]


def customer_of_token(app: App, project: ProjectId, token: str) -> Customer:
    """The customer a signed token names (docs/identity.md). Raises ApiError 422 for a bad token."""
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            app.customer_token_secret,
            algorithms=["HS256"],
            audience=project,
            options={"require": ["sub", "exp", "aud"]},
        )
    except jwt.InvalidTokenError as error:
        raise ApiError(422, "bad_token", str(error)) from error
    ref, name = claims["sub"], claims.get("name")
    if not ref or not ref.isprintable() or not isinstance(name, str | None) or "\x00" in (name or ""):
        raise ApiError(422, "bad_token", "sub and name must be plain text, sub not empty")
    return Customer(CustomerRef(ref), name[:200] if name else None, int(claims["exp"]))


def proof_of(request: Request, caller: Principal) -> Customer | None:
    """The customer whose token came along with a visitor's request; None without a good one."""
    given = request.headers.get(HEADER)
    if given is None or not caller.scope:
        return None
    with contextlib.suppress(ApiError):
        return customer_of_token(app_of(request), caller.project, given)
    return None


def scope_of(caller: Principal, customer: Customer | None) -> str:
    """Where the address of a chat begins that the caller opens for a customer, or for nobody known."""
    if not caller.scope or customer is None or customer.until is None:
        return caller.scope
    return f"{caller.scope}/{customer.mark}.{customer.until}"


def may_see(caller: Principal, chat: Chat, proof: Customer | None, now: float) -> bool:
    """Whether a chat is the caller's, and still is; ``now`` is in Unix seconds."""
    if chat.channel != caller.channel:
        return False
    if not caller.scope:
        return True
    visitor, _, rest = chat.address.partition("/")
    mark, proved, until = rest.rpartition("/")[0].partition(".")
    if visitor != caller.scope:
        return False
    return not proved or now < int(until) or (proof is not None and proof.mark == mark)
