"""What the wire client sends, and what it makes of plain and streamed answers."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from tests.support.model_protocol import Answer
from tests.support.model_server import ModelServer

from relevo.domain.clock import Deadline, ManualClock
from relevo.llm.client import OpenAIModel
from relevo.llm.errors import InvalidAnswer
from relevo.llm.port import ModelReply, ModelRequest, ToolSpec
from relevo.llm.stream import Gathering, Lines
from relevo.llm.wire_format import Usage, said_in, usage_of

PLANS = ToolSpec("get_plans", "The plans.", {"type": "object", "properties": {"plan": {"type": "string"}}})
QUOTE = ToolSpec("create_quote", "A quote.", {"type": "object", "properties": {}})
QUESTION = ModelRequest([{"role": "user", "content": "¿Cuánto cuesta?"}], (PLANS, QUOTE), max_tokens=50)
TOOLS = Answer("Reviso:", (("get_plans", {"plan": "Básico"}), ("create_quote", {})))


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with ModelServer() as server:
        yield server


async def ask(
    server: ModelServer,
    request: ModelRequest = QUESTION,
    *,
    pieces: list[str] | None = None,
    model: str = "gpt-4o-mini",
    tokens_key: str = "max_tokens",
) -> ModelReply:
    clock = ManualClock()
    client = OpenAIModel(model=model, base_url=server.url, api_key="k", clock=clock, tokens_key=tokens_key)
    try:
        return await client.ask(request, Deadline.after(clock, 60), None if pieces is None else pieces.append)
    finally:
        await client.close()


@pytest.mark.parametrize("stream", [False, True])
async def test_text_tools_and_usage_come_through_plain_and_streamed_alike(
    server: ModelServer, stream: bool
) -> None:
    server.answer(TOOLS)
    pieces: list[str] | None = [] if stream else None
    reply = await ask(server, pieces=pieces)
    assert reply.text == "Reviso:"
    assert [(tool.id, tool.name, tool.arguments) for tool in reply.tool_requests] == [
        ("call_1_0", "get_plans", {"plan": "Básico"}),
        ("call_1_1", "create_quote", {}),
    ]
    assert pieces in (None, ["Reviso:"])
    (call,) = reply.calls
    assert (call.model, call.purpose, call.wire_calls, call.error) == ("gpt-4o-mini", "answer", 1, None)
    assert call.input_tokens == 11 and call.output_tokens == 15


async def test_the_body_is_the_protocols(server: ModelServer) -> None:
    await ask(server, pieces=[])
    (body,) = server.requests
    assert body["messages"] == QUESTION.messages
    assert body["tools"][0] == {
        "type": "function",
        "function": {"name": "get_plans", "description": "The plans.", "parameters": PLANS.parameters},
    }
    assert body["stream"] is True and body["stream_options"] == {"include_usage": True}
    assert body["max_tokens"] == 50 and body["temperature"] == 0.3
    assert "response_format" not in body


async def test_reasoning_models_get_no_temperature_and_openai_its_new_name_for_the_limit(
    server: ModelServer,
) -> None:
    await ask(server, model="openai/gpt-5-mini", tokens_key="max_completion_tokens")
    (body,) = server.requests
    assert "temperature" not in body and body["max_completion_tokens"] == 50 and "max_tokens" not in body


async def test_streams_use_one_connection_again(server: ModelServer) -> None:
    clock = ManualClock()
    client = OpenAIModel(model="m", base_url=server.url, api_key="k", clock=clock)
    for _ in range(5):
        await client.ask(QUESTION, Deadline.after(clock, 60), lambda text: None)
    await client.close()
    assert len(server.requests) == 5 and len(server.connections) == 1


def gathered(*events: str) -> dict[str, Any]:
    gathering = Gathering()
    for event in events:
        gathering.add(event.encode())
    answer: dict[str, Any] = gathering.answer()["choices"][0]["message"]
    return answer


def test_lines_are_found_whatever_the_pieces() -> None:
    stream = b': hello\r\n\r\ndata: {"a": 1}\r\n\r\nevent: x\ndata:{"b": 2}\n\ndata: [DONE]\n\n'
    for size in range(1, len(stream)):
        lines = Lines()
        pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
        assert [data for piece in pieces for data in lines.feed(piece)] == [
            b'{"a": 1}',
            b'{"b": 2}',
            b"[DONE]",
        ]


def test_tool_calls_without_an_index_are_told_apart_by_their_ids() -> None:
    message = gathered(
        '{"choices": [{"delta": {"tool_calls": [{"id": "a", "function": {"name": "x", "arguments": "["}}]}}]}',  # noqa: E501
        '{"choices": [{"delta": {"tool_calls": [{"function": {"arguments": "]"}}]}}]}',
        '{"choices": [{"delta": {"tool_calls": [{"id": "b", "function": {"name": "y"}}]}}]}',
    )
    assert message["tool_calls"] == [
        {"id": "a", "function": {"name": "x", "arguments": "[]"}},
        {"id": "b", "function": {"name": "y", "arguments": ""}},
    ]


@pytest.mark.parametrize(
    "event",
    [
        "{",
        "[]",
        '{"choices": [1]}',
        '{"choices": 3}',
        '{"choices": {"a": 1}}',
        '{"choices": [{"delta": {"tool_calls": [1]}}]}',
        '{"choices": [{"delta": {"tool_calls": [{"function": {"arguments": 3}}]}}]}',
        '{"choices": [{"delta": {"tool_calls": [{"index": {}}]}}]}',
    ],
)
def test_odd_events_are_invalid_answers(event: str) -> None:
    with pytest.raises(InvalidAnswer):
        gathered(event)


@pytest.mark.parametrize(
    ("message", "wrong"),
    [
        ({"tool_calls": {"a": 1}}, "tool_calls is not a list"),
        ({"tool_calls": [{"id": "x"}]}, "a tool call names no function"),
        ({"tool_calls": [{"function": {"name": "get_plans", "arguments": "[1]"}}]}, "not a JSON object"),
        ({"content": ["a"]}, "the answer is empty"),
        ({"content": "sí"}, "the answer is not JSON"),
    ],
)
def test_what_is_wrong_with_an_answer_is_said(message: dict[str, Any], wrong: str) -> None:
    request = ModelRequest(QUESTION.messages, (PLANS,), json_schema={"type": "object"})
    with pytest.raises(InvalidAnswer, match=wrong):
        said_in({"choices": [{"message": message}]}, request)


async def test_a_server_that_cannot_stream_is_understood() -> None:
    async def complete(request: web.Request) -> web.Response:
        return web.json_response({"choices": [{"message": {"content": "Hola"}}]})

    app = web.Application()
    app.router.add_post("/v1/chat/completions", complete)
    async with TestServer(app) as plain:
        clock = ManualClock()
        client = OpenAIModel(model="m", base_url=str(plain.make_url("/v1")), api_key="k", clock=clock)
        pieces: list[str] = []
        assert (await client.ask(QUESTION, Deadline.after(clock, 60), pieces.append)).text == "Hola"
        assert pieces == ["Hola"]
        await client.close()


def test_odd_usage_counts_as_nothing() -> None:
    assert usage_of({"usage": {"prompt_tokens": "9", "completion_tokens": -1}}) == Usage()
    assert usage_of({"usage": [1]}) == Usage()
    assert usage_of({"usage": {"prompt_tokens": 9, "completion_tokens": 2, "cost": 0.001}}) == Usage(
        9, 2, 0.001
    )
