"""Wake-ups within one process: a task each, so many at work at once."""

import asyncio

from relevo.domain.message import Wake
from relevo.queue.port import Handler


class InProcessWakeups:
    """At most ``workers`` conversations are worked on at once; the others' wake-ups wait."""

    def __init__(self, workers: int) -> None:
        self._places = asyncio.Semaphore(workers)
        self._handler: Handler | None = None
        self._running: set[asyncio.Task[None]] = set()

    async def start(self, handler: Handler | None) -> None:
        self._handler = handler

    async def wake(self, wake: Wake) -> None:
        if self._handler is not None:
            task = asyncio.create_task(self._work(wake))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _work(self, wake: Wake) -> None:
        async with self._places:
            if self._handler is not None:
                await self._handler(wake)

    async def stop(self, grace: float) -> None:
        """Begins nothing more, and lets what has begun end within ``grace`` seconds."""
        self._handler = None
        waiting = set(self._running)
        if waiting:
            _, late = await asyncio.wait(waiting, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
