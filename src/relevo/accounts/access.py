"""Access tokens: a signed-in user's short-lived proof for the API (JWT, HS256)."""

import time
from dataclasses import replace

import jwt

from relevo.accounts.account import Account, SessionId
from relevo.accounts.sessions import Sessions
from relevo.domain.ids import ProjectId

ACCESS_MINUTES = 15
AUDIENCE = "relevo-api"


def access_token(account: Account, project: ProjectId, secret: str) -> str:
    """A token for one of the account's projects. Raises KeyError for another project."""
    claims = {
        "aud": AUDIENCE,
        "sub": account.user,
        "sid": account.session,
        "project": project,
        "role": account.roles[project],
        "exp": int(time.time()) + ACCESS_MINUTES * 60,
    }
    return jwt.encode(claims, secret, algorithm="HS256")


async def account_of_token(token: str, secret: str, sessions: Sessions) -> Account | None:
    """The account that a token names, in the token's project; None when it is no (longer) good.

    The session must be living and its user still in that project; the role is the one of now, whatever the
    token says: what was ended or taken away is so at once.
    """
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=["HS256"],
            audience=AUDIENCE,
            options={"require": ["exp", "aud", "sub", "sid", "project", "role"]},
        )
    except jwt.InvalidTokenError:
        return None
    account = await sessions.account_of_session(SessionId(str(claims["sid"])))
    project = ProjectId(str(claims["project"]))
    if account is None or account.user != claims["sub"] or project not in account.roles:
        return None
    return replace(account, project=project)
