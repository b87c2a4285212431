"""What scripts of signed-in pages ask for: who is signed in, and an access token for the API."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from relevo.accounts.access import ACCESS_MINUTES, access_token
from relevo.accounts.account import Account
from relevo.accounts.roles import Role
from relevo.api import csrf
from relevo.api.errors import ApiError
from relevo.api.proxies import app_of
from relevo.api.signed_in import require
from relevo.domain.ids import ProjectId

router = APIRouter(prefix="/api", tags=["accounts"])

SignedIn = Annotated[Account, Depends(require())]


class AccountOut(BaseModel):
    """Who is signed in. ``csrf`` goes into the header X-CSRF-Token of what changes something."""

    email: str
    name: str | None
    project: str
    role: Role
    projects: dict[str, Role]
    csrf: str


class Wanted(BaseModel):
    """The project that a token is for; the chosen one when left out."""

    model_config = ConfigDict(extra="forbid")

    project: str | None = Field(None, max_length=100)


class AccessToken(BaseModel):
    """``Authorization: Bearer`` takes it, for ``expires_in`` seconds or until the session ends."""

    access_token: str
    token_type: str = "bearer"  # noqa: S105 - a word of RFC 6750
    expires_in: int = ACCESS_MINUTES * 60
    project: str
    role: Role


@router.get("/account", summary="See who is signed in")
async def account(request: Request, response: Response, who: SignedIn) -> AccountOut:
    return AccountOut.model_validate(
        {
            "email": who.email,
            "name": who.name,
            "project": who.project,
            "role": who.role,
            "projects": who.roles,
            "csrf": csrf.form_token(request, response),
        }
    )


@router.post(
    "/session",
    summary="Get an access token for the API",
    responses={401: {"description": "Nobody is signed in"}, 404: {"description": "No such project"}},
)
async def token(
    request: Request,
    who: SignedIn,
    wanted: Wanted | None = None,
    x_csrf_token: Annotated[str | None, Header()] = None,
) -> AccessToken:
    """For the user of the session's cookie, in one of their projects; it ends with the session."""
    csrf.check(request, x_csrf_token)
    project = ProjectId(wanted.project) if wanted and wanted.project is not None else who.project
    if project is None or project not in who.roles:
        raise ApiError(404, "not_found")
    made = access_token(who, project, app_of(request).access_secret)
    return AccessToken(access_token=made, project=project, role=who.roles[project])
