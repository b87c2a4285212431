"""The short memory in Redis, for several processes: two lists per conversation, changed only by scripts.

A conversation's first list holds its version, its head (who speaks, how it stands) and its messages; the
second its handoffs. Redis ends both by itself, at the same time. The ids stand in the keys with a length, so
that no two conversations share one, and in braces, so that a cluster keeps both lists together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from pydantic import TypeAdapter
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from relevo.domain.clock import Clock
from relevo.domain.ids import AgentName, ConversationId, ProjectId
from relevo.domain.message import Said
from relevo.domain.signals import Signals
from relevo.memory.port import (
    HISTORY_MESSAGES,
    HISTORY_SECONDS,
    SESSION_MESSAGES,
    SESSION_SECONDS,
    History,
    Session,
)
from relevo.storage.history import PastHandoff

_SAVE = """
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('RPUSH', KEYS[1], ARGV[1], ARGV[2])
"""
_ADD = """
local most, seconds, messages = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
for place = 6, #ARGV do
    redis.call('RPUSH', KEYS[place < 6 + messages and 1 or 2], ARGV[place])
end
local over = redis.call('LLEN', KEYS[1]) - 2 - most
if over > 0 then
    redis.call('LTRIM', KEYS[1], 2 + over, -1)
    redis.call('LPUSH', KEYS[1], ARGV[2], ARGV[1])
else
    redis.call('LSET', KEYS[1], 0, ARGV[1])
    redis.call('LSET', KEYS[1], 1, ARGV[2])
end
redis.call('EXPIRE', KEYS[1], seconds)
redis.call('EXPIRE', KEYS[2], seconds)
"""
SAVE = _SAVE + _ADD
"""Keys: both lists. Arguments: version, head, most messages, seconds, how many messages, these, handoffs."""
APPEND = (
    """
local since = table.remove(ARGV)
if redis.call('LINDEX', KEYS[1], 0) ~= since then
    redis.call('DEL', KEYS[1], KEYS[2])
    return
end
"""
    + _ADD
)
"""The same, and last the version that must be there: otherwise something was missed, and both lists go."""


@dataclass(frozen=True, slots=True)
class _Kept:
    version: int
    head: dict[str, Any]
    messages: tuple[Said, ...]
    handoffs: tuple[PastHandoff, ...]


_MESSAGES = TypeAdapter(list[Said])
_HANDOFFS = TypeAdapter(list[PastHandoff])
_SIGNALS = TypeAdapter(Signals | None)


def connect(url: str, seconds: float) -> Redis:
    """A client that gives up on a call after ``seconds`` and never repeats one by itself."""
    return Redis.from_url(
        url,
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
        retry=Retry(NoBackoff(), 0),
        max_connections=64,
    )


class _Lists:
    """The lists of one layer of memory."""

    def __init__(self, client: Redis, name: str, most: int, seconds: int) -> None:
        self._client = client
        self._name = name
        self._most = most
        self._seconds = seconds
        self._save = client.register_script(SAVE)
        self._append = client.register_script(APPEND)

    async def load(self, project: ProjectId, conversation: ConversationId) -> _Kept | None:
        first, second = self._keys(project, conversation)
        async with self._client.pipeline(transaction=True) as both:
            both.lrange(first, 0, -1)
            both.lrange(second, 0, -1)
            entries, handoffs = await both.execute()
        if len(entries) < 2:
            return None
        return _Kept(
            int(entries[0]),
            orjson.loads(entries[1]),
            tuple(_MESSAGES.validate_json(_array(entries[2:]))),
            tuple(_HANDOFFS.validate_json(_array(handoffs))) if handoffs else (),
        )

    async def save(
        self,
        project: ProjectId,
        conversation: ConversationId,
        version: int,
        head: dict[str, Any],
        messages: Sequence[Said],
        handoffs: Sequence[PastHandoff] = (),
    ) -> None:
        await self._save(
            keys=self._keys(project, conversation), args=self._written(version, head, messages, handoffs)
        )

    async def append(
        self,
        project: ProjectId,
        conversation: ConversationId,
        since: int,
        version: int,
        head: dict[str, Any],
        messages: Sequence[Said],
        handoffs: Sequence[PastHandoff] = (),
    ) -> None:
        await self._append(
            keys=self._keys(project, conversation),
            args=[*self._written(version, head, messages, handoffs), since],
        )

    async def forget(self, project: ProjectId, conversation: ConversationId) -> None:
        await self._client.delete(*self._keys(project, conversation))

    async def ping(self) -> None:
        await self._client.ping()

    def _keys(self, project: ProjectId, conversation: ConversationId) -> tuple[str, str]:
        key = f"relevo:{self._name}:{{{len(project)}:{project}:{conversation}}}"
        return key, f"{key}:handoffs"

    def _written(
        self,
        version: int,
        head: dict[str, Any],
        messages: Sequence[Said],
        handoffs: Sequence[PastHandoff],
    ) -> list[bytes | int]:
        kept = messages[-self._most :]
        entries = [orjson.dumps(entry) for entry in (*kept, *handoffs)]
        return [version, orjson.dumps(head), self._most, self._seconds, len(kept), *entries]


def _array(entries: Sequence[bytes]) -> bytes:
    return b"[" + b",".join(entries) + b"]"


class RedisSessions:
    """A SessionStore shared by all processes. Raises redis.RedisError when Redis does not answer."""

    def __init__(self, client: Redis) -> None:
        self._lists = _Lists(client, "session", SESSION_MESSAGES, SESSION_SECONDS)

    async def load(self, project: ProjectId, conversation: ConversationId) -> Session | None:
        kept = await self._lists.load(project, conversation)
        if kept is None:
            return None
        agent = kept.head["agent"]
        signals = _SIGNALS.validate_python(kept.head["signals"])
        return Session(kept.version, kept.messages, AgentName(agent) if agent else None, signals)

    async def save(self, project: ProjectId, conversation: ConversationId, session: Session) -> None:
        await self._lists.save(project, conversation, session.version, _head(session), session.messages)

    async def append(
        self, project: ProjectId, conversation: ConversationId, since: int, session: Session
    ) -> None:
        await self._lists.append(
            project, conversation, since, session.version, _head(session), session.messages
        )

    async def forget(self, project: ProjectId, conversation: ConversationId) -> None:
        await self._lists.forget(project, conversation)

    async def ping(self) -> None:
        """Raises redis.RedisError when Redis does not answer."""
        await self._lists.ping()


def _head(session: Session) -> dict[str, Any]:
    return {"agent": session.agent, "signals": session.signals}


class RedisHistory:
    """A HistoryStore shared by all processes. Raises redis.RedisError when Redis does not answer."""

    def __init__(self, client: Redis, clock: Clock) -> None:
        self._lists = _Lists(client, "history", HISTORY_MESSAGES, HISTORY_SECONDS)
        self._clock = clock

    async def load(self, project: ProjectId, conversation: ConversationId) -> History | None:
        kept = await self._lists.load(project, conversation)
        if kept is None:
            return None
        oldest = self._clock.now() - timedelta(seconds=HISTORY_SECONDS)
        recent = tuple(message for message in kept.messages if message.at > oldest)
        return History(kept.version, recent, kept.handoffs)

    async def save(self, project: ProjectId, conversation: ConversationId, history: History) -> None:
        await self._lists.save(project, conversation, history.version, {}, history.messages, history.handoffs)

    async def append(
        self, project: ProjectId, conversation: ConversationId, since: int, history: History
    ) -> None:
        await self._lists.append(
            project, conversation, since, history.version, {}, history.messages, history.handoffs
        )

    async def forget(self, project: ProjectId, conversation: ConversationId) -> None:
        await self._lists.forget(project, conversation)
