"""What Redis and a customer's data take of a turn: Relevo with them and without, beside the peer.

python -m bench.parts [ROUNDS] prints the table.
"""

import statistics
import sys
from contextlib import AsyncExitStack
from dataclasses import replace

import uvloop

from bench.load import Figures, one_by_one, warm
from bench.services import services
from bench.sides import Side, peer, relevo

CONVERSATIONS = 15


async def measure(rounds: int) -> list[dict[str, Figures]]:
    """Each side's figures, for each round."""
    async with services() as stand, AsyncExitStack() as stack:
        full = await stack.enter_async_context(relevo(stand, "customers, Redis"))
        lean = await stack.enter_async_context(relevo(stand, "customers", redis=False))
        bare = replace(lean, name="strangers", known=False)
        sides: list[Side] = [full, lean, bare, await stack.enter_async_context(peer(stand))]
        for side in sides:
            await warm(side)
        return [await one_by_one(stand, sides, CONVERSATIONS) for _ in range(rounds)]


def table(found: list[dict[str, Figures]]) -> str:
    """Medians of the rounds, and the ratio of each to the other side's."""
    lines = ["| | CPU, ms a turn | PostgreSQL's CPU, ms | p50, ms | CPU ÷ peer's |", "|---|---|---|---|---|"]

    def median(name: str, key: str) -> float:
        return float(statistics.median(each[name][key] for each in found))

    for name in found[0]:
        figures = [f"{median(name, key):.1f}" for key in ("cpu_ms", "postgres_cpu_ms", "p50_ms")]
        ratio = median(name, "cpu_ms") / median("peer", "cpu_ms")
        lines.append(f"| {name} | {' | '.join(figures)} | {ratio:.2f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(uvloop.run(measure(int(sys.argv[1]) if sys.argv[1:] else 3))))
