"""One wire call to a provider that speaks OpenAI's protocol. It never retries: the ladder does."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import httpx2
import orjson
from openai import AsyncOpenAI, DefaultAioHttpClient

from relevo.domain.clock import Clock, Deadline
from relevo.llm.classify import error_inside, error_of, error_of_response
from relevo.llm.errors import ConnectionLost, InvalidAnswer, ModelError, ModelTimeout
from relevo.llm.port import ModelCall, ModelReply, ModelRequest
from relevo.llm.stream import Gathering, Lines
from relevo.llm.wire_format import Said, Usage, body_of, said_in, usage_of

_PATH = "chat/completions"
_FAILURES = (httpx2.HTTPError, aiohttp.ClientError, OSError)
_DRAIN = 0.1
"""Seconds to wait for the end of the body after the last event, so that the connection can be used again."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: ``call`` for a plain answer or a stream's first piece, ``gap`` between a stream's pieces."""

    call: float = 20.0
    gap: float = 10.0


class _Door:
    """The way to the provider: the official client's address, headers and transport.

    Its ``post`` builds each request anew from options, and took more of a call's time than sending it (0.5 of
    1.0 ms of CPU); here all but the body is made once.
    """

    def __init__(self, client: AsyncOpenAI, transport: httpx2.AsyncClient, limits: Limits) -> None:
        told = {**client.default_headers, **client.auth_headers}
        self._headers = httpx2.Headers(
            {name: value for name, value in told.items() if isinstance(value, str)}
        )
        self._url = client.base_url.join(_PATH)
        self._transport = transport
        self._timeout = httpx2.Timeout(limits.call, connect=min(5.0, limits.call)).as_dict()

    async def post(self, body: bytes, *, stream: bool = False) -> httpx2.Response:
        """The provider's answer, with ``stream`` before its body. Its status may tell of a failure.

        Raises httpx2.HTTPError, aiohttp.ClientError or OSError without one.
        """
        request = httpx2.Request(
            "POST", self._url, headers=self._headers, content=body, extensions={"timeout": self._timeout}
        )
        return await self._transport.send(request, stream=stream)


class OpenAIModel:
    """A model asked once per ``ask``, through the official client's door.

    ``tokens_key`` is the body's field that limits the answer: OpenAI has renamed it to
    ``max_completion_tokens``, the compatible servers know it as ``max_tokens``.
    """

    def __init__(
        self,
        *,
        model: str,
        base_url: str,
        api_key: str,
        clock: Clock,
        limits: Limits = Limits(),
        tokens_key: str = "max_tokens",
    ) -> None:
        self._model = model
        self._api_key = api_key
        self._clock = clock
        self._limits = limits
        self._tokens_key = tokens_key
        transport = DefaultAioHttpClient()
        self._client = AsyncOpenAI(api_key=api_key, base_url=base_url, max_retries=0, http_client=transport)
        self._door = _Door(self._client, transport, limits)

    async def ask(
        self, request: ModelRequest, deadline: Deadline, on_text: Callable[[str], None] | None = None
    ) -> ModelReply:
        """See ``Model.ask``; one wire call. Text passed on by a call that fails is taken back."""
        wire = _WireCall(self._door, self._limits, deadline, self._clock)
        started = self._clock.monotonic()
        try:
            said = (
                await wire.plain(self._body(request), request)
                if on_text is None
                else await wire.streamed(self._body(request, stream=True), request, on_text)
            )
        except ModelError as error:
            error.calls = (self._record(request, wire.usage, started, error.kind),)
            error.args = (str(error).replace(self._api_key, "***"),)
            raise
        record = self._record(request, wire.usage, started, None)
        return ModelReply(said.text, said.tool_requests, said.data, (record,))

    async def close(self) -> None:
        await self._client.close()

    def _body(self, request: ModelRequest, *, stream: bool = False) -> bytes:
        return body_of(request, self._model, tokens_key=self._tokens_key, stream=stream)

    def _record(self, request: ModelRequest, usage: Usage, started: float, error: str | None) -> ModelCall:
        return ModelCall(
            model=self._model,
            purpose=request.purpose,
            wire_calls=1,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cost_usd=usage.cost_usd,
            milliseconds=(self._clock.monotonic() - started) * 1000,
            error=error,
        )


class _WireCall:
    """The state of one call: its time limits, and the usage it came to know, even of an answer no good."""

    def __init__(self, door: _Door, limits: Limits, deadline: Deadline, clock: Clock) -> None:
        self._door = door
        self._limits = limits
        self._deadline = deadline
        self._clock = clock
        self.usage = Usage()

    async def plain(self, body: bytes, request: ModelRequest) -> Said:
        try:
            async with asyncio.timeout(self._within(self._limits.call)):
                response = await self._door.post(body)
        except TimeoutError as failure:
            raise ModelTimeout("the model did not answer in time") from failure
        except _FAILURES as failure:
            raise error_of(failure, self._clock.now()) from failure
        if not response.is_success:
            raise error_of_response(response, self._clock.now())
        return self._read(_decoded(response.content), request)

    async def streamed(self, body: bytes, request: ModelRequest, on_text: Callable[[str], None]) -> Said:
        passed: list[bool] = []

        def passing(text: str) -> None:
            passed.append(True)
            on_text(text)

        try:
            said = self._read(await self._gather(body, passing), request)
            if said.text and not passed:
                passing(said.text)
            return said
        except ModelError:
            if passed:
                on_text("")
            raise

    async def _gather(self, body: bytes, on_text: Callable[[str], None]) -> Any:
        """The whole answer. A server that cannot stream sends it as it would a plain one."""
        gathering = Gathering()
        try:
            async with asyncio.timeout(self._within(self._limits.call)) as timer:
                response = await self._door.post(body, stream=True)
                try:
                    if not response.is_success:
                        await response.aread()
                        raise error_of_response(response, self._clock.now())
                    if "json" in response.headers.get("content-type", ""):
                        return _decoded(await response.aread())
                    await self._read_events(response, gathering, on_text, timer)
                finally:
                    await response.aclose()
        except TimeoutError as failure:
            if not gathering.finished:
                raise ModelTimeout("the stream fell silent") from failure
        except _FAILURES as failure:
            if not gathering.finished:
                raise error_of(failure, self._clock.now()) from failure
        if not gathering.finished:
            raise ConnectionLost("the stream broke off")
        return gathering.answer()

    async def _read_events(
        self,
        response: httpx2.Response,
        gathering: Gathering,
        on_text: Callable[[str], None],
        timer: asyncio.Timeout,
    ) -> None:
        loop = asyncio.get_running_loop()
        lines = Lines()
        done = False
        async for piece in response.aiter_bytes():
            for data in lines.feed(piece):
                if data == b"[DONE]":
                    done = gathering.finished = True
                    continue
                text, error = gathering.add(data)
                if error is not None:
                    raise error_inside(error, self._clock.now())
                if text:
                    on_text(text)
            timer.reschedule(loop.time() + (_DRAIN if done else self._within(self._limits.gap)))

    def _read(self, answer: Any, request: ModelRequest) -> Said:
        if not isinstance(answer, dict):
            raise InvalidAnswer("the answer is not a JSON object")
        if answer.get("error") and not answer.get("choices"):
            raise error_inside(answer["error"], self._clock.now())
        self.usage = usage_of(answer)
        return said_in(answer, request)

    def _within(self, seconds: float) -> float:
        return min(seconds, self._deadline.remaining)


def _decoded(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise InvalidAnswer("the answer is malformed JSON") from error
