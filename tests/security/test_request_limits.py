"""Requests that are too much or cut off: a cheap refusal, and no stack trace. Our mistakes: one, numbered."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from importlib import import_module
from typing import Any

import httpx
import orjson
import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs
from tests.conftest import OpenApp
from tests.support.http import Site, served
from tests.support.twilio_server import ACCOUNT, OUR_NUMBER, TOKEN, inbound_params, sign

from relevo.api import limits, wire

verify = import_module("relevo.channels.whatsapp.verify")
WEBHOOK = "/webhooks/whatsapp"


@pytest.fixture
async def site(open_installation: OpenApp) -> AsyncIterator[Site]:
    app = await open_installation(
        twilio_account_sid=ACCOUNT, twilio_auth_token=SecretStr(TOKEN), twilio_whatsapp_from=OUR_NUMBER
    )
    async with served(app) as running:
        yield running


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses whose signatures were worked on."""
    found: list[str] = []
    is_signed = verify.is_signed

    def noted(url: str, *rest: Any) -> bool:
        found.append(url)
        return bool(is_signed(url, *rest))

    monkeypatch.setattr(verify, "is_signed", noted)
    return found


async def _raw(site: Site, sent: bytes, *, end: bool = False) -> tuple[bytes, bytes]:
    """Head and body of what is answered to raw bytes. ``end`` goes away after sending them."""
    url = httpx.URL(site.url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(sent)
    if end:
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        return b"", b""
    answer = b""
    with contextlib.suppress(ConnectionResetError):  # closed on us with something still unread
        async with asyncio.timeout(30):
            while piece := await reader.read(65_536):
                answer += piece
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    return head, body


def _is_error(head: bytes, body: bytes, status: int, code: str) -> None:
    assert head.split()[1] == str(status).encode(), head
    assert b"connection: close" in head.lower()
    assert orjson.loads(body)["error"]["code"] == code


def _signed(site: Site, params: dict[str, str], path: str = WEBHOOK) -> dict[str, str]:
    return {"X-Twilio-Signature": sign(f"{site.url}{path}", params)}


async def test_a_genuine_webhook_passes(site: Site, checked: list[str]) -> None:
    params = inbound_params(body="hola")
    answer = await site.client.post(WEBHOOK, data=params, headers=_signed(site, params))
    assert answer.status_code == 200
    assert len(checked) == 1


@pytest.mark.parametrize(
    ("headers", "path", "status"),
    [
        ({f"X-{number}": "x" for number in range(limits.MOST_HEADERS)}, WEBHOOK, 431),
        ({"X-Long": "x" * limits.MOST_HEADER_BYTES}, WEBHOOK, 431),
        ({"X" * limits.MOST_HEADER_BYTES: "x"}, WEBHOOK, 431),
        ({}, f"{WEBHOOK}?{'a=1&' * (limits.MOST_TARGET_BYTES // 4)}", 414),
        ({}, f"/{'a' * limits.MOST_TARGET_BYTES}", 414),
    ],
    ids=["many headers", "a long value", "a long name", "a long query", "a long path"],
)
async def test_a_head_that_is_too_large_is_refused_before_any_work(
    site: Site, checked: list[str], headers: dict[str, str], path: str, status: int
) -> None:
    params = inbound_params(body="hola")
    answer = await site.client.post(path, data=params, headers=headers | _signed(site, params, path))
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == "head_too_large"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert checked == []


async def test_too_many_parameters_are_refused_before_the_signature(site: Site, checked: list[str]) -> None:
    many = inbound_params(body="hola") | {f"Extra{number}": "x" for number in range(verify.MAX_FIELDS)}
    query = f"{WEBHOOK}?{'&'.join(f'a{number}=1' for number in range(verify.MAX_FIELDS + 1))}"
    params = inbound_params(body="hola")
    for path, form in ((WEBHOOK, many), (query, params)):
        answer = await site.client.post(path, data=form, headers=_signed(site, form, path))
        assert answer.status_code == 403
    assert checked == []


async def test_a_head_that_does_not_end_is_cut_off(site: Site) -> None:
    """By one endless value, and by headers without end: neither is kept until it is whole."""
    start = f"POST {WEBHOOK} HTTP/1.1\r\nHost: x\r\n".encode()
    _is_error(*await _raw(site, start + b"X-Long: " + b"x" * wire.MOST_HEAD_BYTES), 431, "head_too_large")
    many = b"".join(b"X-%d: x\r\n" % number for number in range(wire.MOST_HEADERS + 1))
    _is_error(*await _raw(site, start + many), 431, "head_too_large")
    _is_error(*await _raw(site, b"GET /" + b"a" * wire.MOST_HEAD_BYTES), 431, "head_too_large")


async def test_a_body_without_end_is_cut_off(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trailers after a chunked body are headers too."""
    monkeypatch.setattr(wire.Protocol, "most_wire_bytes", 100_000)
    start = (
        f"POST {WEBHOOK} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n".encode()
    )
    await _raw(site, start + b"X-Long: " + b"x" * 200_000)  # it ends: the connection is closed
    assert (await site.client.get("/healthz")).status_code == 200


async def test_several_requests_on_one_connection_are_each_small(site: Site) -> None:
    one = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Some: " + b"x" * 1_000 + b"\r\n\r\n"
    last = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    head, body = await _raw(site, one * 200 + last)
    assert (head + body).count(b"HTTP/1.1 200 OK") == 201


async def _logged(site: Site, caplog: pytest.LogCaptureFixture, *requests: bytes) -> str:
    """What is logged while these requests are begun, and left in the middle."""
    with caplog.at_level(logging.INFO), capture_logs() as events:
        for request in requests:
            await _raw(site, request, end=True)
        assert (await site.client.get("/healthz")).status_code == 200
        for _ in range(20):
            await asyncio.sleep(0)
    return caplog.text + str(events)


async def test_a_client_that_goes_away_in_the_middle_is_no_error(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    key = site.client.headers["Authorization"]
    head = f"Host: x\r\nX-Twilio-Signature: {'x' * 27}=\r\nAuthorization: {key}\r\n"
    requests = [
        f"POST {path} HTTP/1.1\r\n{head}Content-Type: {kind}\r\n{length}\r\n\r\n{body}".encode()
        for path in (WEBHOOK, "/api/chats", "/api/widget/demo/session")
        for kind in ("application/json", "application/x-www-form-urlencoded")
        for length, body in (("Content-Length: 200", "Bo"), ("Transfer-Encoding: chunked", "5\r\nBo"))
    ]
    logged = await _logged(site, caplog, *requests)
    assert "Traceback" not in logged and "request_failed" not in logged and "ASGI" not in logged


async def test_a_mistake_of_ours_is_told_with_the_requests_number(
    site: Site, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr("relevo.api.chats.open_chat", broken)
    for accept in ("application/json", "text/event-stream"):
        with caplog.at_level(logging.INFO), capture_logs() as events:
            answer = await site.client.post("/api/chats", json={}, headers={"Accept": accept})
        assert answer.status_code == 500
        error = answer.json()["error"]
        assert error["code"] == "internal" and error["message"]["es"] and error["message"]["en"]
        [event] = [event for event in events if event["event"] == "request_failed"]
        assert error["detail"] == {"request": event["request"]}
        assert answer.headers["x-request-id"] == event["request"]
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert isinstance(event["exc_info"], ZeroDivisionError)
        assert "Traceback" not in caplog.text  # once, by us


async def test_every_answer_has_a_number_of_its_own(site: Site) -> None:
    answers = [await site.client.get(path, headers={"X-Request-Id": "mine"}) for path in ("/healthz", "/no")]
    numbers = {answer.headers["x-request-id"] for answer in answers}
    assert len(numbers) == 2 and "mine" not in numbers


async def test_there_are_no_web_sockets(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    for path in ("/static/x", "/api/chats", WEBHOOK):
        upgrade = (
            f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        head, _ = await _raw(site, upgrade.encode())
        assert head.split()[1] in (b"403", b"401", b"404", b"405")
    assert "Traceback" not in caplog.text
