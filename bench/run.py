"""The whole benchmark: both sides by turns, then what is measured of Relevo alone; writes figures and tables.

make bench               everything: bench/results.json, and the tables of docs/benchmarks.md
python -m bench.run --quick    one short round into .bench/results.json; the docs stay as they are
"""

import argparse
import asyncio
import signal
import sys
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import uvloop

from bench import knowledge as of_knowledge
from bench import tables
from bench.four_calls import four_calls
from bench.load import Spent, at_once, growing, one_by_one, rows_written, warm
from bench.memory import memory
from bench.processes import commit, machine, memory_mb
from bench.profiling import profile
from bench.services import HOME, RESULTS, ROOT, Services, services
from bench.sides import SIDES, relevo
from bench.webhooks import webhooks

MODEL_MS = 300
WEBHOOKS, STRETCHES = 50, 3
"""Webhooks a second, and how often they are measured."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    rounds: int = 5
    conversations: int = 20
    """One after the other, of six turns each."""
    at_once: int = 64
    seconds: float = 8.0
    spans: int = 2
    """How often, and how many seconds each, a side has conversations at once."""
    long: int = 500
    blocks: int = 8
    recalls: int = 1_000
    webhooks: float = 20.0
    profile: float = 15.0


QUICK = Size(1, 3, 16, 2.0, 1, 40, 2, 100, 2.0, 3.0)


async def measure(size: Size, scripted: bool) -> dict[str, Any]:
    async with services() as stand:
        for open_side in SIDES.values():  # the first start makes tables and demo data
            async with open_side(stand) as side:
                await warm(side)
        rounds = [figures for number in range(size.rounds) for figures in await _round(stand, size, number)]
        found: dict[str, Any] = {
            "machine": machine(),
            "commit": commit(),
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "size": asdict(size),
            "rounds": rounds,
        }
        for name, open_side in SIDES.items():
            async with open_side(stand) as side:
                await warm(side)
                _say(f"rows and growth: {name}")
                found.setdefault("rows", {})[name] = await rows_written(stand, side, size.conversations)
                found.setdefault("growing", {})[name] = await growing(stand, side, size.long, size.blocks)
        async with relevo(stand) as side:
            await warm(side)
            _say("profile, memory, webhooks")
            found["profile"] = await profile(side, size.profile)
            found["memory"] = await memory(stand, size.recalls)
            found["webhooks"] = [
                await webhooks(stand, side, WEBHOOKS, size.webhooks, number) for number in range(STRETCHES)
            ]
        if scripted:
            _say("the hundred conversations")
            found["four_calls"] = await four_calls(stand)
        _say("knowledge")
        found["knowledge"] = await of_knowledge.knowledge(
            stand.cluster, of_knowledge.Size() if scripted else of_knowledge.QUICK
        )
        return found


async def _round(stand: Services, size: Size, number: int) -> list[dict[str, Any]]:
    """Both sides, started anew, side by side; which is first changes from round to round."""
    names = list(SIDES) if number % 2 == 0 else list(SIDES)[::-1]
    async with AsyncExitStack() as stack:
        sides = [await stack.enter_async_context(SIDES[name](stand)) for name in names]
        await stand.checkpoint()
        for side in sides:
            await warm(side)
        memory = {side.name: memory_mb(side.pid) for side in sides}
        one = await one_by_one(stand, sides, size.conversations)
        many = {side.name: Spent() for side in sides}
        for _ in range(size.spans):
            for side in sides:
                await at_once(stand, side, size.at_once, size.seconds, MODEL_MS, many[side.name])
    figures = []
    for side in sides:
        turns_per_second = len(many[side.name].taken) / (size.spans * size.seconds)
        mine = one[side.name]
        _say(
            f"round {number + 1} {side.name}: {mine['cpu_ms']:.1f} ms CPU, PostgreSQL "
            f"{mine['postgres_cpu_ms']:.1f}, p50 {mine['p50_ms']:.1f} ms, {turns_per_second:.0f} turns/s, "
            f"pace {mine['pace_ms']:.1f}"
        )
        figures.append(
            {
                "round": number,
                "side": side.name,
                "ready_seconds": side.ready_seconds,
                "memory_mb": memory[side.name],
                "one_by_one": mine,
                "at_once": {"turns_per_second": turns_per_second, **many[side.name].figures()},
            }
        )
    return figures


async def _to_the_end(job: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
    """Told to stop, it stops what it started before."""
    task = asyncio.create_task(job)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    return await task


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Relevo beside a LangGraph swarm, on this machine, now.")
    parser.add_argument("--quick", action="store_true", help="one short round; the docs stay as they are")
    parser.add_argument("--rounds", type=int, help="rounds of both sides")
    given = parser.parse_args()
    size = QUICK if given.quick else Size(rounds=given.rounds) if given.rounds else Size()
    found = uvloop.run(_to_the_end(measure(size, scripted=not given.quick)))
    path: Path = HOME / "results.json" if given.quick else RESULTS
    path.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    if not given.quick:
        tables.write_page(found)
    print(tables.everything(found))
    print(f"\nThe figures are in {path.relative_to(ROOT)}.", file=sys.stderr)


if __name__ == "__main__":
    main()
