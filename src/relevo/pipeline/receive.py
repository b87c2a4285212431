"""Takes a message in: stored and committed first, then a worker is woken."""

from dataclasses import replace

from relevo.domain.ids import ConversationId
from relevo.domain.message import InboundMessage, Wake, tame
from relevo.queue.port import Wakeups
from relevo.storage.database import Database
from relevo.storage.inbox import Stored, TooMany, put, put_and_begin, put_in_chat
from relevo.storage.lease import Held

__all__ = ["TooMany", "receive", "receive_in_chat"]


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
    stored = await put(database, _tamed(message), per_minute=per_minute, keep_limited=keep_limited)
    await wakeups.wake(Wake(message.project, stored.conversation))
    return stored


async def receive_in_chat(
    database: Database,
    wakeups: Wakeups,
    message: InboundMessage,
    chat: ConversationId,
    *,
    per_minute: int,
    lease: float,
) -> Stored | None:
    """The same for a chat by its id; None when there is no such chat whose address begins as the message's.

    Where this process has a place free, the turn begins in the same transaction, with a lease of so many
    seconds: its worker is not woken, but handed what it would have read. Raises as ``receive`` does.
    """
    message, wake = _tamed(message), Wake(message.project, chat)
    if not await wakeups.reserve():
        stored = await put_in_chat(database, message, chat, per_minute=per_minute)
        if stored is not None:
            await wakeups.wake(wake)
        return stored
    held: Held | None = None
    try:
        found = await put_and_begin(database, message, chat, per_minute=per_minute, lease=lease)
        if found is None:
            return None
        stored, held = found
    finally:
        if held is not None:
            wakeups.begin(wake, held.token, held)
        else:
            wakeups.give_up()
    if held is None:
        await wakeups.wake(wake)
    return stored


def _tamed(message: InboundMessage) -> InboundMessage:
    name = tame(message.sender_name) if message.sender_name else None
    return replace(message, text=tame(message.text), sender_name=name)
