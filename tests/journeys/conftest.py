"""What the journeys stand on: a served installation with fresh demo data, by playbooks or a model."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import settings_for
from tests.journeys.scripts import MODEL, MODES, PLAYBOOK, Desk, open_desk

from relevo.domain.clock import Clock
from relevo.storage.embedded import Cluster

OpenDesk = Callable[..., AbstractAsyncContextManager[Desk]]


@pytest.fixture
def new_desk(cluster: Cluster, demo_name: str, tmp_path: Path) -> OpenDesk:
    """Opens a desk on the test's demo database: ``async with new_desk(MODEL, llm_call_timeout=1): …``."""

    def begin(mode: str = PLAYBOOK, *, clock: Clock | None = None, **changes: Any) -> Any:
        changes = {"max_messages_per_minute": 1000} | changes
        settings = settings_for(cluster.url("relevo_app", demo_name), tmp_path / "data", **changes)
        return open_desk(settings, mode, clock)

    return begin


@pytest.fixture(params=MODES)
async def desk(request: pytest.FixtureRequest, new_desk: OpenDesk) -> AsyncIterator[Desk]:
    """A desk in each mode."""
    async with AsyncExitStack() as stack:
        yield await stack.enter_async_context(new_desk(request.param))


@pytest.fixture
async def model_desk(new_desk: OpenDesk) -> AsyncIterator[Desk]:
    """A desk that asks a model."""
    async with AsyncExitStack() as stack:
        yield await stack.enter_async_context(new_desk(MODEL))
