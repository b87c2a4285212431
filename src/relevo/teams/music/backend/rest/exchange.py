"""One exchange with the distributor's API: a question and its whole answer, or why there is none."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2

from relevo.teams.music.backend.rest.access import Access

MOST_BYTES = 4 * 1024 * 1024
"""5,000 tracks, the most that is asked for, are 0.8 MB."""
CONNECTIONS = httpx2.Limits(max_connections=64, max_keepalive_connections=16)
PAUSE = 0.2
"""Seconds before another try: a service that restarts is back, and nobody has noticed."""


class Lost(Exception):
    """There is no usable answer.

    ``kind`` is connection, timeout, cut, too_large, invalid, refused, limited or status; ``may_be_done`` that
    a request may have had its effect all the same; ``again_in`` the seconds after which another try makes
    sense, None for never.
    """

    def __init__(self, kind: str, why: str, *, may_be_done: bool, again_in: float | None = None) -> None:
        super().__init__(why)
        self.kind = kind
        self.may_be_done = may_be_done
        self.again_in = again_in


@dataclass(frozen=True, slots=True)
class Answer:
    """``retry_after`` in seconds, None without one that can be read."""

    status: int
    body: bytes
    retry_after: float | None


class Exchange:
    """Keeps the connections. Redirects are not followed, and no proxy or .netrc of the machine is used."""

    def __init__(self, access: Access) -> None:
        self._base = access.url
        self._client = httpx2.AsyncClient(
            headers={
                "Authorization": f"Bearer {access.key.get_secret_value()}",
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                "User-Agent": "relevo",
            },
            timeout=httpx2.Timeout(None, connect=access.timeout, pool=access.timeout),
            limits=CONNECTIONS,
            follow_redirects=False,
            trust_env=False,
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        seconds: float,
        *,
        query: Mapping[str, Any] | None = None,
        content: bytes | None = None,
    ) -> Answer:
        """Raises Lost."""
        sent = {**headers, "Content-Type": "application/json"} if content is not None else dict(headers)
        try:
            async with (
                asyncio.timeout(seconds),
                self._client.stream(
                    method, self._base + path, headers=sent, params=query, content=content
                ) as response,
            ):
                return Answer(response.status_code, await _body(response), _retry_after(response))
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            why = f"no connection: {error or type(error).__name__}"
            raise Lost("connection", why, may_be_done=False, again_in=PAUSE) from error
        except (TimeoutError, httpx2.TimeoutException) as error:
            why = f"no answer within {seconds:.1f} s"
            raise Lost("timeout", why, may_be_done=True, again_in=PAUSE) from error
        except httpx2.HTTPError as error:
            why = f"the answer broke off: {error or type(error).__name__}"
            raise Lost("cut", why, may_be_done=True, again_in=PAUSE) from error


async def _body(response: httpx2.Response) -> bytes:
    if response.headers.get("content-encoding", "identity") != "identity":
        raise Lost("invalid", "the answer is compressed, which was not asked for", may_be_done=True)
    body = bytearray()
    async for part in response.aiter_raw():
        body += part
        if len(body) > MOST_BYTES:
            raise Lost("too_large", f"the answer is larger than {MOST_BYTES} bytes", may_be_done=True)
    return bytes(body)


def _retry_after(response: httpx2.Response) -> float | None:
    written = response.headers.get("retry-after", "")
    return float(written) if written.isascii() and written.isdigit() and len(written) < 6 else None
