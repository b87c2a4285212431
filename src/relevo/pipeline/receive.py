"""Takes a message in: stored and committed first, then a worker is woken."""

from dataclasses import replace

from relevo.domain.message import InboundMessage, Wake
from relevo.queue.port import Wakeups
from relevo.storage.database import Database
from relevo.storage.inbox import Stored, put


class TooMany(Exception):
    """The person has sent more than they may in a minute; this message was not taken."""


async def receive(
    database: Database,
    wakeups: Wakeups,
    message: InboundMessage,
    *,
    per_minute: int,
    keep_limited: bool = False,
) -> Stored:
    """Stores ``message`` once for ever and wakes its conversation; returns after the commit.

    A repeated message wakes again: the first wake-up may have been lost. A channel that cannot tell the
    sender to come back later keeps what is over the limit (``keep_limited``): it is stored, without a turn.
    Raises TooMany where it may, psycopg.OperationalError or PoolTimeout when the database is down: in either
    case nothing was taken.
    """
    name = tame(message.sender_name) if message.sender_name else None
    message = replace(message, text=tame(message.text), sender_name=name)
    async with database.project(message.project) as connection:
        stored = await put(connection, message, per_minute=per_minute)
        if stored.fresh and stored.state == "limited" and not keep_limited:
            raise TooMany
    await wakeups.wake(Wake(message.project, stored.conversation))
    return stored


_CONTROLS = dict.fromkeys([*range(9), *range(11, 32), *range(127, 160)])


def tame(text: str) -> str:
    """``text`` as PostgreSQL can keep it and a terminal show it: without control characters but for tabs and
    new lines, and without halves of characters."""
    return text.translate(_CONTROLS).encode("utf-8", "replace").decode("utf-8")
