"""What the journeys stand on: a served installation with fresh demo data, by playbooks or a model."""

import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from tests.conftest import settings_for
from tests.journeys.scripts import MODEL, MODES, PLAYBOOK, Desk, open_desk
from tests.support.http import served
from tests.support.marketing_brain import answer
from tests.support.marketing_office import BROTA, Office, OpenOffice
from tests.support.model_server import ModelServer

from relevo.bootstrap import open_app
from relevo.domain.clock import Clock
from relevo.storage.embedded import Cluster
from relevo.storage.projects import create_key, create_project
from relevo.teams.marketing.works import Works

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


@pytest.fixture
def open_office(cluster: Cluster, demo_name: str, tmp_path: Path) -> OpenOffice:
    @asynccontextmanager
    async def begin(*, model: bool = False) -> AsyncIterator[Office]:
        async with contextlib.AsyncExitStack() as stack:
            server = await stack.enter_async_context(ModelServer(answer)) if model else None
            changes: dict[str, Any] = {"max_messages_per_minute": 1000}
            if server is not None:
                changes |= {
                    "llm_provider": "compatible",
                    "llm_base_url": server.url,
                    "llm_model": "scripted",
                    "llm_api_key": SecretStr("k"),
                }
            url = cluster.url("relevo_app", demo_name)
            app = await stack.enter_async_context(open_app(settings_for(url, tmp_path / "data", **changes)))
            site = await stack.enter_async_context(served(app))
            await create_project(app.database, BROTA, "marketing", "Brota")
            key = await create_key(app.database, BROTA, "test")
            headers = {"Authorization": f"Bearer {key}"}
            client = await stack.enter_async_context(
                httpx.AsyncClient(base_url=site.url, headers=headers, timeout=90)
            )
            chat = (await client.post("/api/chats", json={})).json()["chat_id"]
            yield Office(app, client, Works(app.database, BROTA), server, chat)

    return begin
