"""Wake-ups within one process, through taskiq's in-memory broker."""

import asyncio

import structlog
from taskiq import InMemoryBroker

from relevo.domain.ids import ConversationId, ProjectId
from relevo.domain.message import Wake
from relevo.queue.port import Handler

log = structlog.get_logger()


class InProcessWakeups:
    """At most ``workers`` conversations are worked on at once (the broker itself knows no limit)."""

    def __init__(self, workers: int) -> None:
        self._broker = InMemoryBroker(max_stored_results=1, cast_types=False)
        self._places = asyncio.Semaphore(workers)
        self._handler: Handler | None = None
        self._running: set[asyncio.Task[object]] = set()

        async def turn(project: str, conversation: str) -> None:
            await self._work(project, conversation)

        self._task = self._broker.register_task(turn, task_name="turn")

    async def start(self, handler: Handler | None) -> None:
        self._handler = handler
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
        if self._handler is not None:
            await self._task.kiq(wake.project, wake.conversation)

    async def stop(self, grace: float) -> None:
        self._handler = None
        waiting = set(self._running)
        if waiting:
            _, late = await asyncio.wait(waiting, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._broker.shutdown()
