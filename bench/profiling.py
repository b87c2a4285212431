"""Where Relevo's time goes under load: py-spy's samples, by library and by function of ours."""

import asyncio
import re
import subprocess
from collections import Counter
from pathlib import Path

from bench.load import Figures, hold
from bench.services import HOME
from bench.sides import Side

RATE = 200
MOST = 12
_PACKAGE = re.compile(r"site-packages/([\w.]+?)(?:/|\.py)")
_OURS = re.compile(r"src/(relevo/[\w/]+)\.py")
_FRAME = re.compile(r"^(?P<function>.*) \((?P<file>[^()]*?)(?::\d+)?\)$")


async def profile(side: Side, seconds: float, talking: int = 4) -> Figures | None:
    """Samples the server while a few conversations go on; None where py-spy may not look into it."""
    samples = HOME / "samples.txt"
    command = [str(HOME / "venv" / "bin" / "py-spy"), "record", "--pid", str(side.pid)]
    command += ["--duration", str(int(seconds)), "--rate", str(RATE), "--format", "raw", "--full-filenames"]
    watching = await asyncio.create_subprocess_exec(
        *command, "--output", str(samples), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )

    async def talk() -> None:
        while watching.returncode is None:
            await hold(side, await side.open())

    async with asyncio.TaskGroup() as group:
        for _ in range(talking):
            group.create_task(talk())
    return shares(samples) if watching.returncode == 0 else None


def shares(samples: Path) -> Figures:
    """Shares of the samples: by library, of the innermost frame; by function of ours, with what it calls."""
    libraries: Counter[str] = Counter()
    functions: Counter[str] = Counter()
    total = 0
    for line in samples.read_text().splitlines():
        stack, _, times = line.rpartition(" ")
        frames = [frame for frame in map(_FRAME.match, stack.split(";")) if frame]
        if not frames:
            continue
        total += int(times)
        libraries[library(frames[-1]["file"])] += int(times)
        for name in {ours for frame in frames if (ours := _ours(frame)) is not None}:
            functions[name] += int(times)
    return {
        "samples": total,
        "libraries": {name: count / total for name, count in libraries.most_common(MOST)},
        "functions": {name: count / total for name, count in functions.most_common(2 * MOST)},
    }


def library(file: str) -> str:
    """Whose code a file is: Relevo's, by room; a package's; else Python's own."""
    ours = _OURS.search(file)
    if ours:
        return "/".join(ours[1].split("/")[:2])
    package = _PACKAGE.search(file)
    return package[1] if package else "python"


def _ours(frame: "re.Match[str]") -> str | None:
    """The name of a function of ours, none for the loop that runs them all and what is nested in others."""
    found = _OURS.search(frame["file"])
    if found is None or found[1].startswith("relevo/cli/") or "<locals>" in frame["function"]:
        return None
    return f"{found[1].removeprefix('relevo/')}.py {frame['function']}"
