"""One-time links: an invitation to a project, and a new password for who has lost theirs."""

from datetime import timedelta

from relevo.accounts.account import UserId, read_email
from relevo.accounts.errors import Refused
from relevo.accounts.passwords import check_new, hash_password
from relevo.accounts.roles import Role
from relevo.accounts.throttle import Throttle
from relevo.accounts.tokens import hash_token, new_token
from relevo.domain.clock import Clock
from relevo.domain.ids import ProjectId, new_id
from relevo.storage import accounts as storage
from relevo.storage.accounts import Link
from relevo.storage.database import Database

INVITATION_DAYS = 7
RESET_MINUTES = 60
MOST_NAME_CHARS = 100


class Links:
    """The one-time links of an installation: only their hashes are kept, and each opens once."""

    def __init__(self, database: Database, clock: Clock, secret: str) -> None:
        self._database = database
        self._clock = clock
        self._throttle = Throttle(database, secret, "reset")

    async def invite(self, email: str, project: ProjectId, role: Role) -> str:
        """The token of a link that takes ``email`` into a project. Raises ValueError for no address."""
        token = new_token()
        until = self._clock.now() + timedelta(days=INVITATION_DAYS)
        await storage.invite(
            self._database, UserId(new_id("u")), read_email(email), project, role, hash_token(token), until
        )
        return token

    async def reset(self, email: str) -> str | None:
        """The token of a link that sets a new password; None when there is no such user."""
        token, now = new_token(), self._clock.now()
        until = now + timedelta(minutes=RESET_MINUTES)
        made = await storage.make_reset(self._database, email.strip().lower(), hash_token(token), now, until)
        return token if made else None

    async def take_reset(self, email: str, address: str) -> None:
        """Counts that somebody at ``address`` asks for a link, known or not. Raises Throttled."""
        await self._throttle.take(email, address, self._clock.now())

    async def look(self, token: str) -> Link | None:
        """What a link is for; None when it was used, has expired or never was. Looking does not use it."""
        return await storage.link_seen(self._database, hash_token(token), self._clock.now())

    async def use(self, token: str, password: str | None, name: str | None = None) -> Link:
        """Uses a link up, with the new password where one is needed.

        Raises Refused for a link that cannot be used (any more), ValueError as ``check_new`` does, Busy.
        """
        link = await self.look(token)
        if link is None:
            raise Refused
        hashed = None
        if link.purpose == "reset" or link.new:
            check_new(password or "", link.email)
            hashed = await hash_password(password or "")
        called = "".join(each for each in name or "" if each.isprintable()).strip()[:MOST_NAME_CHARS]
        used = await storage.use_link(
            self._database, hash_token(token), hashed, called or None, self._clock.now()
        )
        if used is None:
            raise Refused
        return link
