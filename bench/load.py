"""What is done to a side, and what is measured meanwhile."""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bench.processes import cpu_seconds, pace_ms
from bench.script import TURNS, turn
from bench.services import Services
from bench.sides import Side
from bench.stub import Counted

Figures = dict[str, Any]
RAMP_SECONDS = 2.0
"""Until conversations begun one after the other are at different turns."""
TOLD_SECONDS = 11.0
"""PostgreSQL's processes report the rows they wrote after ten idle seconds at the latest."""


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass(slots=True)
class Spent:
    """What a side's work has taken so far: CPU seconds, bytes of PostgreSQL's log, calls to the model."""

    server: float = 0.0
    postgres: float = 0.0
    wal: int = 0
    asked: Counted = field(default_factory=Counted)
    taken: list[float] = field(default_factory=list)
    """Milliseconds of each turn."""

    def figures(self) -> Figures:
        """All of it for one turn."""
        turns = len(self.taken)
        return {
            "turns": turns,
            "cpu_ms": self.server / turns * 1000,
            "postgres_cpu_ms": self.postgres / turns * 1000,
            "wal_bytes": self.wal / turns,
            "p50_ms": percentile(self.taken, 0.5),
            "p95_ms": percentile(self.taken, 0.95),
            "model_calls": self.asked.calls / turns,
            "input_tokens": self.asked.input_tokens / turns,
            "output_tokens": self.asked.output_tokens / turns,
        }

    @asynccontextmanager
    async def spending(self, services: Services, side: Side) -> AsyncIterator[None]:
        """Adds what the block takes."""
        calls, wal = await services.counted(), await services.wal_bytes()
        postgres, server = services.postgres_cpu(), cpu_seconds(side.pid)
        yield
        self.server += cpu_seconds(side.pid) - server
        self.postgres += services.postgres_cpu() - postgres
        self.wal += await services.wal_bytes() - wal
        now = await services.counted()
        self.asked.calls += now.calls - calls.calls
        self.asked.input_tokens += now.input_tokens - calls.input_tokens
        self.asked.output_tokens += now.output_tokens - calls.output_tokens


async def hold(side: Side, conversation: str) -> list[float]:
    """The six turns; returns how long each took, in milliseconds."""
    taken = []
    for text in TURNS:
        begun = time.perf_counter()
        await side.say(conversation, text)
        taken.append((time.perf_counter() - begun) * 1000)
    return taken


async def warm(side: Side, conversations: int = 3) -> None:
    """Talks until everything is loaded, prepared and cached."""
    for _ in range(conversations):
        await hold(side, await side.open())


async def one_by_one(services: Services, sides: Sequence[Side], conversations: int) -> dict[str, Figures]:
    """One conversation after the other, the sides by turns, with a model that answers at once."""
    opened = {side.name: [await side.open() for _ in range(conversations)] for side in sides}
    await services.behave()
    spent = {side.name: Spent() for side in sides}
    paces = [pace_ms()]
    for number in range(conversations):
        for side in sides if number % 2 == 0 else reversed(sides):
            mine = spent[side.name]
            async with mine.spending(services, side):
                mine.taken += await hold(side, opened[side.name][number])
    paces.append(pace_ms())
    return {name: {**each.figures(), "pace_ms": statistics.mean(paces)} for name, each in spent.items()}


async def at_once(
    services: Services, side: Side, conversations: int, seconds: float, delay_ms: int, spent: Spent
) -> None:
    """So many conversations at any moment, with a model that takes its time; adds to ``spent``."""
    await services.behave(delay_ms=delay_ms)
    begun = time.perf_counter()
    first, last = begun + RAMP_SECONDS, begun + RAMP_SECONDS + seconds

    async def talk(number: int) -> None:
        await asyncio.sleep(RAMP_SECONDS * number / conversations)
        while True:
            conversation = await side.open()
            for text in TURNS:
                said = time.perf_counter()
                await side.say(conversation, text)
                now = time.perf_counter()
                if now > last:
                    return
                if now > first:
                    spent.taken.append((now - said) * 1000)

    async with asyncio.TaskGroup() as group:
        for number in range(conversations):
            group.create_task(talk(number))
        await asyncio.sleep(RAMP_SECONDS)
        async with spent.spending(services, side):
            await asyncio.sleep(max(0.0, last - time.perf_counter()))
    await services.behave()


async def rows_written(services: Services, side: Side, conversations: int) -> Figures:
    """Rows inserted, updated and deleted a turn."""
    opened = [await side.open() for _ in range(conversations)]
    await asyncio.sleep(TOLD_SECONDS)
    before = await services.rows_written(side.name)
    for conversation in opened:
        await hold(side, conversation)
    await asyncio.sleep(TOLD_SECONDS)
    written = await services.rows_written(side.name) - before
    return {"rows": written / (conversations * len(TURNS))}


async def growing(services: Services, side: Side, turns: int, blocks: int) -> Figures:
    """CPU a turn early in a conversation and late, in blocks of six turns taken by turns."""
    late = await side.long(turns)
    early_ms: list[float] = []
    late_ms: list[float] = []
    for _ in range(blocks):
        early = await side.long(EARLY)
        for conversation, into in ((early, early_ms), (late, late_ms)):
            spent = Spent()
            async with spent.spending(services, side):
                for number in range(len(TURNS)):
                    await side.say(conversation, turn(number))
            into.append(spent.server / len(TURNS) * 1000)
    first, last = statistics.median(early_ms), statistics.median(late_ms)
    return {"turn": turns, "cpu_ms_early": first, "cpu_ms_late": last, "growth": last / first}


EARLY = 10
"""The turn that a late one is compared with."""
