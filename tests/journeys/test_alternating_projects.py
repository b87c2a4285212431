"""Two marketing projects with near-identical documents, worked on in turns over HTTP, never meet."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from tests.conftest import settings_for
from tests.support.http import served
from tests.support.knowledge import add_text

from relevo.bootstrap import open_app
from relevo.domain.ids import ProjectId
from relevo.storage.embedded import Cluster
from relevo.storage.projects import create_key, create_project

OPERATIONS = 240
AT_ONCE = 8
MARKS = {"one": "Aurelia", "two": "Benigna"}


@dataclass(frozen=True, slots=True)
class Side:
    """A project's caller, its mark and the other's, and a chat."""

    client: httpx.AsyncClient
    own: str
    other: str
    chat: str


@pytest.fixture
async def sides(cluster: Cluster, demo_name: str, tmp_path: Path) -> AsyncIterator[list[Side]]:
    async with AsyncExitStack() as stack:
        settings = settings_for(
            cluster.url("relevo_app", demo_name), tmp_path / "data", max_messages_per_minute=10_000
        )
        app = await stack.enter_async_context(open_app(settings))
        site = await stack.enter_async_context(served(app))
        made = []
        for name, mark in MARKS.items():
            project = ProjectId(name)
            await create_project(app.database, project, "marketing", name)
            await add_text(
                app.database,
                project,
                f"La clienta se llama {mark} y vive en Valencia con dos hijos.",
                f"A {mark} le preocupa la sequía: su problema es que todo se seca en agosto.",
                title=f"entrevista de {mark}",
            )
            headers = {"Authorization": f"Bearer {await create_key(app.database, project, 'test')}"}
            client = await stack.enter_async_context(
                httpx.AsyncClient(base_url=site.url, headers=headers, timeout=90)
            )
            (await client.post("/api/persona")).raise_for_status()
            chat = (await client.post("/api/chats", json={})).json()["chat_id"]
            [other] = [each for each in MARKS.values() if each != mark]
            made.append(Side(client, mark, other, chat))
        yield made


async def test_alternating_projects_never_meet(sides: list[Side]) -> None:
    chance = random.Random(11)

    async def work(side: Side) -> str:
        client = side.client
        match chance.randrange(6):
            case 0:
                params = {"query": f"{side.other} {side.own} sequía"}
                answer = await client.get("/api/passages", params=params)
            case 1:
                text = chance.choice(["muéstrame el buyer persona", f"¿qué sabes de {side.other}?"])
                said = await client.post(f"/api/chats/{side.chat}/messages", json={"content": text})
                assert said.status_code == 200, said.text
                answer = await client.get("/api/persona")
                return said.text.replace(text, "") + answer.text
            case 2:
                answer = await client.post("/api/persona")
            case 3:
                answer = await client.get(f"/api/persona/export/{chance.choice(['json', 'md'])}")
            case 4:
                answer = await client.post("/api/pain-points")
            case _:
                answer = await client.get("/api/documents")
        assert answer.status_code in (200, 201), answer.text
        return answer.text

    for _ in range(OPERATIONS // AT_ONCE):
        turns = [sides[number % 2] for number in range(AT_ONCE)]
        for side, said in zip(turns, await asyncio.gather(*map(work, turns)), strict=True):
            assert side.own in said
            assert side.other not in said
