"""Wake-ups within one process, through taskiq's in-memory broker."""

import asyncio
from typing import TYPE_CHECKING, Any

import structlog

from relevo.domain.ids import ConversationId, ProjectId
from relevo.domain.message import Wake
from relevo.queue.port import Handler

if TYPE_CHECKING:
    from taskiq import AsyncTaskiqDecoratedTask, InMemoryBroker

log = structlog.get_logger()


class InProcessWakeups:
    """At most ``workers`` conversations are worked on at once (the broker itself knows no limit)."""

    def __init__(self, workers: int) -> None:
        self._places = asyncio.Semaphore(workers)
        self._handler: Handler | None = None
        self._running: set[asyncio.Task[object]] = set()
        self._broker: InMemoryBroker | None = None
        self._task: AsyncTaskiqDecoratedTask[[str, str], Any] | None = None

    async def start(self, handler: Handler | None) -> None:
        self._handler = handler
        if handler is None:
            return
        from taskiq import InMemoryBroker  # a third of a second, and who only sends needs no broker

        async def turn(project: str, conversation: str) -> None:
            await self._work(project, conversation)

        self._broker = InMemoryBroker(max_stored_results=1, cast_types=False)
        self._task = self._broker.register_task(turn, task_name="turn")
        await self._broker.startup()

    async def _work(self, project: str, conversation: str) -> None:
        task = asyncio.current_task()
        if self._handler is None or task is None:
            return
        self._running.add(task)
        try:
            async with self._places:
                await self._handler(Wake(ProjectId(project), ConversationId(conversation)))
        finally:
            self._running.discard(task)

    async def wake(self, wake: Wake) -> None:
        if self._handler is not None and self._task is not None:
            await self._task.kiq(wake.project, wake.conversation)

    async def stop(self, grace: float) -> None:
        self._handler = None
        waiting = set(self._running)
        if waiting:
            _, late = await asyncio.wait(waiting, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._broker is not None:
            await self._broker.shutdown()
