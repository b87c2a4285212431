"""Relevo and a loopback Twilio as processes of their own, for tests that kill and restart them."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).parents[2]
RELEVO = [sys.executable, "-c", "from relevo.cli.app import main; main()"]
LOOK_SECONDS = 0.05
Found = TypeVar("Found")


def free_port() -> int:
    with socket.socket() as probing:
        probing.bind(("127.0.0.1", 0))
        return int(probing.getsockname()[1])


async def until(what: str, look: Callable[[], Awaitable[Found | None]], seconds: float = 60) -> Found:
    """Looks until there is something to see; fails, saying ``what`` did not come about, after ``seconds``."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                if found := await look():
                    return found
                await asyncio.sleep(LOOK_SECONDS)
    except TimeoutError:
        raise AssertionError(f"in {seconds:.0f} s: not {what}") from None


class Processes:
    """Starts processes in one environment, with their output in files of ``folder``; ends what is left."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder = folder
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            **environment,
        }
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self, name: str, *command: str) -> "subprocess.Popen[bytes]":
        with (self._folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=ROOT if "tests.support" in " ".join(command) else self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._running.append(process)
        return process

    async def run(self, name: str, *command: str) -> str:
        """Runs one command to its end; returns what it printed. Fails when it fails."""
        process = self.start(name, *command)
        code = await asyncio.to_thread(process.wait, 120)
        printed = self.log(name)
        assert code == 0, printed
        return printed

    def log(self, name: str) -> str:
        return (self._folder / f"{name}.log").read_text("utf-8")

    def end(self) -> None:
        for process in self._running:
            if process.poll() is None:
                process.terminate()
        for process in self._running:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
