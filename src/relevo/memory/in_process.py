"""The short memory kept in this process: bounded in number, each entry for its time."""

from collections import OrderedDict
from dataclasses import replace
from datetime import timedelta
from typing import Generic, TypeVar

from relevo.domain.clock import Clock
from relevo.domain.ids import ConversationId, ProjectId
from relevo.memory.port import (
    HISTORY_MESSAGES,
    HISTORY_SECONDS,
    SESSION_MESSAGES,
    SESSION_SECONDS,
    History,
    Session,
)

MOST_CONVERSATIONS = 10_000
MOST_NEAR = 1_000
"""Where the whole of it is elsewhere (Redis), and this process keeps only what it has just worked on."""

Entry = TypeVar("Entry", Session, History)
Key = tuple[ProjectId, ConversationId]


class _Shelf(Generic[Entry]):
    """Entries by conversation; the longest untouched goes first when there are too many."""

    def __init__(self, clock: Clock, seconds: float, most: int) -> None:
        self._clock = clock
        self._seconds = seconds
        self._most = most
        self._entries: OrderedDict[Key, tuple[float, Entry]] = OrderedDict()

    def get(self, key: Key) -> Entry | None:
        found = self._entries.get(key)
        if found is None:
            return None
        if found[0] <= self._clock.monotonic():
            del self._entries[key]
            return None
        return found[1]

    def put(self, key: Key, entry: Entry) -> None:
        self._entries[key] = (self._clock.monotonic() + self._seconds, entry)
        self._entries.move_to_end(key)
        while len(self._entries) > self._most:
            self._entries.popitem(last=False)

    def drop(self, key: Key) -> None:
        self._entries.pop(key, None)


class InProcessSessions:
    """A SessionStore for one process."""

    def __init__(self, clock: Clock, most: int = MOST_CONVERSATIONS) -> None:
        self._shelf: _Shelf[Session] = _Shelf(clock, SESSION_SECONDS, most)

    async def load(self, project: ProjectId, conversation: ConversationId) -> Session | None:
        return self._shelf.get((project, conversation))

    async def save(self, project: ProjectId, conversation: ConversationId, session: Session) -> None:
        self._shelf.put(
            (project, conversation), replace(session, messages=session.messages[-SESSION_MESSAGES:])
        )

    async def append(
        self, project: ProjectId, conversation: ConversationId, since: int, session: Session
    ) -> None:
        stored = self._shelf.get((project, conversation))
        if stored is None or stored.version != since:
            self._shelf.drop((project, conversation))
            return
        await self.save(project, conversation, replace(session, messages=stored.messages + session.messages))

    async def forget(self, project: ProjectId, conversation: ConversationId) -> None:
        self._shelf.drop((project, conversation))


class InProcessHistory:
    """A HistoryStore for one process."""

    def __init__(self, clock: Clock, most: int = MOST_CONVERSATIONS) -> None:
        self._clock = clock
        self._shelf: _Shelf[History] = _Shelf(clock, HISTORY_SECONDS, most)

    async def load(self, project: ProjectId, conversation: ConversationId) -> History | None:
        return self._shelf.get((project, conversation))

    async def save(self, project: ProjectId, conversation: ConversationId, history: History) -> None:
        oldest = self._clock.now() - timedelta(seconds=HISTORY_SECONDS)
        recent = tuple(message for message in history.messages if message.at > oldest)
        self._shelf.put((project, conversation), replace(history, messages=recent[-HISTORY_MESSAGES:]))

    async def append(
        self, project: ProjectId, conversation: ConversationId, since: int, history: History
    ) -> None:
        stored = self._shelf.get((project, conversation))
        if stored is None or stored.version != since:
            self._shelf.drop((project, conversation))
            return
        await self.save(
            project,
            conversation,
            History(history.version, stored.messages + history.messages, stored.handoffs + history.handoffs),
        )

    async def forget(self, project: ProjectId, conversation: ConversationId) -> None:
        self._shelf.drop((project, conversation))
