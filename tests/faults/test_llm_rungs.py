"""After the ladder: repair, the fallback model, what leaks, and what most questions come to."""

import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from tests.support.model_desk import KEY, QUESTION, Desk, desk_with
from tests.support.model_protocol import Answer, Fault, FaultKind
from tests.support.model_server import ModelServer

from relevo.llm.build import ModelConfig
from relevo.llm.errors import (
    InvalidAnswer,
    ModelError,
    RequestRefused,
    ServerFault,
)
from relevo.llm.port import ToolSpec

PLANS = ToolSpec("get_plans", "The plans.", {"type": "object", "properties": {"plan": {"type": "string"}}})
SCHEMA = {
    "type": "object",
    "properties": {"intent": {"type": "string", "enum": ["sales", "support"]}},
    "required": ["intent"],
}


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with desk_with() as desk:
        yield desk


async def test_an_invalid_answer_is_repaired_by_saying_what_was_wrong(desk: Desk) -> None:
    desk.server.answer('{"intent": "weather"}', '```json\n{"intent": "sales"}\n```')
    reply = await desk.ask(replace(QUESTION, json_schema=SCHEMA, purpose="triage"))
    assert reply.data == {"intent": "sales"}
    first, second = desk.server.requests
    assert first["response_format"]["json_schema"] == {"name": "triage", "schema": SCHEMA}
    assert "answer.intent must be one of 'sales', 'support'" in second["messages"][0]["content"]
    assert second["messages"][0]["content"].startswith("You sell.")
    assert second["messages"][1:] == first["messages"][1:]
    assert [(call.error, call.wire_calls) for call in reply.calls] == [("invalid_answer", 1), (None, 1)]
    assert all(call.input_tokens > 0 for call in reply.calls)


async def test_wrong_schema_twice_is_an_invalid_answer(desk: Desk) -> None:
    desk.server.fail("wrong_schema", "wrong_schema", "wrong_schema")
    with pytest.raises(InvalidAnswer):
        await desk.ask(replace(QUESTION, json_schema=SCHEMA))
    assert desk.wire_calls == 2


@pytest.mark.parametrize("stream", [False, True])
async def test_bad_tool_arguments_are_repaired(desk: Desk, stream: bool) -> None:
    desk.server.fail("bad_arguments")
    desk.server.answer(Answer(tools=(("get_plans", {"plan": "Pro"}),)))
    reply = await desk.ask(replace(QUESTION, tools=(PLANS,)), stream=stream)
    assert [(tool.name, tool.arguments) for tool in reply.tool_requests] == [("get_plans", {"plan": "Pro"})]
    assert "arguments of tool get_plans" in desk.server.requests[1]["messages"][0]["content"]


async def test_the_fallback_is_asked_once_when_the_first_is_used_up() -> None:
    async with ModelServer() as other:
        second = ModelConfig("compatible", "gpt-4o", other.url, KEY)
        async with desk_with(fallback=second) as desk:
            desk.server.fail(*[Fault("server")] * 6)
            reply = await desk.ask()
            assert [(call.model, call.wire_calls, call.error) for call in reply.calls] == [
                ("gpt-4o-mini", 3, "server"),
                ("gpt-4o", 1, None),
            ]
            other.fail("rate_limit")
            error = await desk.fails(ServerFault)
            assert [(call.model, call.wire_calls, call.error) for call in error.calls] == [
                ("gpt-4o-mini", 3, "server"),
                ("gpt-4o", 1, "rate_limit"),
            ]
            assert len(other.requests) == 2


async def test_the_key_reaches_the_server_and_never_the_log_or_the_error(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    desk.server.fail("unauthorized", "server")
    error = await desk.fails(RequestRefused)
    await desk.ask(stream=True)
    assert desk.server.keys == [f"Bearer {KEY}"] * 3
    assert "Incorrect API key" in str(error)
    assert "***" in str(error) and KEY not in repr(error)
    assert len(caplog.records) > 0
    assert KEY not in caplog.text


async def test_a_thousand_questions_among_transient_faults_are_answered() -> None:
    """One call in five fails in a way that may pass (seeded): at least 95 % of the questions are answered."""
    rng = random.Random(20260105)
    transient: list[FaultKind] = [
        "rate_limit",
        "server",
        "reset",
        "close",
        "empty",
        "malformed_json",
        "request_timeout",
    ]

    def script(request: object) -> str | Fault:
        return Fault(rng.choice(transient)) if rng.random() < 0.2 else "Claro."

    outcomes: Counter[str] = Counter()
    async with desk_with() as desk:
        desk.server.script(script)
        for _ in range(1000):
            before = desk.wire_calls
            try:
                outcomes[(await desk.ask()).text] += 1
            except ModelError as error:
                outcomes[error.kind] += 1
            assert desk.wire_calls - before <= 4
    assert outcomes["Claro."] >= 950, outcomes
