"""Wake-ups within one process: a task each, so many at work at once."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from relevo.domain.message import Wake
from relevo.queue.port import Handler
from relevo.storage.lease import Held


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
            self._spawn(self._work(wake))

    async def reserve(self) -> bool:
        if self._handler is None or self._places.locked():
            return False
        return await self._places.acquire()

    def begin(self, wake: Wake, token: int, held: Held | None = None) -> None:
        self._spawn(self._in_place(wake, token, held))

    def give_up(self) -> None:
        self._places.release()

    async def stop(self, grace: float) -> None:
        """Begins nothing more, and lets what has begun end within ``grace`` seconds."""
        self._handler = None
        waiting = set(self._running)
        if waiting:
            _, late = await asyncio.wait(waiting, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _work(self, wake: Wake) -> None:
        async with self._places:
            if self._handler is not None:
                await self._handler(wake)

    async def _in_place(self, wake: Wake, token: int, held: Held | None) -> None:
        try:
            if self._handler is not None:  # else its lease runs out, and another process takes it
                await self._handler(wake, token, held)
        finally:
            self._places.release()

    def _spawn(self, job: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(job)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
