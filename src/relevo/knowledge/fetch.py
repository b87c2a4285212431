"""Fetches a page of the public web: each name is resolved once, checked, and that address is connected to."""

import asyncio
import socket
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote, urljoin

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from relevo.knowledge.addresses import is_public, parsed
from relevo.knowledge.reading.errors import Unreadable, Why
from relevo.knowledge.reading.formats import READERS

MOST_REDIRECTS = 5
SECONDS = 20.0
_CHUNK = 65_536
_SUFFIXES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/csv": ".csv",
    "text/vtt": ".vtt",
    "application/pdf": ".pdf",
    "application/epub+zip": ".epub",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
}

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""The addresses of a host."""


@dataclass(frozen=True, slots=True)
class Page:
    """What an address answered with; ``name`` is a file's name with the extension its reader goes by."""

    name: str
    body: bytes
    title: str = ""


async def resolved(host: str, port: int) -> list[str]:
    """What the system's resolver says; it knows decimal and other odd forms of an address."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class _Checked(AbstractResolver):
    """Gives the connection only addresses that were checked; one that is not public refuses the host."""

    def __init__(self, resolve: Resolve, allowed: Callable[[str], bool]) -> None:
        self._resolve, self._allowed = resolve, allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        addresses = await self._resolve(host, port)
        if not addresses or not all(self._allowed(each) for each in addresses):
            raise Unreadable(Why.ADDRESS)
        return [
            ResolveResult(
                hostname=host,
                host=each,
                port=port,
                family=socket.AF_INET6 if ":" in each else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for each in addresses
        ]

    async def close(self) -> None:
        """Nothing is held."""


class Fetcher:
    """Fetches up to ``most`` bytes. ``resolve`` and ``allowed`` are the network's; tests have their own."""

    def __init__(
        self, most: int, resolve: Resolve = resolved, allowed: Callable[[str], bool] = is_public
    ) -> None:
        self._most, self._resolve, self._allowed = most, resolve, allowed

    async def fetch(self, address: str) -> Page:
        """Raises Unreadable: ``address`` where it may not be asked for, ``unreachable``, ``too_large``."""
        connector = aiohttp.TCPConnector(
            resolver=_Checked(self._resolve, self._allowed), use_dns_cache=False, force_close=True
        )
        timeout = aiohttp.ClientTimeout(total=SECONDS)
        async with aiohttp.ClientSession(
            connector=connector,
            timeout=timeout,
            trust_env=False,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": "Relevo", "Accept-Encoding": "gzip"},
        ) as session:
            try:
                return await self._follow(session, address)
            except (aiohttp.ClientError, OSError, ValueError, zlib.error) as error:
                raise Unreadable(Why.UNREACHABLE) from error

    async def _follow(self, session: aiohttp.ClientSession, address: str) -> Page:
        for _ in range(MOST_REDIRECTS + 1):
            parts = parsed(address)
            if parts is None or (_literal(parts.hostname or "") and not self._allowed(parts.hostname or "")):
                raise Unreadable(Why.ADDRESS)
            async with session.get(address, allow_redirects=False) as answer:
                if answer.status in (301, 302, 303, 307, 308):
                    address = urljoin(address, answer.headers.get("Location", ""))
                    continue
                if answer.status != 200:
                    raise Unreadable(Why.UNREACHABLE)
                name = _name(parts.path, answer.content_type)
                return _page(name, await self._body(answer))
        raise Unreadable(Why.UNREACHABLE)

    async def _body(self, answer: aiohttp.ClientResponse) -> bytes:
        """The answer's bytes, unpacked no further than what is allowed."""
        encoding = answer.headers.get("Content-Encoding", "identity").lower()
        if encoding not in ("identity", "gzip"):
            raise Unreadable(Why.UNREACHABLE)
        unpack = zlib.decompressobj(31) if encoding == "gzip" else None
        body = bytearray()
        async for chunk in answer.content.iter_chunked(_CHUNK):
            room = self._most + 1 - len(body)
            body += unpack.decompress(chunk, room) if unpack else chunk
            if len(body) > self._most:
                raise Unreadable(Why.TOO_LARGE)
        return bytes(body)


def _literal(host: str) -> bool:
    """Whether the client would connect to ``host`` without asking the resolver."""
    return ":" in host or host.replace(".", "").isdigit()


def _name(path: str, content_type: str) -> str:
    last = "".join(char for char in unquote(PurePosixPath(path).name) if char.isalnum() or char in "-_. ")
    suffix = _SUFFIXES.get(content_type)
    if suffix is None:
        suffix = PurePosixPath(last).suffix.lower()
        if suffix not in READERS:
            raise Unreadable(Why.UNKNOWN_KIND)
    return f"{PurePosixPath(last).stem.strip('. ')[:100] or 'page'}{suffix}"


def _page(name: str, body: bytes) -> Page:
    if not name.endswith(".html"):
        return Page(name, body)
    from relevo.knowledge.reading.html import title_of

    return Page(name, body, title_of(body))
