"""A served installation with a marketing project: what the journeys of that team stand on."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import httpx
from tests.support.marketing_desk import add_samples
from tests.support.model_server import ModelServer

from relevo.app import App
from relevo.domain.ids import ProjectId
from relevo.storage.analyses import latest_analysis
from relevo.teams.marketing.works import Works

BROTA = ProjectId("brota")


@dataclass(frozen=True, slots=True)
class Office:
    """A served installation with a marketing project, and a chat in it."""

    app: App
    client: httpx.AsyncClient
    works: Works
    server: ModelServer | None
    chat: str

    @property
    def model(self) -> ModelServer:
        assert self.server is not None
        return self.server

    async def say(self, text: str) -> dict[str, Any]:
        done = await self.client.post(f"/api/chats/{self.chat}/messages", json={"content": text})
        assert done.status_code == 200, done.text
        reply: dict[str, Any] = done.json()
        return reply

    async def state(self, reply: dict[str, Any]) -> str:
        """What the team was at, as the trace tells."""
        done = await self.client.get(f"/api/chats/{self.chat}/turns/{reply['turn']}")
        return str(done.json()["decision"]["reason"].partition(":")[0])

    async def messages(self) -> list[dict[str, Any]]:
        done = await self.client.get(f"/api/chats/{self.chat}/messages")
        found: list[dict[str, Any]] = done.json()["messages"]
        return found

    async def until_analysed(self) -> Any:
        """Waits until no analysis goes on."""
        async with asyncio.timeout(60):
            while True:
                async with self.app.database.project(BROTA) as connection:
                    analysis = await latest_analysis(connection, BROTA)
                if analysis is not None and not analysis.goes_on:
                    return analysis
                await asyncio.sleep(0.05)

    async def add(self, folder: str = "brota") -> None:
        await add_samples(self.app.database, BROTA, folder)


OpenOffice = Callable[..., AbstractAsyncContextManager[Office]]
