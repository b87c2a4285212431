"""Works: takes the turns that wake-ups point to, sweeps up what they missed, and empties the outbox."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

import structlog

from relevo.agents.background import Chore
from relevo.channels.port import Channel
from relevo.domain.ids import ChannelName
from relevo.domain.message import Wake
from relevo.insight.metrics import TURNS_FAILED
from relevo.pipeline.deliver import deliver
from relevo.pipeline.turn import Turns
from relevo.queue.port import Wakeups
from relevo.storage.database import DOWN, Database
from relevo.storage.lease import Fenced, Held, claim_due
from relevo.storage.outbox import conversations_due

log = structlog.get_logger()

SWEEP_SECONDS = 1.0
BATCH = 20
GRACE_SECONDS = 20.0
"""How long a stopping worker waits for the turns it has begun."""


class Worker:
    """One process's share of the work; any number of them may run against one database."""

    def __init__(
        self,
        database: Database,
        wakeups: Wakeups,
        turns: Turns,
        channels: dict[ChannelName, Channel],
        chores: Sequence[Chore] = (),
    ) -> None:
        self._database = database
        self._wakeups = wakeups
        self._turns = turns
        self._channels = channels
        self._chores = chores
        self._loops: list[asyncio.Task[None]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._delivering: set[Wake] = set()

    async def start(self) -> None:
        await self._wakeups.start(self.work)
        self._loops = [
            asyncio.create_task(self._every_second(self.sweep)),
            asyncio.create_task(self._every_second(self.empty_outbox)),
            *(asyncio.create_task(self._every_second(chore.sweep)) for chore in self._chores),
        ]

    async def ping(self) -> None:
        """Raises RuntimeError when one of the loops has ended."""
        if any(loop.done() for loop in self._loops):
            raise RuntimeError("a worker loop has ended")

    async def stop(self) -> None:
        """Ends the loops, and lets what has begun end well within the grace time."""
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        for chore in self._chores:
            await chore.stop()
        await self._wakeups.stop(GRACE_SECONDS)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=GRACE_SECONDS)

    async def work(self, wake: Wake, token: int | None = None, held: Held | None = None) -> None:
        """Takes a conversation's turn; a failure is logged and counted, and the turn is run again later."""
        try:
            await self._turns.take(wake, token, held)
        except Fenced:
            log.info("turn_fenced", conversation=wake.conversation)
            TURNS_FAILED.labels("fenced").inc()
        except DOWN as error:
            log.warning("turn_without_database", conversation=wake.conversation, error=str(error))
            TURNS_FAILED.labels("database").inc()
        except Exception:
            log.exception("turn_failed", conversation=wake.conversation)
            TURNS_FAILED.labels("error").inc()

    async def sweep(self) -> None:
        """Claims due conversations directly: lost wake-ups, dead workers' leases, delayed runs.

        As many as there are places free: those whom a wake-up brings and these share them.
        """
        places = 0
        while places < BATCH and await self._wakeups.reserve():
            places += 1
        try:
            if places:
                async with self._database.door() as connection:
                    due = await claim_due(connection, places, self._turns.lease_seconds)
                for wake, token in due:
                    places -= 1
                    self._wakeups.begin(wake, token)
        finally:
            for _ in range(places):
                self._wakeups.give_up()

    async def empty_outbox(self) -> None:
        async with self._database.door() as connection:
            due = await conversations_due(connection, BATCH)
        for wake in due:
            self.deliver_soon(wake)

    def deliver_soon(self, wake: Wake) -> None:
        """Begins to send a conversation's parts, unless that is going on already."""
        if wake not in self._delivering:
            self._delivering.add(wake)
            self._spawn(self._deliver(wake))

    async def _deliver(self, wake: Wake) -> None:
        try:
            await deliver(self._database, self._channels, wake)
        except DOWN as error:
            log.warning("delivery_without_database", conversation=wake.conversation, error=str(error))
        except Exception:
            log.exception("delivery_failed", conversation=wake.conversation)
        finally:
            self._delivering.discard(wake)

    async def _every_second(self, job: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                await job()
            except DOWN as error:
                log.warning("sweep_without_database", error=str(error))
            except Exception:
                log.exception("sweep_failed")

    def _spawn(self, job: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(job)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
