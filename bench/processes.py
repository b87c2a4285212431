"""Programs started here, and what the kernel says they took: CPU time and memory, from /proc."""

import asyncio
import json
import os
import socket
import statistics
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

TICK = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A port on loopback that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Program:
    """A program of ours while the block lasts; its output goes to a log file. It is ended by its id."""

    def __init__(self, name: str, command: list[str], log: Path, env: Mapping[str, str], cwd: Path) -> None:
        self.name = name
        self.log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                command,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env={**os.environ, **env},
                cwd=cwd,
            )
        self.pid = self._process.pid

    def check(self) -> None:
        """Raises RuntimeError with the end of its log when it is gone."""
        if self._process.poll() is not None:
            said = self.log.read_text(errors="replace")[-2000:]
            raise RuntimeError(f"{self.name} has ended ({self._process.returncode}): {said}")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            try:
                await asyncio.to_thread(self._process.wait, 30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                await asyncio.to_thread(self._process.wait)


def tree(pid: int) -> Iterator[int]:
    """A process and all below it."""
    yield pid
    for task in _entries(f"/proc/{pid}/task"):
        for child in (_read(f"{task}/children") or "").split():
            yield from tree(int(child))


def cpu_seconds(pid: int) -> float:
    """CPU time, user and system, of a process and all below it, with the children that have ended.

    The kernel's own count in nanoseconds for what lives; in ticks for children that have ended.
    """
    total = 0.0
    for each in tree(pid):
        for task in _entries(f"/proc/{each}/task"):
            total += int((_read(f"{task}/schedstat") or "0").split()[0]) / 1e9
        fields = (_read(f"/proc/{each}/stat") or "").rpartition(")")[2].split()
        total += sum(map(int, fields[13:15])) / TICK
    return total


def memory_mb(pid: int) -> float:
    """Proportional set size of a process and all below it: what is shared is counted once, in megabytes."""
    kilobytes = 0
    for each in tree(pid):
        lines = (_read(f"/proc/{each}/smaps_rollup") or "").splitlines()
        kilobytes += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kilobytes * 1024 / 1e6


def parent(pid: int) -> int:
    """The process that started ``pid``."""
    return int((_read(f"/proc/{pid}/stat") or "").rpartition(")")[2].split()[1])


def pace_ms() -> float:
    """CPU milliseconds that a fixed piece of JSON work takes now: how fast this core is at this moment."""
    taken = []
    for _ in range(5):
        begun = time.process_time()
        for number in range(2_000):
            json.loads(json.dumps({"number": number, "names": [str(number)] * 5, "in": {"text": "x" * 20}}))
        taken.append((time.process_time() - begun) * 1000)
    return statistics.median(taken)


def machine() -> dict[str, str | int | float]:
    """What this runs on."""
    processor = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        "unknown",
    )
    memory = next(line for line in _lines("/proc/meminfo") if line.startswith("MemTotal"))
    system = next(
        (line.partition("=")[2].strip('"') for line in _lines("/etc/os-release") if line[:6] == "PRETTY"),
        "Linux",
    )
    return {
        "processor": processor,
        "cores": os.cpu_count() or 0,
        "memory_gb": round(int(memory.split()[1]) / 1e6),
        "system": system,
    }


def commit() -> str:
    """The short id of the commit that is checked out here."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _lines(path: str) -> list[str]:
    return (_read(path) or "").splitlines()


def _entries(path: str) -> list[str]:
    try:
        return [f"{path}/{name}" for name in os.listdir(path)]
    except FileNotFoundError:
        return []


def _read(path: str) -> str | None:
    """A file of /proc; None when its process has just ended."""
    try:
        return Path(path).read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
