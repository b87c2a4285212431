"""Reads the documents that wait, beside everything else: taken under a lease, tried again, given up.

A document is due from the moment it is stored. A process that dies in the middle leaves a lease that runs
out; after ``MOST_TRIES`` the document is ``failed`` and says so.
"""

import asyncio

import structlog

from relevo.knowledge.library import Library
from relevo.knowledge.reading.errors import Why
from relevo.storage.database import Database
from relevo.storage.knowledge_reading import ToRead, claim_documents

log = structlog.get_logger()

AT_ONCE = 2
"""Documents that one process reads at the same time."""
MOST_TRIES = 3


class Reading:
    """A chore (relevo.agents.background): the waiting documents of every project."""

    def __init__(self, database: Database, library: Library) -> None:
        self._database = database
        self._library = library
        self._running: set[asyncio.Task[None]] = set()

    async def sweep(self) -> None:
        """Takes what is due, as far as there is room."""
        free = AT_ONCE - len(self._running)
        if free <= 0:
            return
        async with self._database.door() as connection:
            due = await claim_documents(connection, free, self._library.lease_seconds)
        for each in due:
            task = asyncio.create_task(self._read(each))
            self._running.add(task)
            task.add_done_callback(self._ended)

    async def stop(self) -> None:
        """Breaks off; what was begun is read again when its lease has run out."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _read(self, each: ToRead) -> None:
        if each.attempts > MOST_TRIES:
            await self._library.give_up(each.project, each.document, Why.TRIES)
            return
        await self._library.read(each.project, each.document, claimed=True)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._running.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        if not isinstance(error, LookupError):  # deleted meanwhile
            log.error("reading_broke_off", error=repr(error))  # its lease runs out, and it is tried again
