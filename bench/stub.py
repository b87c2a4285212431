"""The model that both sides ask: speaks OpenAI's chat protocol, answers by rule, counts what it is asked.

    python -m bench.stub PORT
    POST /v1/chat/completions   the model
    POST /behave                {"delay_ms": 300} or {"hang": true}; {} answers at once and lets go what hangs
    GET  /counted               calls and tokens since the last POST /behave
    POST /2010-04-01/…          takes messages as Twilio does

Tokens are counted alike for everybody: a quarter of the characters of what is sent and said, as JSON.
"""

import asyncio
import itertools
import sys
from dataclasses import asdict, dataclass
from typing import Any

import orjson
import uvloop
from aiohttp import web

from bench.script import ANSWER, PRICE_WORD, RELEASE_WORD

Json = dict[str, Any]
CHARACTERS_A_TOKEN = 4
WANTED = {
    PRICE_WORD: (("get_plans", "get_price"), "sales"),
    RELEASE_WORD: (("check_release_status", "check_status"), "support"),
}
"""The word that shows what is wanted: the tools that serve it, by their name on either side, and whose."""


@dataclass(slots=True)
class Counted:
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0


def tokens(value: Any) -> int:
    """About how many tokens a value is."""
    return len(orjson.dumps(value)) // CHARACTERS_A_TOKEN


def asked(body: Json) -> int:
    """The tokens of a request: messages, tools and the schema of the answer."""
    return tokens([body.get(part) for part in ("messages", "tools", "response_format") if part in body])


def said(body: Json) -> Json:
    """The assistant's message to a request."""
    form = body.get("response_format") or {}
    if form.get("type") == "json_schema":
        schema = form["json_schema"]["schema"]
        return {"role": "assistant", "content": orjson.dumps(filled(schema)).decode()}
    request = tool_call(body)
    if request is None:
        return {"role": "assistant", "content": ANSWER}
    name, arguments = request
    function = {"name": name, "arguments": orjson.dumps(arguments).decode()}
    return {"role": "assistant", "content": None, "tool_calls": [{"type": "function", "function": function}]}


def tool_call(body: Json) -> tuple[str, Json] | None:
    """The tool that the customer's last words ask for, or the handoff to whoever has it; None at the end."""
    messages = body["messages"]
    last = max(index for index, message in enumerate(messages) if message["role"] == "user")
    wanted = next((WANTED[word] for word in WANTED if word in str(messages[last]["content"])), None)
    if wanted is None:
        return None
    called = {
        call["function"]["name"]
        for message in messages[last + 1 :]
        for call in message.get("tool_calls") or ()
    }
    names, owner = wanted
    offered = {tool["function"]["name"]: tool["function"] for tool in body.get("tools") or ()}
    if called.intersection(names):
        return None
    for name in names:
        if name in offered:
            return name, filled(offered[name].get("parameters") or {})
    for name, arguments in ((f"transfer_to_{owner}", {}), ("hand_off", {"to": owner, "reason": "su tema"})):
        if name in offered and name not in called:
            return name, arguments
    return None


def filled(schema: Json) -> Json:
    """The least object that a JSON schema takes."""
    properties = schema.get("properties") or {}
    return {name: _value(properties[name]) for name in schema.get("required") or ()}


def _value(schema: Json) -> Any:
    if "enum" in schema:
        return schema["enum"][0]
    return {"number": 0, "integer": 1, "boolean": False, "array": [], "object": {}}.get(
        schema.get("type", "string"), "Pro"
    )


class Stub:
    def __init__(self) -> None:
        self.counted = Counted()
        self._delay = 0.0
        self._answering = asyncio.Event()
        self._answering.set()
        self._ids = itertools.count(1)

    def app(self) -> web.Application:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post("/v1/chat/completions", self.complete)
        app.router.add_post("/behave", self.behave)
        app.router.add_get("/counted", self.tell)
        app.router.add_post("/2010-04-01/Accounts/{account}/Messages.json", self.take)
        return app

    async def complete(self, request: web.Request) -> web.Response:
        body = orjson.loads(await request.read())
        number = next(self._ids)
        message = said(body)
        for call in message.get("tool_calls") or ():
            call["id"] = f"call_{number}"
        usage = {"prompt_tokens": asked(body), "completion_tokens": tokens(message)}
        self.counted.calls += 1
        self.counted.input_tokens += usage["prompt_tokens"]
        self.counted.output_tokens += usage["completion_tokens"]
        await self._answering.wait()
        if self._delay:
            await asyncio.sleep(self._delay)
        return _json(
            {
                "id": f"chatcmpl-{number}",
                "object": "chat.completion",
                "created": 1767225600,
                "model": body.get("model"),
                "choices": [
                    {
                        "index": 0,
                        "message": message,
                        "finish_reason": "tool_calls" if message.get("tool_calls") else "stop",
                        "logprobs": None,
                    }
                ],
                "usage": {**usage, "total_tokens": sum(usage.values())},
            }
        )

    async def behave(self, request: web.Request) -> web.Response:
        wanted = await request.json()
        self._delay = wanted.get("delay_ms", 0) / 1000
        if wanted.get("hang"):
            self._answering.clear()
        else:
            self._answering.set()
        self.counted = Counted()
        return _json({})

    async def tell(self, _: web.Request) -> web.Response:
        return _json(asdict(self.counted))

    async def take(self, request: web.Request) -> web.Response:
        form = await request.post()
        return _json(
            {"sid": f"SM{next(self._ids):032x}", "status": "queued", "to": form.get("To")}, status=201
        )


def _json(value: Json, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(value), status=status, content_type="application/json")


async def serve(port: int) -> None:
    runner = web.AppRunner(Stub().app(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, backlog=1024).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
