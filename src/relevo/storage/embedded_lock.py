"""File locks that the kernel releases when their holder ends, however it ends."""

import asyncio
import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

_POLL = 0.02


class FileLock:
    """An flock on ``path``, through its own open file: two of them exclude each other even in one process.

    A child that is handed ``fd`` holds the lock too, until the last such process has ended.
    """

    def __init__(self, path: Path, uid: int) -> None:
        """Opens ``path``, creating it with mode 0600 for user ``uid``. Raises OSError."""
        self.fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        if os.geteuid() == 0:
            os.fchown(self.fd, uid, -1)

    def try_exclusive(self) -> bool:
        """Takes the lock alone, or says False. A shared lock held before is given up either way."""
        return self._try(fcntl.LOCK_EX)

    def try_shared(self) -> bool:
        """Takes the lock beside other sharers, or says False."""
        return self._try(fcntl.LOCK_SH)

    async def exclusive(self) -> None:
        await self._wait(fcntl.LOCK_EX)

    async def shared(self) -> None:
        await self._wait(fcntl.LOCK_SH)

    def close(self) -> None:
        """Closes our end; the lock stays with the children that were handed it."""
        os.close(self.fd)

    def _try(self, mode: int) -> bool:
        try:
            fcntl.flock(self.fd, mode | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    async def _wait(self, mode: int) -> None:
        while not self._try(mode):  # noqa: ASYNC110 # what we wait for happens in another process
            await asyncio.sleep(_POLL)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
