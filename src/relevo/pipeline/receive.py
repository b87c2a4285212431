"""Takes a message in: stored and committed first, then a worker is woken."""

from dataclasses import replace

from relevo.domain.message import InboundMessage, Wake
from relevo.queue.port import Wakeups
from relevo.storage.database import Database
from relevo.storage.inbox import Stored, put


async def receive(
    database: Database, wakeups: Wakeups, message: InboundMessage, *, per_minute: int
) -> Stored:
    """Stores ``message`` once for ever and wakes its conversation; returns after the commit.

    A repeated message wakes again: the first wake-up may have been lost.
    Raises psycopg.OperationalError or PoolTimeout when the database is down: nothing was taken.
    """
    message = replace(message, text=tame(message.text))
    async with database.project(message.project) as connection:
        stored = await put(connection, message, per_minute=per_minute)
    await wakeups.wake(Wake(message.project, stored.conversation))
    return stored


def tame(text: str) -> str:
    """``text`` as PostgreSQL can keep it: without NUL characters and broken surrogates."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
