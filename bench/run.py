"""The whole benchmark: both sides by turns, then what is measured of Relevo alone; writes figures and tables.

make bench               everything: bench/results.json, and the tables of docs/benchmarks.md
python -m bench.run --quick    one short round into .bench/results.json; the docs stay as they are
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import uvloop

from bench import tables
from bench.four_calls import four_calls
from bench.load import at_once, growing, one_by_one, rows_written, warm
from bench.memory import memory
from bench.processes import machine, memory_mb
from bench.profiling import profile
from bench.services import HOME, ROOT, Services, services
from bench.sides import SIDES, relevo
from bench.webhooks import webhooks

RESULTS = ROOT / "bench" / "results.json"
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
    seconds: float = 12.0
    long: int = 500
    blocks: int = 8
    recalls: int = 1_000
    webhooks: float = 20.0
    profile: float = 15.0


QUICK = Size(1, 3, 16, 2.0, 40, 2, 100, 2.0, 3.0)


def by_turns(rounds: int) -> Iterator[tuple[int, str]]:
    """Which side when: each round has both, and the other one begins the next."""
    names = list(SIDES)
    for number in range(rounds):
        for name in names if number % 2 == 0 else reversed(names):
            yield number, name


async def measure(size: Size, scripted: bool) -> dict[str, Any]:
    async with services() as stand:
        for open_side in SIDES.values():  # the first start makes tables and demo data
            async with open_side(stand) as side:
                await warm(side)
        rounds = [await _round(stand, size, number, name) for number, name in by_turns(size.rounds)]
        found: dict[str, Any] = {
            "machine": machine(),
            "commit": _commit(),
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
        return found


async def _round(stand: Services, size: Size, number: int, name: str) -> dict[str, Any]:
    async with SIDES[name](stand) as side:
        await stand.checkpoint()
        await warm(side)
        figures: dict[str, Any] = {
            "round": number,
            "side": name,
            "ready_seconds": side.ready_seconds,
            "memory_mb": memory_mb(side.pid),
            "one_by_one": await one_by_one(stand, side, size.conversations),
            "at_once": await at_once(stand, side, size.at_once, size.seconds, MODEL_MS),
        }
    one, many = figures["one_by_one"], figures["at_once"]
    _say(
        f"round {number + 1} {name}: {one['cpu_ms']:.1f} ms CPU, PostgreSQL {one['postgres_cpu_ms']:.1f}, "
        f"p50 {one['p50_ms']:.1f} ms, {many['turns_per_second']:.0f} turns/s, pace {one['pace_ms']:.1f}"
    )
    return figures


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Relevo beside a LangGraph swarm, on this machine, now.")
    parser.add_argument("--quick", action="store_true", help="one short round; the docs stay as they are")
    parser.add_argument("--rounds", type=int, help="rounds of both sides")
    given = parser.parse_args()
    size = QUICK if given.quick else Size(rounds=given.rounds) if given.rounds else Size()
    found = uvloop.run(measure(size, scripted=not given.quick))
    path: Path = HOME / "results.json" if given.quick else RESULTS
    path.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    if not given.quick:
        tables.write_page(found)
    print(tables.everything(found))
    print(f"\nThe figures are in {path.relative_to(ROOT)}.", file=sys.stderr)


if __name__ == "__main__":
    main()
