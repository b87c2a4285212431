"""Goes on without the short memory while its server is slow or away: it is only a copy."""

from collections.abc import Awaitable
from typing import Generic, Protocol, TypeVar

import structlog

from relevo.domain.clock import Clock
from relevo.domain.ids import ConversationId, ProjectId
from relevo.insight.metrics import MEMORY_LOST

log = structlog.get_logger()

REST_SECONDS = 5.0
"""How long a server that did not answer is not asked again: a turn waits for it once, not four times."""

Entry = TypeVar("Entry")


class Store(Protocol[Entry]):
    """What a SessionStore and a HistoryStore have alike."""

    async def load(self, project: ProjectId, conversation: ConversationId) -> Entry | None: ...
    async def save(self, project: ProjectId, conversation: ConversationId, entry: Entry, /) -> None: ...
    async def append(
        self, project: ProjectId, conversation: ConversationId, since: int, entry: Entry, /
    ) -> None: ...
    async def forget(self, project: ProjectId, conversation: ConversationId) -> None: ...


class Rest:
    """Whether the server is left alone for a moment; shared by everything that asks the same one."""

    def __init__(self, clock: Clock, failures: tuple[type[Exception], ...]) -> None:
        self._clock = clock
        self._failures = failures
        self._until = 0.0

    @property
    def over(self) -> bool:
        return self._clock.monotonic() >= self._until

    async def or_nothing(self, call: Awaitable[Entry]) -> Entry | None:
        """What ``call`` gives; None when the server does not answer, which then rests."""
        try:
            return await call
        except self._failures as failure:
            self._until = self._clock.monotonic() + REST_SECONDS
            MEMORY_LOST.inc()
            log.warning("short_memory_away", error=f"{type(failure).__name__}: {failure}")
            return None


class Fragile(Generic[Entry]):
    """A store that finds nothing and keeps nothing while the one within does not answer.

    What is not kept then is no older lie later: whoever reads compares the entry's version.
    """

    def __init__(self, within: Store[Entry], rest: Rest) -> None:
        self._within = within
        self._rest = rest

    async def load(self, project: ProjectId, conversation: ConversationId) -> Entry | None:
        if not self._rest.over:
            return None
        return await self._rest.or_nothing(self._within.load(project, conversation))

    async def save(self, project: ProjectId, conversation: ConversationId, entry: Entry, /) -> None:
        if self._rest.over:
            await self._rest.or_nothing(self._within.save(project, conversation, entry))

    async def append(
        self, project: ProjectId, conversation: ConversationId, since: int, entry: Entry, /
    ) -> None:
        if self._rest.over:
            await self._rest.or_nothing(self._within.append(project, conversation, since, entry))

    async def forget(self, project: ProjectId, conversation: ConversationId) -> None:
        """Raises what the store within raises: whoever wants something forgotten must know that it is."""
        await self._within.forget(project, conversation)
