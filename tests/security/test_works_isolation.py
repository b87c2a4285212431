"""Documents and the marketing team's works are one project's: of its keys and users, and of no visitor."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from tests.conftest import settings_for
from tests.support.accounts import CHEAP, Browser, make_user
from tests.support.http import served
from tests.support.marketing_brain import answer
from tests.support.model_server import ModelServer

from relevo.accounts.roles import Role
from relevo.api.app import create_app
from relevo.app import App
from relevo.bootstrap import open_app
from relevo.domain.ids import ProjectId
from relevo.storage.embedded import Cluster
from relevo.storage.projects import create_key, create_project

OURS, THEIRS = ProjectId("ours"), ProjectId("theirs")
SECRET = "el zafiro de la abuela"
UNKNOWN = {
    "document_id": "d_" + "0" * 32,
    "content_id": "w_" + "0" * 32,
    "analysis_id": "a_" + "0" * 32,
    "key": "no_such_key",
    "format": "md",
}
BODIES: dict[str, Any] = {
    "/api/brief": {"answers": {}},
    "/api/persona/answers/{key}": {"text": "x"},
    "/api/content": {"request": "Escribe un post sobre riego"},
    "/api/documents": {"address": "http://127.0.0.1/"},
}


@dataclass(frozen=True, slots=True)
class World:
    """Two marketing projects, one caller each by key, and what the second one has."""

    app: App
    url: str
    ours: httpx.AsyncClient
    theirs: httpx.AsyncClient
    ids: dict[str, str]


@pytest.fixture
async def world(cluster: Cluster, demo_name: str, tmp_path: Path) -> AsyncIterator[World]:
    async with contextlib.AsyncExitStack() as stack:
        server = await stack.enter_async_context(ModelServer(answer))
        settings = settings_for(
            cluster.url("relevo_app", demo_name),
            tmp_path / "data",
            llm_provider="compatible",
            llm_base_url=server.url,
            llm_model="scripted",
            llm_api_key=SecretStr("k"),
        )
        app = await stack.enter_async_context(open_app(settings, working=False))
        site = await stack.enter_async_context(served(app))
        clients = []
        for project in (OURS, THEIRS):
            await create_project(app.database, project, "marketing", project)
            headers = {"Authorization": f"Bearer {await create_key(app.database, project, 'test')}"}
            clients.append(
                await stack.enter_async_context(
                    httpx.AsyncClient(base_url=site.url, headers=headers, timeout=90)
                )
            )
        ours, theirs = clients
        file = {"file": ("a.txt", f"Nuestra clienta guarda {SECRET} en casa.".encode())}
        document = (await theirs.post("/api/documents", files=file)).json()["id"]
        await app.library.read(THEIRS, document)
        await theirs.patch("/api/brief", json={"answers": {"offer": SECRET}})
        await theirs.post("/api/persona")
        content = (await theirs.post("/api/content", json=BODIES["/api/content"])).json()["id"]
        analysis = (await theirs.post("/api/analyses")).json()["id"]
        ids = {"document_id": document, "content_id": content, "analysis_id": analysis, "key": "nombre"}
        yield World(app, site.url, ours, theirs, ids | {"format": "md"})


def _routes(app: App) -> list[tuple[str, str]]:
    """Every documented route of documents and works."""
    found = []
    for path, methods in create_app(app.settings, app).openapi()["paths"].items():
        for method, each in methods.items():
            if each["tags"][0] in ("documents", "marketing"):
                found.append((method.upper(), path))
    assert len(found) >= 35
    return found


async def _ask(client: httpx.AsyncClient, method: str, path: str, ids: dict[str, str]) -> httpx.Response:
    params = {"query": SECRET} if path == "/api/passages" else {}
    params |= {"before": "1", "after": "1"} if path.endswith("/changes") else {}
    body = BODIES.get(path) if method in ("POST", "PUT", "PATCH") else None
    if method == "PUT":
        body = {"categories": []}
    return await client.request(method, path.format(**ids), params=params, json=body)


async def test_anothers_works_do_not_exist(world: World) -> None:
    """With another project's ids: status and body are those of ids that never were, and nothing changes."""
    before = await _state(world)
    for method, path in _routes(world.app):
        foreign = await _ask(world.ours, method, path, world.ids)
        assert SECRET not in foreign.text, (method, path)
        if "_id}" in path:
            unknown = await _ask(world.ours, method, path, UNKNOWN)
            assert (foreign.status_code, foreign.content) == (unknown.status_code, unknown.content)
            assert foreign.status_code == 404, (method, path)
    assert await _state(world) == before


async def _state(world: World) -> list[Any]:
    """What the second project has, as its own caller sees it."""
    paths = ("documents", "brief", "persona", "content", "persona/template")
    return [(await world.theirs.get(f"/api/{each}")).json() for each in paths]


async def test_nobody_and_no_visitor_of_the_web_chat_gets_in(world: World) -> None:
    async with (
        httpx.AsyncClient(base_url=world.url) as nobody,
        httpx.AsyncClient(base_url=world.url) as visitor,
    ):
        (await visitor.get("/api/session")).raise_for_status()
        assert (await visitor.post("/api/chats", json={})).status_code == 201
        for method, path in _routes(world.app):
            assert (await _ask(nobody, method, path, world.ids)).status_code == 401, (method, path)
            assert (await _ask(visitor, method, path, world.ids)).status_code == 403, (method, path)


async def test_an_analyst_reads_and_changes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relevo.accounts.passwords._HASHER", CHEAP)
    await make_user(world.app, "ana@example.com", {"theirs": Role.ANALYST})
    before = await _state(world)
    async with Browser(world.url) as browser:
        await browser.sign_in("ana@example.com")
        bearer = {"Authorization": f"Bearer {await browser.access_token('theirs')}"}
        async with httpx.AsyncClient(base_url=world.url, headers=bearer) as analyst:
            for method, path in _routes(world.app):
                answer = await _ask(analyst, method, path, world.ids)
                assert (answer.status_code == 403) == (method != "GET"), (method, path)
    assert await _state(world) == before


async def test_a_large_body_without_a_credential_is_not_read(world: World) -> None:
    """The credential is asked for before the file is looked at."""
    async with httpx.AsyncClient(base_url=world.url) as nobody:
        answer = await nobody.post("/api/documents", files={"file": ("a.exe", b"x" * 2_000_000)})
        assert answer.status_code == 401
