"""Keeps a lease while a turn works, and tells it when it has lost the conversation."""

import asyncio
from types import TracebackType

import structlog
from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from relevo.domain.message import Wake
from relevo.pipeline.state import TakenOver
from relevo.storage.database import Database
from relevo.storage.lease import Fenced, fail, owner_now, renew

log = structlog.get_logger()

TRUSTED_SECONDS = 1.0
"""How long an answer of the database about the owner is believed without asking again."""


class Lease:
    """A claimed conversation: renewed every third of its time until the deadline, then left to run out."""

    def __init__(self, database: Database, wake: Wake, token: int, seconds: float, deadline: float) -> None:
        self._database = database
        self._wake = wake
        self._token = token
        self._seconds = seconds
        self._deadline = deadline
        self._known_at = 0.0
        self._first: asyncio.TimerHandle | None = None
        self._renewing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Lease":
        loop = asyncio.get_running_loop()
        self._known_at = loop.time()
        self._first = loop.call_later(self._seconds / 3, self._begin_renewing, self._known_at)
        return self

    def _begin_renewing(self, begun: float) -> None:
        self._renewing = asyncio.create_task(self._renew_until(begun + self._deadline))

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._first is not None:  # most turns end before a first renewal is due, and need no task for it
            self._first.cancel()
        if self._renewing is not None:
            self._renewing.cancel()
        if isinstance(error, Exception) and not isinstance(error, Fenced):
            await self._rest()

    async def _rest(self) -> None:
        """After a failed turn the conversation rests before it is tried again."""
        try:
            async with self._database.project(self._wake.project) as connection:
                await fail(connection, self._wake, self._token)
        except (OperationalError, PoolTimeout) as error:
            log.warning("rest_not_written", conversation=self._wake.conversation, error=str(error))

    async def _renew_until(self, end: float) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                async with self._database.project(self._wake.project) as connection:
                    await renew(connection, self._wake, self._token, self._seconds)
            except Fenced:
                return
            except (OperationalError, PoolTimeout) as error:
                log.warning("lease_not_renewed", conversation=self._wake.conversation, error=str(error))
            if loop.time() >= end:
                return
            await asyncio.sleep(self._seconds / 3)

    async def check(self, *, fresh: bool = False) -> None:
        """Raises Fenced or TakenOver when the turn may not act any more.

        The database is asked again after a second, or at once with ``fresh`` (before anything that cannot
        be undone).
        """
        now = asyncio.get_running_loop().time()
        if not fresh and now - self._known_at < TRUSTED_SECONDS:
            return
        async with self._database.project(self._wake.project) as connection:
            owner = await owner_now(connection, self._wake, self._token)
        if owner is not None:
            raise TakenOver(owner)
        self._known_at = now
