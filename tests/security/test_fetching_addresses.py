"""No address reaches an internal network: by no spelling, redirect, or name that changes its mind."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from relevo.knowledge import addresses
from relevo.knowledge.addresses import is_public, parsed
from relevo.knowledge.fetch import Fetcher
from relevo.knowledge.reading.errors import Unreadable, Why

INTERNAL = [
    "127.0.0.1", "127.1.2.3", "0.0.0.0",  # noqa: S104
    "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "192.0.0.8", "192.0.2.1", "198.18.0.1", "203.0.113.5", "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "192.88.99.1", "::1", "::", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1",
    "64:ff9b::a9fe:a9fe", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1", "fc00::1", "fd00:ec2::254", "fe80::1",
    "fe80::1%eth0", "ff02::1", "2002:7f00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1",
    "nonsense",
]  # fmt: skip
HOSTILE = [
    "http://127.0.0.1/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/", "http://127.1/",
    "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[64:ff9b::a9fe:a9fe]/",
    "http://169.254.169.254/latest/meta-data/", "http://2852039166/", "http://localhost/", "http://LOCALHOST./",
    "http://[fe80::1%25lo]/", "http://0/", "http://[::]/", "http://10.0.0.1:80/", "http://192.168.0.1/",
    "http://017700000001/", "http://0x7f.1/", "http://[2002:7f00:1::]/", "http://[fd00:ec2::254]/",
]  # fmt: skip
NO_ADDRESS = [
    "file:///etc/passwd", "ftp://example.com/", "gopher://example.com/", "http://", "http:///x",
    "//example.com/", "http://user:pw@example.com/", "http://example.com@127.0.0.1/",
    "http://example.com:22/", "http://example.com:6379/", "http://example.com:99999/",
    "http://exa\nmple.com/", "javascript:x", "",
]  # fmt: skip


@pytest.mark.parametrize("address", INTERNAL)
def test_addresses_of_no_public_web_are_known(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "2a00:1450:4003::200e"])
def test_addresses_of_the_public_web_are_known(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", HOSTILE)
async def test_no_spelling_of_an_internal_address_is_connected_to(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[Any] = []

    async def connect(*found: Any, **_: Any) -> None:
        tried.append(found)
        raise OSError

    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", connect, raising=False)
    monkeypatch.setattr("aiohttp.connector.aiohappyeyeballs.start_connection", connect)
    with pytest.raises(Unreadable) as refused:
        await Fetcher(1_000).fetch(address)
    assert refused.value.why in (Why.ADDRESS, Why.UNREACHABLE)
    assert tried == []


@pytest.mark.parametrize("address", NO_ADDRESS)
async def test_what_is_no_web_address_is_refused(address: str) -> None:
    assert parsed(address) is None
    with pytest.raises(Unreadable) as refused:
        await Fetcher(1_000).fetch(address)
    assert refused.value.why is Why.ADDRESS


Answer = Callable[[web.Request], web.StreamResponse]


class Site:
    """A server on this machine that tests may take for the public web."""

    def __init__(self) -> None:
        self.answers: dict[str, web.Response] = {}
        self.asked: list[str] = []
        self.port = 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(f"{request.host.partition(':')[0]}{request.path}")
        return self.answers.get(request.path, web.Response(status=404))

    def url(self, path: str, host: str = "site.test") -> str:
        return f"http://{host}:{self.port}{path}"


@pytest_asyncio.fixture
async def site(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    found = Site()
    server = web.Application()
    server.router.add_route("*", "/{path:.*}", found.answer)
    runner = web.AppRunner(server)
    await runner.setup()
    listening = web.TCPSite(runner, "127.0.0.1", 0)
    await listening.start()
    found.port = runner.addresses[0][1]
    monkeypatch.setattr(addresses, "PORTS", frozenset({80, 443, found.port}))
    yield found
    await runner.cleanup()


def fetcher(most: int, *answers: list[str]) -> Fetcher:
    """The resolver gives these answers in turn, the last one for ever; 127.0.0.1 counts as public."""
    left = list(answers)

    async def resolve(host: str, port: int) -> list[str]:
        return left.pop(0) if len(left) > 1 else left[0]

    return Fetcher(most, resolve, lambda address: address == "127.0.0.1")


async def test_a_page_is_fetched_with_its_title(site: Site) -> None:
    body = "<title>La gu&iacute;a</title><p>hola</p>"
    site.answers["/a b"] = web.Response(text=body, content_type="text/html")
    page = await fetcher(1_000, ["127.0.0.1"]).fetch(site.url("/a%20b"))
    assert (page.name, page.body, page.title) == ("a b.html", body.encode(), "La guía")


async def test_a_redirect_is_checked_like_the_first_address(site: Site) -> None:
    site.answers["/in"] = web.Response(status=302, headers={"Location": "/there"})
    site.answers["/there"] = web.Response(text="hola", content_type="text/plain")
    for path, target in (
        ("/meta", "http://169.254.169.254/latest"),
        ("/decimal", "http://2130706433/"),
        ("/file", "file:///etc/passwd"),
        ("/redis", "http://site.test:6379/"),
        ("/six", "http://[::1]/"),
    ):
        site.answers[path] = web.Response(status=302, headers={"Location": target})
    assert (await fetcher(1_000, ["127.0.0.1"]).fetch(site.url("/in"))).body == b"hola"
    for path in ("/meta", "/file", "/redis", "/six"):
        with pytest.raises(Unreadable) as refused:
            await fetcher(1_000, ["127.0.0.1"], ["10.0.0.1"]).fetch(site.url(path))
        assert refused.value.why is Why.ADDRESS
    site.answers["/round"] = web.Response(status=302, headers={"Location": "/round"})
    with pytest.raises(Unreadable):
        await fetcher(1_000, ["127.0.0.1"]).fetch(site.url("/round"))


async def test_a_name_that_changes_its_mind_is_never_asked_twice_for_one_connection(site: Site) -> None:
    """Checked as public and then bound to an internal address: what was checked is what is connected to."""
    site.answers["/"] = web.Response(text="hola", content_type="text/plain")
    page = await fetcher(1_000, ["127.0.0.1"], ["127.0.0.2"]).fetch(site.url("/"))
    assert page.body == b"hola"
    for mixed in (["127.0.0.1", "10.0.0.1"], ["10.0.0.1"], []):
        with pytest.raises(Unreadable) as refused:
            await fetcher(1_000, mixed).fetch(site.url("/"))
        assert refused.value.why is Why.ADDRESS
    assert site.asked == ["site.test/"]


async def test_an_answer_is_read_no_further_than_allowed(site: Site) -> None:
    site.answers["/big"] = web.Response(body=b"x" * 5_000, content_type="text/plain")
    packed = gzip.compress(b"x" * 50_000_000)
    site.answers["/bomb"] = web.Response(
        body=packed, content_type="text/plain", headers={"Content-Encoding": "gzip"}
    )
    site.answers["/gzip"] = web.Response(
        body=gzip.compress(b"hola"), content_type="text/plain", headers={"Content-Encoding": "gzip"}
    )
    site.answers["/odd"] = web.Response(body=b"x", content_type="application/x-thing")
    fetch = fetcher(1_000, ["127.0.0.1"]).fetch
    assert (await fetch(site.url("/gzip"))).body == b"hola"
    for path, why in (
        ("/big", Why.TOO_LARGE),
        ("/bomb", Why.TOO_LARGE),
        ("/odd", Why.UNKNOWN_KIND),
        ("/none", Why.UNREACHABLE),
    ):
        with pytest.raises(Unreadable) as refused:
            await fetch(site.url(path))
        assert refused.value.why is why, path
