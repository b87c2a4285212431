"""The demo's users: made once, with passwords of their own; not for an installation the world reaches."""

from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from relevo.accounts.passwords import hash_password
from relevo.accounts.roles import Role
from relevo.accounts.tokens import new_token
from relevo.domain.ids import ProjectId, new_id
from relevo.settings import Misconfigured
from relevo.storage.accounts import known_users, make_demo_user, mark_demo
from relevo.storage.database import Database

USERS = (("marketer@demo.example", Role.MARKETER), ("operator@demo.example", Role.OPERATOR))
PASSWORD_CHARS = 16


@dataclass(frozen=True, slots=True)
class Made:
    """A user that was made just now, and the password: this is the only time it is known."""

    email: str
    role: Role
    password: str


def is_public(url: str | None) -> bool:
    """Whether ``url`` (PUBLIC_URL) is an address that others than this machine reach."""
    host = (urlsplit(url).hostname or "") if url else ""
    if not host or host == "localhost" or host.endswith(".localhost"):
        return False
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return True


async def make_demo_users(
    database: Database, project: ProjectId, at: datetime, marketing: ProjectId | None = None
) -> list[Made]:
    """Makes the demo's users the first time it is called for a project; later, it makes none.

    The marketer is one in the project ``marketing``, where it is given.
    """
    if not await mark_demo(database, project):
        return []
    made = []
    for email, role in USERS:
        password = new_token()[:PASSWORD_CHARS]
        hashed = await hash_password(password)
        where = marketing if role is Role.MARKETER and marketing is not None else project
        if await make_demo_user(database, new_id("u"), email, hashed, where, role, at):
            made.append(Made(email, role, password))
    return made


async def refuse_in_public(database: Database, url: str | None) -> None:
    """Raises Misconfigured where the world can reach (``url``) an installation with the demo's users."""
    left = await demo_users(database) if is_public(url) else []
    if left:
        commands = " and ".join(f"relevo user remove {email}" for email in left)
        raise Misconfigured(f"PUBLIC_URL: the demo's users must not be reached from outside: {commands}")


async def demo_users(database: Database) -> list[str]:
    """The addresses of the demo's users that there are."""
    return [user["email"] for user in await known_users(database) if user["demo"]]
