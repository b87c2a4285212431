"""Sign-in, sign-out, and who a session's token names."""

from datetime import timedelta
from typing import Any

from relevo.accounts.account import Account, SessionId, UserId, read_email
from relevo.accounts.errors import Refused
from relevo.accounts.passwords import verify
from relevo.accounts.roles import Role
from relevo.accounts.throttle import Throttle
from relevo.accounts.tokens import hash_token, new_token
from relevo.domain.clock import Clock
from relevo.domain.ids import ProjectId, new_id
from relevo.storage.accounts import end_sessions, note_session, open_session, session_seen, user_by_email
from relevo.storage.database import Database

IDLE_DAYS = 7
"""A session that is not used for this long has ended."""
LONGEST_DAYS = 30
"""No session lasts longer, however much it is used."""
MOST_ORIGIN_CHARS = 200


class Sessions:
    """The sessions of an installation. None is remembered in the process: one that is ended has ended.

    ``secret`` keys what is kept of addresses.
    """

    def __init__(self, database: Database, clock: Clock, secret: str) -> None:
        self._database = database
        self._clock = clock
        self._throttle = Throttle(database, secret, "sign-in")

    async def sign_in(self, email: str, password: str, address: str, origin: str) -> str:
        """Opens a session and returns its token, which is kept nowhere.

        ``address`` is the network address of whoever asks, ``origin`` what to show of it in a list. Raises
        Refused (as late and as quietly for an unknown user as for a wrong password), Throttled, Busy.
        """
        now = self._clock.now()
        try:
            email = read_email(email)
        except ValueError:
            email = email.strip().lower()[:MOST_ORIGIN_CHARS]  # nobody's: counted and refused like any other
        await self._throttle.take(email, address, now)
        user, kept = await user_by_email(self._database, email.replace("\x00", "")) or (None, None)
        if not await verify(password, kept) or user is None or kept is None:
            raise Refused
        token = new_token()
        until = now + timedelta(days=IDLE_DAYS)
        if not await open_session(self._database, user, kept, hash_token(token), new_id("s"), now, until):
            raise Refused
        shown = "".join(each for each in origin if each.isprintable())[:MOST_ORIGIN_CHARS]
        await note_session(self._database, hash_token(token), origin=shown)
        await self._throttle.forgive(email, address, now)
        return token

    async def forgive(self, email: str) -> None:
        """Whoever has proved to have the mailbox may sign in again at once."""
        await self._throttle.forgive(email, "", self._clock.now())

    async def account(self, token: str) -> Account | None:
        """Who the token's session belongs to, None when it has ended; being asked keeps it alive."""
        row = await session_seen(
            self._database,
            self._clock.now(),
            token=hash_token(token),
            idle=timedelta(days=IDLE_DAYS),
            longest=timedelta(days=LONGEST_DAYS),
        )
        return account_of(row) if row else None

    async def account_of_session(self, session: SessionId) -> Account | None:
        """Who a living session belongs to, by its id; being asked does not keep it alive."""
        row = await session_seen(self._database, self._clock.now(), id=session)
        return account_of(row) if row else None

    async def choose(self, token: str, project: ProjectId) -> bool:
        """Puts the session into a project; returns False, and does not, when its user is not in it."""
        return await note_session(self._database, hash_token(token), project=project)

    async def sign_out(self, token: str) -> None:
        await end_sessions(self._database, token=hash_token(token))

    async def sign_out_everywhere(self, user: UserId) -> int:
        """Ends all sessions of a user; returns how many there were."""
        return await end_sessions(self._database, user=user)


def account_of(row: dict[str, Any]) -> Account:
    """A row of session_seen."""
    roles = {ProjectId(project): Role(role) for project, role in sorted(row["roles"].items())}
    chosen = ProjectId(row["chosen"]) if row["chosen"] in roles else next(iter(roles), None)
    return Account(
        UserId(row["user_id"]), SessionId(row["session_id"]), row["email"], row["name"], roles, chosen
    )
