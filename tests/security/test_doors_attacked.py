"""Odd hosts, paths, methods and origins: none leads elsewhere, and each is answered in our own shape."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

import httpx
import pytest
from tests.conftest import OpenApp
from tests.support.http import Site, served

from relevo.app import App


@pytest.fixture
async def site(app: App) -> AsyncIterator[Site]:
    async with served(app) as running:
        yield running


async def _raw(site: Site, head: bytes) -> tuple[int, bytes]:
    """Status and whole answer to a raw request."""
    url = httpx.URL(site.url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(head + b"Connection: close\r\n\r\n")
    answer = b""
    with contextlib.suppress(ConnectionResetError):
        async with asyncio.timeout(30):
            while piece := await reader.read(65_536):
                answer += piece
    writer.close()
    return int(answer.split()[1]), answer


PATHS = [
    b"//etc/passwd", b"/static//etc/passwd", b"/static/%00", b"/static/..%5c..%5capp.py", b"/static/%ff",
    b"/static/" + b"a" * 300, b"/docs/%2e%2e", b"/%2e%2e/", b"/api//chats", b"/api/chats/", b"/healthz/",
    b"/static/chat/%2e%2e/%2e%2e/app.py", b"/static-offline-docs/..%2f..%2fx", b"/webhooks/whatsapp/",
]  # fmt: skip


async def test_no_path_leads_elsewhere(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        for path in PATHS:
            status, answer = await _raw(site, b"GET " + path + b" HTTP/1.1\r\nHost: evil.example\r\n")
            assert status == 404, path
            assert b'"code":"not_found"' in answer and b"evil.example" not in answer
    assert "Traceback" not in caplog.text


async def test_two_hosts_are_refused(site: Site) -> None:
    status, answer = await _raw(site, b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n")
    assert (status, b'"code":"unreadable"' in answer) == (400, True)


@pytest.mark.parametrize("host", [b"[", b"\xff\xfe", b"", b"a b", b"evil.example:x"])
async def test_an_odd_host_is_no_failure(site: Site, host: bytes, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        for path in (b"/api/session", b"/widget/demo?host=http://localhost:1", b"/widget-demo"):
            status, answer = await _raw(site, b"GET " + path + b" HTTP/1.1\r\nHost: " + host + b"\r\n")
            assert status in (200, 400)
            assert b"evil.example" not in answer
    assert "Traceback" not in caplog.text and "request_failed" not in caplog.text


async def test_nothing_is_preflighted(site: Site) -> None:
    ask = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    for path in ("/", "/widget.js", "/widget/demo", "/api/chats", "/api/widget/demo/session", "/webhooks/x"):
        answer = await site.client.options(path, headers=ask)
        assert answer.status_code == 405
        assert not [name for name in answer.headers if name.startswith("access-control-")]


async def test_the_method_cannot_be_overridden(site: Site) -> None:
    chat = await site.open_chat()
    for name in ("X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"):
        answer = await site.client.get(f"/api/chats/{chat}/messages?_method=POST", headers={name: "POST"})
        assert answer.status_code == 200 and answer.json()["messages"] == []


@pytest.mark.parametrize(
    ("origin", "host", "status"),
    [
        ("https://care.example.com", "care.example.com", 201),
        ("https://care.example.com", "inner:8000", 201),
        ("http://care.example.com", "care.example.com", 403),
        ("http://localhost:8000", "localhost:8000", 201),
        ("https://care.example.com.evil.example", "care.example.com", 403),
        ("https://evil.example", "care.example.com", 403),
        ("null", "care.example.com", 403),
        ("", "", 403),
    ],
)
async def test_a_visitor_writes_from_our_pages_alone(
    open_installation: OpenApp, origin: str, host: str, status: int
) -> None:
    app = await open_installation(public_url="https://care.example.com")
    async with served(app) as site, httpx.AsyncClient(base_url=site.url) as client:
        cookie = (await client.get("/api/session")).headers["set-cookie"].partition(";")[0]
        answer = await client.post(
            "/api/chats", json={}, headers={"Origin": origin, "Host": host, "Cookie": cookie}
        )
        assert answer.status_code == status
