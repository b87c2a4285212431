"""The product as its users run it: processes of the `relevo` command, started, killed, started again."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import aiohttp

PROGRAM = Path(sys.executable).with_name("relevo")
PATIENCE = 60.0
"""Seconds within which what is waited for must come, on a busy machine."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def open_folder() -> Iterator[Path]:
    """A temporary folder that another account may pass through, as the database's needs when run by root."""
    with tempfile.TemporaryDirectory(prefix="relevo-process-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


async def until(condition: Callable[[], Awaitable[bool]], what: str) -> None:
    """Polls until ``condition`` holds. Raises AssertionError naming ``what`` when it does not in time."""
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE
    while not await condition():
        assert loop.time() < end, f"{what} did not happen within {PATIENCE:.0f} s"
        await asyncio.sleep(0.05)


@dataclass(slots=True)
class Installation:
    """An installation's folder and settings, and the server that runs on it, if one does."""

    folder: Path
    port: int
    settings: Mapping[str, str]
    server: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        own = {"DATA_DIR": str(self.folder / "data"), "PORT": str(self.port), "LOG_LEVEL": "warning"}
        return kept | own | dict(self.settings)

    async def run(self, *arguments: str) -> str:
        """Runs a command to its end and returns what it printed. Raises AssertionError when it fails."""
        process = await asyncio.create_subprocess_exec(
            PROGRAM,
            *arguments,
            env=self.environment,
            cwd=self.folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
        assert process.returncode == 0, f"relevo {' '.join(arguments)}: {output.decode()}"
        return output.decode()

    async def start(self) -> None:
        """Starts the server and waits until it is ready."""
        log = (self.folder / "server.log").open("ab")
        self.server = await asyncio.create_subprocess_exec(
            PROGRAM, "serve", env=self.environment, cwd=self.folder, stdout=log, stderr=log
        )
        await until(self._ready, "the server's start")

    async def _ready(self) -> bool:
        assert self.server is not None
        log = (self.folder / "server.log").read_text()
        assert self.server.returncode is None, f"the server stopped: {log}"
        with contextlib.suppress(aiohttp.ClientError):
            async with aiohttp.ClientSession() as session, session.get(f"{self.url}/readyz") as answer:
                return answer.status == 200
        return False

    async def kill(self) -> None:
        """kill -9, as a machine does that runs out of memory."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        await self._end(signal.SIGTERM)

    async def _end(self, how: signal.Signals) -> None:
        if self.server is not None and self.server.returncode is None:
            self.server.send_signal(how)
            await asyncio.wait_for(self.server.wait(), PATIENCE)


@contextlib.asynccontextmanager
async def installation(**settings: str) -> AsyncIterator[Installation]:
    """An installation in a folder of its own; its server is stopped when the block ends."""
    with open_folder() as folder:
        made = Installation(folder, free_port(), settings)
        try:
            yield made
        finally:
            await made.stop()
