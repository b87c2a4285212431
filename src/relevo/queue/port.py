"""What carries wake-ups from those who receive to those who work."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from relevo.domain.message import Wake

Handler = Callable[[Wake], Awaitable[None]]


class Wakeups(Protocol):
    async def start(self, handler: Handler | None) -> None:
        """Begins to carry; wake-ups are handed to ``handler``. None: this process only sends."""
        ...

    async def wake(self, wake: Wake) -> None:
        """Hints that a conversation has mail. Never raises: a lost hint is made good by the sweeper."""
        ...

    async def stop(self, grace: float) -> None:
        """Takes no more, and waits up to ``grace`` seconds for what is being worked on."""
        ...
