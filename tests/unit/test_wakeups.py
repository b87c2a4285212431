"""Wake-ups within a process: so many at work at once, and a place kept for who begins at once."""

import asyncio
from typing import cast

import pytest

from relevo.domain.ids import ConversationId, ProjectId
from relevo.domain.message import Wake
from relevo.queue.in_process import InProcessWakeups
from relevo.storage.lease import Held

WAKE = Wake(ProjectId("a"), ConversationId("c"))
HELD = cast("Held", object())


class Works:
    """What was begun, each going on until it is let go."""

    def __init__(self) -> None:
        self.begun: list[Held | None] = []
        self.goes_on = asyncio.Event()

    async def __call__(self, wake: Wake, token: int | None = None, held: Held | None = None) -> None:
        self.begun.append(held)
        await self.goes_on.wait()


async def _settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.fixture
async def works() -> Works:
    return Works()


async def test_a_place_is_kept_until_it_is_given_up_or_the_work_has_ended(works: Works) -> None:
    wakeups = InProcessWakeups(1)
    await wakeups.start(works)
    assert await wakeups.reserve()
    assert not await wakeups.reserve()
    wakeups.give_up()
    assert await wakeups.reserve()
    wakeups.begin(WAKE, 7, HELD)
    await _settled()
    assert works.begun == [HELD] and not await wakeups.reserve()
    works.goes_on.set()
    await _settled()
    assert await wakeups.reserve()


async def test_who_is_woken_waits_for_a_place_that_is_reserved(works: Works) -> None:
    wakeups = InProcessWakeups(1)
    await wakeups.start(works)
    assert await wakeups.reserve()
    await wakeups.wake(WAKE)
    await _settled()
    assert works.begun == []
    wakeups.give_up()
    await _settled()
    assert works.begun == [None]
    works.goes_on.set()
    await wakeups.stop(1)


async def test_a_place_is_free_again_after_a_failure() -> None:
    async def fails(wake: Wake, token: int | None = None, held: Held | None = None) -> None:
        raise RuntimeError("no")

    wakeups = InProcessWakeups(1)
    await wakeups.start(fails)
    assert await wakeups.reserve()
    wakeups.begin(WAKE, 7, HELD)
    (task,) = wakeups._running
    with pytest.raises(RuntimeError):
        await task
    assert await wakeups.reserve()


async def test_a_process_that_only_sends_or_is_stopping_has_no_place(works: Works) -> None:
    wakeups = InProcessWakeups(1)
    assert not await wakeups.reserve()
    await wakeups.start(works)
    assert await wakeups.reserve()
    works.goes_on.set()
    await wakeups.stop(1)
    wakeups.begin(WAKE, 7, HELD)
    await _settled()
    assert works.begun == [] and not await wakeups.reserve()
