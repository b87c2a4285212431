"""A server that speaks OpenAI's chat protocol on a real socket, answers by script and fails on demand.

In a test:      async with ModelServer() as server: server.fail("quota"); ... server.url ... server.requests
As a process:   python -m tests.support.model_server --port 8099 --script music
                POST /_script {"faults": [{"kind": "rate_limit", "retry_after": "1"}], "answers": ["Hola"]}
                GET /_requests, POST /_reset
"""

import argparse
import asyncio
import socket
import struct
from collections import deque
from typing import Any, Self

import orjson
from aiohttp import web
from tests.support.model_protocol import Answer, Fault, FaultKind, Outcome, Script, completion, events

_ERRORS: dict[str, tuple[int, dict[str, str | None]]] = {
    "rate_limit": (429, {"message": "Rate limit reached", "type": "requests", "code": "rate_limit_exceeded"}),
    "quota": (
        429,
        {"message": "You exceeded your quota", "type": "insufficient_quota", "code": "insufficient_quota"},
    ),
    "credits": (402, {"message": "Insufficient credits", "type": None, "code": None}),
    "bad_request": (400, {"message": "Unknown parameter", "type": "invalid_request_error", "code": None}),
    "unauthorized": (401, {"message": "Incorrect API key provided: {key}", "code": "invalid_api_key"}),
    "request_timeout": (408, {"message": "Request timed out", "code": None}),
}
_ODD: dict[str, Outcome] = {
    "empty": Answer(),
    "refusal": Answer(refusal="I can't help with that."),
    "wrong_schema": Answer('{"unexpected": true}'),
    "unknown_tool": Answer(tools=(("no_such_tool", {}),)),
    "hang_mid_stream": Answer("Claro, con mucho gusto"),
    "cut_mid_stream": Answer("Claro, con mucho gusto"),
    "end_mid_stream": Answer("Claro, con mucho gusto"),
    "error_in_stream": Answer("Claro, con mucho gusto"),
}


class ModelServer:
    """Serves on loopback. ``requests`` holds every body, in order; ``keys`` the Authorization headers.

    Each request meets the next queued outcome (``fail``, ``answer``), else what the script makes of it.
    """

    def __init__(self, script: Script | None = None) -> None:
        self._script: Script = script or (lambda request: "Claro, con mucho gusto.")
        self._queue: deque[Outcome] = deque()
        self._closing = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.connections: set[Any] = set()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def script(self, script: Script) -> None:
        self._script = script

    def fail(self, *faults: Fault | FaultKind) -> None:
        self._queue.extend(fault if isinstance(fault, Fault) else Fault(fault) for fault in faults)

    def answer(self, *answers: str | Answer) -> None:
        self._queue.extend(answers)

    def clear(self) -> None:
        """Forgets what is queued."""
        self._queue.clear()

    async def start(self, port: int = 0) -> None:
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_post("/_script", self._take_script)
        app.router.add_get("/_requests", self._show_requests)
        app.router.add_post("/_reset", self._reset)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        self._closing.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        body: dict[str, Any] = orjson.loads(await request.read())
        self.requests.append(body)
        self.keys.append(request.headers.get("Authorization", ""))
        self.connections.add(request.transport)
        outcome = self._queue.popleft() if self._queue else self._script(body)
        fault = outcome if isinstance(outcome, Fault) else None
        if fault is not None:
            refused = await self._fail(request, fault)
            if refused is not None:
                return refused
            outcome = self._odd(body, fault.kind)
        answer = outcome if isinstance(outcome, Answer) else Answer(str(outcome))
        if body.get("stream"):
            return await self._stream(request, body, answer, fault)
        return web.json_response(completion(body, answer), dumps=lambda value: orjson.dumps(value).decode())

    def _odd(self, body: dict[str, Any], kind: str) -> Outcome:
        """What is said by a fault that does speak."""
        if kind == "bad_arguments":
            return Answer(tools=((body["tools"][0]["function"]["name"], '{"plan": '),))
        return _ODD.get(kind) or self._script(body)

    async def _fail(self, request: web.Request, fault: Fault) -> web.StreamResponse | None:
        """The refusal of a fault that ends the request here; None where an answer follows."""
        match fault.kind:
            case "never" | "slow":
                seconds = fault.seconds if fault.kind == "slow" else None
                try:
                    await asyncio.wait_for(self._closing.wait(), seconds)
                except TimeoutError:
                    return None
                return web.Response(status=503)
            case "reset" | "close" | "garbage":
                return await _break(request, fault.kind)
            case "malformed_json":
                return web.Response(
                    text='{"choices": [{"message": {"content": "Cla', content_type="application/json"
                )
            case "not_an_object":
                return web.json_response(["no"])
            case "no_choices":
                return web.json_response({"id": "x", "choices": []})
            case "error_in_answer":
                return web.json_response(
                    {"error": {"message": "Provider returned error", "code": fault.status}}
                )
            case "server":
                return web.json_response(
                    {"error": {"message": "The server had an error"}}, status=fault.status
                )
        if fault.kind not in _ERRORS:
            return None
        status, error = _ERRORS[fault.kind]
        key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        error = {**error, "message": str(error["message"]).replace("{key}", key)}
        headers = {"Retry-After": fault.retry_after} if fault.retry_after is not None else {}
        return web.json_response({"error": error}, status=status, headers=headers)

    async def _stream(
        self, request: web.Request, body: dict[str, Any], answer: Answer, fault: Fault | None
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b": PROCESSING\n\n")
        cut = fault.kind if fault and fault.kind.endswith(("_mid_stream", "_in_stream")) else None
        for index, event in enumerate(events(body, answer)):
            if cut is not None and index == 3:
                return await self._cut(request, response, cut, fault)
            await response.write(b"data: " + orjson.dumps(event) + b"\n\n")
        await response.write(b"data: [DONE]\n\n")
        return response

    async def _cut(
        self, request: web.Request, response: web.StreamResponse, cut: str, fault: Fault | None
    ) -> web.StreamResponse:
        if cut == "hang_mid_stream":
            await self._closing.wait()
        elif cut == "error_in_stream":
            error = {"error": {"message": "Provider disconnected", "code": fault.status if fault else 500}}
            await response.write(b"data: " + orjson.dumps(error) + b"\n\n")
        elif cut == "cut_mid_stream" and request.transport is not None:
            request.transport.close()
        return response

    async def _take_script(self, request: web.Request) -> web.Response:
        wanted = await request.json()
        self.fail(*(Fault(**fault) for fault in wanted.get("faults", ())))
        for answer in wanted.get("answers", ()):
            self.answer(answer if isinstance(answer, str) else _answer_of(answer))
        return web.json_response({"queued": len(self._queue)})

    async def _show_requests(self, request: web.Request) -> web.Response:
        return web.json_response(self.requests)

    async def _reset(self, request: web.Request) -> web.Response:
        self.clear()
        self.requests.clear()
        return web.json_response({"queued": 0})


def _answer_of(given: dict[str, Any]) -> Answer:
    return Answer(
        given.get("text", ""), tuple((tool["name"], tool["arguments"]) for tool in given.get("tools", ()))
    )


async def _break(request: web.Request, kind: str) -> web.StreamResponse:
    transport = request.transport
    assert transport is not None
    if kind == "garbage":
        transport.write(b"this is no answer\r\n\r\n")
        transport.close()
    elif kind == "reset":
        # With linger 0 a close sends RST instead of FIN.
        transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        transport.abort()
    else:
        transport.close()
    return web.Response()


async def _serve(port: int, script: Script | None) -> None:
    server = ModelServer(script)
    await server.start(port)
    print(f"READY {server.url}", flush=True)
    await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--script", choices=("music", "echo"), default="music")
    given = parser.parse_args()
    script: Script | None = None
    if given.script == "music":
        from tests.support.music_brain import answer

        script = answer
    try:
        asyncio.run(_serve(given.port, script))
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
