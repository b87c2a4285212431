"""What nobody should send: each gets a clear answer with the right status, and leaves nothing half done."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from tests.support.http import Site, served

from relevo.app import App

JSON = {"Content-Type": "application/json"}
MEGABYTE = 1024 * 1024


@pytest.fixture
async def site(app: App) -> AsyncIterator[Site]:
    async with served(app) as running:
        yield running


async def _tidy(site: Site, chat: str, customer_messages: int) -> None:
    """The conversation is idle, nothing waits in it, and it holds as many messages as were taken."""
    async with site.app.database.project(site.app.default_project) as connection:
        stands = await (
            await connection.execute("SELECT due_at, attempts FROM conversations WHERE id = %s", (chat,))
        ).fetchone()
        rows = await (
            await connection.execute(
                "SELECT state FROM messages WHERE conversation_id = %s AND role = 'customer'", (chat,)
            )
        ).fetchall()
    assert stands == {"due_at": None, "attempts": 0}
    assert [row["state"] for row in rows] == ["done"] * customer_messages


def _is_error(answer: httpx.Response, status: int, code: str | None = None) -> None:
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert error["message"]["es"] and error["message"]["en"]
    assert code is None or error["code"] == code


ODD_TEXTS = {
    "right to left": "مرحبا، كم تكلفة الخطة؟ \u202eolah",
    "emoji only": "🎵🔥👩‍👩‍👧‍👦",
    "one emoji": "👍",
    "sql": "'; DROP TABLE messages; SELECT pg_sleep(60); --",
    "format": "%s %(project)s {0} {{agent}} $1 \\u0000",
    "template": "{{ 7*7 }} {% for x in facts %}{{ x }}{% endfor %} [[agent.name]]",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "nul within": "ho\x00la",
    "only nul": "\x00",
    "controls": "\x01\x02\x1b[31mrojo\x7f",
    "invisible": "\u200b\u200d\u2060",
    "combining": "Z" + "\u0301" * 500,
    "the longest": "a" * 4000,
    "one word": "ñ",
    "newlines": "\n\n¿precio?\n\n",
    "unassigned": "\U000e0000\ufffe\U0010ffff",
}


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS.keys())
async def test_an_odd_message_is_answered(site: Site, text: str) -> None:
    chat = await site.open_chat("ana")
    assert (await site.say(chat, text))["content"]
    await _tidy(site, chat, 1)


async def test_half_an_emoji_is_answered(site: Site) -> None:
    chat = await site.open_chat()
    answer = await site.client.post(
        f"/api/chats/{chat}/messages", content=b'{"content": "hola \\ud83d, \\udc00"}', headers=JSON
    )
    assert answer.status_code == 200 and answer.json()["content"]
    await _tidy(site, chat, 1)


BAD_BODIES: dict[str, tuple[bytes, dict[str, str], int]] = {
    "no body": (b"", JSON, 422),
    "empty text": (b'{"content": ""}', JSON, 422),
    "white space": (b'{"content": " \\n\\t\\u00a0 "}', JSON, 422),
    "null": (b'{"content": null}', JSON, 422),
    "number": (b'{"content": 1}', JSON, 422),
    "list": (b'["hola"]', JSON, 422),
    "no content": (b"{}", JSON, 422),
    "another field": (b'{"content": "hola", "project": "other"}', JSON, 422),
    "another field of half an emoji": (b'{"content": "hola", "\\ud83d": 1}', JSON, 422),
    "cut off": (b'{"content": "hola', JSON, 422),
    "not JSON": (b"hola", JSON, 422),
    "not UTF-8": (b'{"content": "\xff\xfe"}', JSON, 400),
    "deep": (b"[" * 100_000, JSON, 400),
    "a number of 5,000 digits": (b'{"content": ' + b"1" * 5_000 + b"}", JSON, 400),
    "4,001 characters": (b'{"content": "' + b"a" * 4_001 + b'"}', JSON, 413),
    "form": (b"content=hola", {"Content-Type": "application/x-www-form-urlencoded"}, 422),
    "text": (b'{"content": "hola"}', {"Content-Type": "text/plain"}, 422),
    "broken multipart": (b"--x\r\n\r\nhola", {"Content-Type": "multipart/form-data; boundary=x"}, 422),
    "compressed": (b"\x1f\x8b\x08\x00\x00", JSON | {"Content-Encoding": "gzip"}, 400),
}


@pytest.mark.parametrize(("body", "headers", "status"), BAD_BODIES.values(), ids=BAD_BODIES.keys())
async def test_a_bad_body_is_refused(site: Site, body: bytes, headers: dict[str, str], status: int) -> None:
    chat = await site.open_chat()
    answer = await site.client.post(f"/api/chats/{chat}/messages", content=body, headers=headers)
    _is_error(answer, status)
    await _tidy(site, chat, 0)


@pytest.mark.parametrize("path", ["/api/chats/{chat}/messages", "/api/chats", "/webhooks/whatsapp"])
@pytest.mark.parametrize("declared", [True, False])
async def test_a_megabyte_is_refused_and_its_sender_hears_why(site: Site, path: str, declared: bool) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b'{"content": "'
        for _ in range(16):
            yield b"a" * (MEGABYTE // 16)
        yield b'"}'

    chat = await site.open_chat()
    whole = b"".join([piece async for piece in pieces()])
    content: Any = whole if declared else pieces()
    answer = await site.client.post(path.format(chat=chat), content=content, headers=JSON)
    _is_error(answer, 413 if declared or "webhooks" not in path else 404)
    await _tidy(site, chat, 0)


async def test_a_megabyte_that_is_declared_as_little_is_refused(site: Site) -> None:
    """Raw HTTP: what is beyond the declared length is not read as part of the message."""
    chat = await site.open_chat()
    url = httpx.URL(site.url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    head = (
        f"POST /api/chats/{chat}/messages HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Authorization: {site.client.headers['Authorization']}\r\nContent-Length: 20\r\n\r\n"
    )
    writer.write(head.encode() + b'{"content": "' + b"a" * MEGABYTE)
    status = await reader.readline()
    writer.close()
    assert status.split()[1] in (b"400", b"422")
    await _tidy(site, chat, 0)


async def test_a_client_that_goes_away_while_writing_leaves_nothing(site: Site) -> None:
    chat = await site.open_chat()
    url = httpx.URL(site.url)
    _, writer = await asyncio.open_connection(url.host, url.port)
    head = (
        f"POST /api/chats/{chat}/messages HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Authorization: {site.client.headers['Authorization']}\r\nContent-Length: 200\r\n\r\n"
    )
    writer.write(head.encode() + b'{"content": "ho')
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert (await site.say(chat, "hola"))["content"]
    await _tidy(site, chat, 1)


UNKNOWN = [
    "c_unknown", "%00", "%ff%fe", "a" * 5_000, "..%2f..", "%F0%9F%8E%B5", "'; DROP TABLE messages; --", "-1",
]  # fmt: skip


@pytest.mark.parametrize("chat", UNKNOWN)
async def test_an_unknown_chat_is_not_found(site: Site, chat: str) -> None:
    known = (await site.client.get("/api/chats/c_nobodys/messages")).content
    for answer in (
        await site.client.get(f"/api/chats/{chat}/messages"),
        await site.client.post(f"/api/chats/{chat}/messages", json={"content": "hola"}),
    ):
        assert answer.status_code == 404
        assert answer.content == known


NUMBERS = ["9" * 25, "9" * 5_000, str(2**63), "-1", "1.5", "1e5", "abc", "%00", "1;DROP", ""]


@pytest.mark.parametrize("number", NUMBERS)
async def test_an_impossible_number_is_refused(site: Site, number: str) -> None:
    chat = await site.open_chat()
    _is_error(await site.client.get(f"/api/chats/{chat}/messages?after={number}"), 422)
    header = {"Last-Event-ID": number or "x"}
    _is_error(await site.client.get(f"/api/chats/{chat}/events", headers=header), 422)


async def test_the_largest_number_is_beyond_all_messages(site: Site) -> None:
    chat = await site.open_chat()
    answer = await site.client.get(f"/api/chats/{chat}/messages", params={"after": 2**63 - 1})
    assert answer.status_code == 200 and answer.json()["messages"] == []


@pytest.mark.parametrize("key", [b"", b"a" * 201, b"\xe9", b"a\tb"])
async def test_an_unusable_idempotency_key_is_refused(site: Site, key: bytes) -> None:
    chat = await site.open_chat()
    answer = await site.client.post(
        f"/api/chats/{chat}/messages", json={"content": "hola"}, headers={b"Idempotency-Key": key}
    )
    _is_error(answer, 422)
    await _tidy(site, chat, 0)


@pytest.mark.parametrize("name", ["nobody", "ana\x00", "", "' OR 1=1", "ANA"])
async def test_nobody_can_be_spoken_as_but_the_named(site: Site, name: str) -> None:
    _is_error(await site.client.post("/api/chats", json={"as": name}), 422)


async def test_other_methods_and_paths_are_refused_in_the_same_shape(site: Site) -> None:
    chat = await site.open_chat()
    _is_error(await site.client.delete(f"/api/chats/{chat}/messages"), 405)
    _is_error(await site.client.put("/api/chats", json={}), 405)
    for path in ("/nothing", "/static/..%2f..%2fapp.py", "/static/%2e%2e/%2e%2e/app.py", "/webhooks/nothing"):
        _is_error(await site.client.post(path) if "webhooks" in path else await site.client.get(path), 404)


async def test_a_key_used_with_another_body_is_refused_and_the_first_stands(site: Site) -> None:
    chat = await site.open_chat()
    first = await site.say(chat, "hola", **{"Idempotency-Key": "k"})
    answer = await site.client.post(
        f"/api/chats/{chat}/messages", json={"content": "adiós"}, headers={"Idempotency-Key": "k"}
    )
    _is_error(answer, 422, "key_reused")
    assert await site.say(chat, "hola", **{"Idempotency-Key": "k"}) == first
    await _tidy(site, chat, 1)


async def test_ten_times_the_same_message_at_once_is_one_turn(site: Site) -> None:
    chat = await site.open_chat()
    replies = await asyncio.gather(*(site.say(chat, "hola", **{"Idempotency-Key": "k"}) for _ in range(10)))
    assert len({reply["turn"] for reply in replies}) == 1
    await _tidy(site, chat, 1)


async def test_two_confirmations_at_once_pay_once(site: Site) -> None:
    chat = await site.open_chat("ana")
    assert "60" in (await site.say(chat, "quiero retirar 60 dólares"))["content"]
    await asyncio.gather(*(site.say(chat, "sí, confirmo") for _ in range(2)))
    assert await _payouts(site) == 1
    again = await site.say(chat, "confirmo")
    assert again["content"]
    assert await _payouts(site) == 1
    await _tidy(site, chat, 4)


async def _payouts(site: Site) -> int:
    async with site.app.database.project(site.app.default_project) as connection:
        row = await (
            await connection.execute("SELECT count(*) AS n FROM music_payouts WHERE customer_id = 'ana'")
        ).fetchone()
    assert row is not None
    return int(row["n"])
