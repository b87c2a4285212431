"""Whose chat it is, and for how long: cookies by project, customers who leave, streams that stay open."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from http.cookies import SimpleCookie

import httpx
import jwt
import pytest
from tests.conftest import OpenApp
from tests.support.http import Site, served

from relevo.app import App
from relevo.domain.clock import ManualClock
from relevo.domain.ids import ProjectId
from relevo.storage.projects import create_key, create_project, read_keys, revoke_key

OTHER = ProjectId("other")


@pytest.fixture
async def site(app: App) -> AsyncIterator[Site]:
    _now(app)
    async with served(app) as running:
        yield running


@pytest.fixture
async def browser(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """A visitor of the page."""
    async with httpx.AsyncClient(base_url=site.url, timeout=90) as client:
        (await client.get("/api/session")).raise_for_status()
        yield client


def _token(app: App, customer: str = "ana", minutes: float = 10, project: str = "demo") -> str:
    claims = {"sub": customer, "aud": project, "exp": int(time.time() + minutes * 60), "name": "Ana"}
    return jwt.encode(claims, app.customer_token_secret)


async def _open(client: httpx.AsyncClient, token: str | None) -> str:
    answer = await client.post("/api/chats", json={"customer_token": token})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["chat_id"])


def _later(app: App, minutes: float) -> None:
    assert isinstance(app.clock, ManualClock)
    app.clock.advance(minutes * 60)


async def _every_door(client: httpx.AsyncClient, chat: str, **headers: str) -> list[httpx.Response]:
    path = f"/api/chats/{chat}"
    return [
        await client.get(f"{path}/messages", headers=headers),
        await client.post(f"{path}/messages", json={"content": "¿cuál es mi saldo?"}, headers=headers),
        await client.post(
            f"{path}/messages", json={"content": "hola"}, headers={"Accept": "text/event-stream", **headers}
        ),
        await client.get(f"{path}/turns/t_x", headers=headers),
    ]


async def test_a_former_customer_s_chat_is_closed_to_the_next_visitor(
    site: Site, browser: httpx.AsyncClient
) -> None:
    chat = await _open(browser, _token(site.app))
    assert "182.40" in (await _say(browser, chat, "¿cuál es mi saldo?"))
    _later(site.app, 11)
    unknown = await browser.get("/api/chats/c_unknown/messages")
    for answer in await _every_door(browser, chat):
        assert (answer.status_code, answer.content) == (404, unknown.content)
    async with browser.stream("GET", f"/api/chats/{chat}/events") as answer:
        assert answer.status_code == 404
    stranger = await _open(browser, None)
    assert "182.40" not in await _say(browser, stranger, "¿cuál es mi saldo?")


async def test_the_customer_goes_on_with_a_newer_token_and_nobody_else_does(
    site: Site, browser: httpx.AsyncClient
) -> None:
    chat = await _open(browser, _token(site.app))
    _later(site.app, 11)
    newer = {"Customer-Token": _token(site.app, minutes=30)}
    assert (await browser.get(f"/api/chats/{chat}/messages", headers=newer)).status_code == 200
    assert "182.40" in await _say(browser, chat, "¿cuál es mi saldo?", **newer)
    wrong = [("bruno", 30, "demo"), ("ana", -1, "demo"), ("ana", 30, "other")]
    for other in ("", "x", *(_token(site.app, *each) for each in wrong)):
        answers = await _every_door(browser, chat, **{"Customer-Token": other})
        assert {answer.status_code for answer in answers} == {404}
    async with httpx.AsyncClient(base_url=site.url) as another:  # the token is no key to others' browsers
        await another.get("/api/session")
        assert (await another.get(f"/api/chats/{chat}/messages", headers=newer)).status_code == 404


async def test_a_key_s_chat_outlives_the_customer_s_token(site: Site) -> None:
    chat = await _open(site.client, _token(site.app))
    _later(site.app, 11)
    assert (await site.client.get(f"/api/chats/{chat}/messages")).status_code == 200


async def _say(client: httpx.AsyncClient, chat: str, text: str, **headers: str) -> str:
    answer = await client.post(f"/api/chats/{chat}/messages", json={"content": text}, headers=headers)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["content"])


def _now(app: App) -> None:
    """The clock stands where the machine's is, which judges the tokens."""
    app.clock = ManualClock(datetime.now(UTC))


async def _ends(client: httpx.AsyncClient, chat: str, begun: asyncio.Event) -> str:
    """All that a stream says until the server ends it."""
    said = ""
    async with client.stream("GET", f"/api/chats/{chat}/events", timeout=60) as answer:
        assert answer.status_code == 200
        begun.set()
        async for piece in answer.aiter_text():
            said += piece
    return said


async def test_a_stream_ends_when_its_key_is_revoked(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relevo.api.sse.RECHECK_SECONDS", 0.0)
    monkeypatch.setattr("relevo.api.principal.KEY_TRUSTED_SECONDS", 0.0)
    await create_project(site.app.database, OTHER, "music", "Other")
    key = await create_key(site.app.database, OTHER, "watching")
    async with httpx.AsyncClient(base_url=site.url, headers={"Authorization": f"Bearer {key}"}) as client:
        chat, begun = await _open(client, None), asyncio.Event()
        watching = asyncio.create_task(_ends(client, chat, begun))
        await begun.wait()
        assert not watching.done()
        assert await revoke_key(
            site.app.database, OTHER, (await read_keys(site.app.database, OTHER))[0]["id"]
        )
        await asyncio.wait_for(watching, 30)


async def test_a_stream_ends_when_the_customer_s_token_has(
    site: Site, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relevo.api.sse.RECHECK_SECONDS", 0.0)
    chat, begun = await _open(browser, _token(site.app)), asyncio.Event()
    watching = asyncio.create_task(_ends(browser, chat, begun))
    await begun.wait()
    assert not watching.done()
    _later(site.app, 11)
    await asyncio.wait_for(watching, 30)


def test_a_revoked_key_reads_on_for_less_than_a_minute() -> None:
    from relevo.api import principal, sse

    assert sse.RECHECK_SECONDS + principal.KEY_TRUSTED_SECONDS + sse.LOOK_SECONDS < 60


async def test_what_is_refused_is_json_where_a_stream_was_asked_for(site: Site) -> None:
    chat = await site.open_chat()
    sse = {"Accept": "text/event-stream"}
    path = f"/api/chats/{chat}/messages"
    await site.client.post(path, json={"content": "hola"}, headers={"Idempotency-Key": "k"})
    for json, headers, status, code in (
        ({"content": ""}, {}, 422, "empty"), ({"content": 1}, {}, 422, "unreadable"),
        ({"content": "a" * 4001}, {}, 413, "too_long"),
        ({"content": "x"}, {"Idempotency-Key": "k"}, 422, "key_reused"),
        ({"content": "x"}, {"Idempotency-Key": "a\tb"}, 422, "bad_key"),
    ):  # fmt: skip
        answer = await site.client.post(path, json=json, headers=sse | headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
        assert answer.headers["content-type"] == "application/json"
    answer = await site.client.get(f"/api/chats/{chat}/events?after=x", headers=sse)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "unreadable")


async def test_too_many_messages_is_a_status_over_a_stream_too(open_installation: OpenApp) -> None:
    app = await open_installation(max_messages_per_minute=1)
    async with served(app) as site:
        path = f"/api/chats/{await site.open_chat()}/messages"
        assert (await site.client.post(path, json={"content": "hola"})).status_code == 200
        answer = await site.client.post(path, json={"content": "x"}, headers={"Accept": "text/event-stream"})
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")


def _cookie(answer: httpx.Response) -> tuple[str, dict[str, str]]:
    [(name, morsel)] = SimpleCookie(answer.headers["set-cookie"]).items()
    return name, {key: str(value) for key, value in morsel.items() if value}


async def test_the_visitors_cookie_is_as_narrow_as_can_be(site: Site) -> None:
    async with httpx.AsyncClient(base_url=site.url) as client:
        name, held = _cookie(await client.get("/api/session"))
    assert name == "relevo_visitor_demo"
    assert (held["path"], held["samesite"], held["httponly"]) == ("/api", "strict", "True")
    assert "secure" not in held and "domain" not in held


@pytest.mark.parametrize(
    ("changes", "headers", "secure"),
    [
        ({"public_url": "https://care.example.com"}, {}, True),
        ({"public_url": "http://care.example.com"}, {"X-Forwarded-Proto": "https"}, False),
        ({"trusted_proxies": "127.0.0.1"}, {"X-Forwarded-Proto": "https"}, True),
        ({"trusted_proxies": "10.0.0.0/8"}, {"X-Forwarded-Proto": "https"}, False),
    ],
)
async def test_behind_https_the_cookie_is_secure(
    open_installation: OpenApp, changes: dict[str, str], headers: dict[str, str], secure: bool
) -> None:
    app = await open_installation(**changes)
    async with served(app) as site, httpx.AsyncClient(base_url=site.url) as client:
        assert ("secure" in _cookie(await client.get("/api/session", headers=headers))[1]) is secure


async def test_two_projects_on_one_host_do_not_mix_visitors(site: Site) -> None:
    """The page serves one project now, and another later: the first's visitor is nobody there."""
    await create_project(site.app.database, OTHER, "music", "Other")
    async with httpx.AsyncClient(base_url=site.url) as client:
        first, _ = _cookie(await client.get("/api/session"))
        chat = await _open(client, None)
        site.app.default_project = OTHER
        assert (await client.post("/api/chats", json={})).status_code == 401
        second, _ = _cookie(await client.get("/api/session"))
        assert first != second
        assert (await client.get(f"/api/chats/{chat}/messages")).status_code == 404
        other = await _open(client, None)
        site.app.default_project = ProjectId("demo")
        assert (await client.get(f"/api/chats/{chat}/messages")).status_code == 200  # and back again
        assert (await client.get(f"/api/chats/{other}/messages")).status_code == 404
