"""What carries wake-ups from those who receive to those who work."""

from collections.abc import Awaitable
from typing import Protocol

from relevo.domain.message import Wake
from relevo.storage.lease import Held


class Handler(Protocol):
    """Takes a conversation's turns; with ``token`` it is claimed already, with ``held`` read too."""

    def __call__(self, wake: Wake, token: int | None = None, held: Held | None = None) -> Awaitable[None]: ...


class Wakeups(Protocol):
    async def start(self, handler: Handler | None) -> None:
        """Begins to carry; wake-ups are handed to ``handler``. None: this process only sends."""
        ...

    async def wake(self, wake: Wake) -> None:
        """Hints that a conversation has mail. Never raises: a lost hint is made good by the sweeper."""
        ...

    async def reserve(self) -> bool:
        """Keeps a place to work in at once, where one is free; who has it begins, or gives it up."""
        ...

    def begin(self, wake: Wake, token: int, held: Held | None = None) -> None:
        """Works in the place that was reserved, on a conversation that was claimed."""
        ...

    def give_up(self) -> None:
        """Leaves the place that was reserved to others."""
        ...

    async def stop(self, grace: float) -> None:
        """Takes no more, and waits up to ``grace`` seconds for what is being worked on."""
        ...
