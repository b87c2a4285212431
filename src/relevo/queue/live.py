"""What can be watched while a turn works: previews and news. Losing any of it loses nothing.

A preview is text that may still be withdrawn; what was committed is read from PostgreSQL.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from relevo.domain.ids import ConversationId, ProjectId, TurnId


@dataclass(frozen=True, slots=True)
class Event:
    """``kind`` is turn, delta, reset, handoff, tool, progress, message, owner, ticket or committed."""

    kind: str
    turn: TurnId | None = None
    data: dict[str, Any] = field(default_factory=dict)


class Live(Protocol):
    def publish(self, project: ProjectId, conversation: ConversationId, event: Event) -> None: ...

    def watch(
        self, project: ProjectId, conversation: ConversationId, *, previews: bool = True
    ) -> AbstractAsyncContextManager[asyncio.Queue[Event]]:
        """A queue that receives every event published while the block lasts; without ``previews`` those of
        text being written may be missing."""
        ...

    def previewed(self, project: ProjectId, conversation: ConversationId) -> bool:
        """Whether someone may be watching text being written: where nobody is, it need not be streamed."""
        ...


class InProcessLive:
    """News among the parts of one process. A watcher that does not keep up loses the oldest."""

    def __init__(self, backlog: int = 1000) -> None:
        self._backlog = backlog
        self._watchers: defaultdict[tuple[ProjectId, ConversationId], set[asyncio.Queue[Event]]]
        self._watchers = defaultdict(set)
        self._previewed: Counter[tuple[ProjectId, ConversationId]] = Counter()

    def publish(self, project: ProjectId, conversation: ConversationId, event: Event) -> None:
        for queue in self._watchers.get((project, conversation), ()):
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(event)

    def previewed(self, project: ProjectId, conversation: ConversationId) -> bool:
        return self._previewed[(project, conversation)] > 0  # a Counter does not keep what is asked of it

    @asynccontextmanager
    async def watch(
        self, project: ProjectId, conversation: ConversationId, *, previews: bool = True
    ) -> AsyncIterator[asyncio.Queue[Event]]:
        key = (project, conversation)
        queue: asyncio.Queue[Event] = asyncio.Queue(self._backlog)
        self._watchers[key].add(queue)
        self._previewed[key] += previews
        try:
            yield queue
        finally:
            self._watchers[key].discard(queue)
            if not self._watchers[key]:
                del self._watchers[key]
            self._previewed[key] -= previews
            if not self._previewed[key]:
                del self._previewed[key]
