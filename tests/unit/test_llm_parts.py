"""The parts of the model service that need no wire: error kinds, schemas, prices, wrappers, configuration."""

import subprocess
import sys
from datetime import UTC, datetime
from typing import Any
from unittest.mock import Mock

import aiohttp
import httpx2
import openai
import pytest
from pydantic import BaseModel

from relevo.domain.clock import Deadline, ManualClock
from relevo.llm.build import ModelConfig, build_model
from relevo.llm.classify import error_inside, error_of, error_of_status, retry_after
from relevo.llm.errors import InvalidAnswer, ModelError, RateLimited, RequestRefused, ServerFault
from relevo.llm.fallback import Fallback
from relevo.llm.ladder import Ladder
from relevo.llm.metered import Metered
from relevo.llm.port import ModelCall, ModelReply, ModelRequest, ToolRequest
from relevo.llm.prices import Price, Prices
from relevo.llm.schema import misfit
from relevo.llm.scripted import ScriptedModel

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
QUESTION = ModelRequest([{"role": "user", "content": "Hola"}])


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("3", 3.0),
        ("0.5", 0.5),
        ("-4", 0.0),
        ("Mon, 05 Jan 2026 12:00:20 GMT", 20.0),
        ("Mon, 05 Jan 2026 11:00:00 GMT", 0.0),
        ("Mon, 05 Jan 2026 12:00:20 -0000", 20.0),
        ("", None),
        ("soon", None),
        ("nan", None),
        ("inf", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": value}, NOW) == seconds


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (429, {"code": "insufficient_quota"}, "quota"),
        (429, {"type": "insufficient_quota", "code": None}, "quota"),
        (400, {"code": "billing_hard_limit_reached"}, "quota"),
        (402, None, "quota"),
        (429, "slow down", "rate_limit"),
        (408, {}, "timeout"),
        (409, {}, "refused"),
        (404, "not found", "refused"),
        (529, {}, "server"),
    ],
)
def test_statuses_have_their_kinds(status: int, body: Any, kind: str) -> None:
    assert error_of_status(status, body, {}, NOW).kind == kind


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"code": 429}, "rate_limit"),
        ({"code": "rate_limit_exceeded"}, "rate_limit"),
        ({"code": "insufficient_quota"}, "quota"),
        ({"code": 502}, "server"),
        ({"code": 400}, "refused"),
        ({"code": 1}, "server"),
        ("gone", "server"),
    ],
)
def test_errors_inside_an_answer_have_their_kinds(body: Any, kind: str) -> None:
    assert error_inside(body, NOW).kind == kind


def test_failures_of_the_transport_are_told_apart_by_their_cause() -> None:
    def kind(cause: Exception) -> str:
        failure = openai.APITimeoutError(httpx2.Request("POST", "http://model"))
        failure.__cause__ = httpx2.ConnectTimeout("connect")
        failure.__cause__.__cause__ = cause
        return error_of(failure, NOW).kind

    refused = aiohttp.ClientConnectorError(Mock(), ConnectionRefusedError())
    assert kind(refused) == "connection"
    assert kind(aiohttp.ServerDisconnectedError()) == "connection"
    assert kind(aiohttp.ConnectionTimeoutError()) == "timeout"
    assert kind(aiohttp.SocketTimeoutError()) == "timeout"
    assert error_of(httpx2.ReadTimeout("read"), NOW).kind == "timeout"
    assert error_of(httpx2.ReadError("read"), NOW).kind == "connection"


def test_operators_are_told_of_what_only_they_can_mend() -> None:
    assert error_of_status(402, None, {}, NOW).tell_operators
    assert error_of_status(401, None, {}, NOW).tell_operators
    assert not error_of_status(500, None, {}, NOW).tell_operators


class Inner(BaseModel):
    score: float | None
    tags: list[str]


class Outer(BaseModel):
    name: str
    inner: Inner


@pytest.mark.parametrize(
    ("schema", "value", "wrong"),
    [
        ({"type": "object", "required": ["a"]}, {}, "answer lacks a"),
        ({"type": "object"}, [], "answer must be of type object"),
        ({"type": ["string", "null"]}, 3, "answer must be of type string or null"),
        ({"type": "integer"}, True, "answer must be of type integer"),
        ({"type": "integer"}, 3.0, ""),
        ({"type": "number", "minimum": 0, "maximum": 10}, 11, "answer must be at most 10"),
        ({"type": "number", "minimum": 0}, -1, "answer must be at least 0"),
        ({"enum": ["a", "b"]}, "c", "answer must be one of 'a', 'b'"),
        ({"const": 1}, 2, "answer must be 1"),
        ({"type": "string", "minLength": 1}, "", "answer is too short"),
        ({"type": "array", "items": {"type": "string"}}, ["a", 1], "answer[1] must be of type string"),
        ({"properties": {"a": {}}, "additionalProperties": False}, {"b": 1}, "answer must not hold b"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, 1, "answer fits none of the allowed shapes"),
        ({"allOf": [{"type": "string"}, {"minLength": 2}]}, "a", "answer is too short"),
        (Outer.model_json_schema(), {"name": "n", "inner": {"score": None, "tags": ["a"]}}, ""),
        (
            Outer.model_json_schema(),
            {"name": "n", "inner": {"score": "high", "tags": []}},
            "answer.inner.score fits none of the allowed shapes",
        ),
    ],
)
def test_a_misfit_is_named(schema: dict[str, Any], value: Any, wrong: str) -> None:
    assert misfit(value, schema) == wrong


@pytest.mark.parametrize(
    ("model", "listed"),
    [
        ("gpt-4o", "gpt-4o"),
        ("gpt-4o-2024-11-20", "gpt-4o"),
        ("gpt-4o-mini-2024-07-18", "gpt-4o-mini"),
        ("openai/gpt-4o-mini", "gpt-4o-mini"),
        ("gpt-4o-audio-preview", None),
        ("gpt-4o-latest", "gpt-4o"),
        ("openai/gpt-4o:nitro", "gpt-4o"),
        ("llama", None),
    ],
)
def test_a_name_finds_the_price_of_the_model_it_is_an_edition_of(model: str, listed: str | None) -> None:
    listing = {"gpt-4o": Price(2.5, 10), "gpt-4o-mini": Price(0.15, 0.6)}
    assert Prices(listing).of(model) == (listing[listed] if listed else None)


def test_the_shipped_price_list_prices_the_default_models() -> None:
    prices = Prices.load()
    mini = prices.of("gpt-4o-mini")
    assert mini is not None and mini.cost(1_000_000, 1_000_000) == pytest.approx(0.75)
    assert prices.of("gpt-5-pro") != prices.of("gpt-5")


def scripted(*lines: Any, model: str = "gpt-4o-mini") -> ScriptedModel:
    return ScriptedModel(lines, model=model)


def call(model: str, cost: float = 0.0) -> ModelCall:
    return ModelCall(model, "answer", 1, input_tokens=1000, output_tokens=100, cost_usd=cost)


async def test_answers_and_errors_carry_their_cost() -> None:
    clock = ManualClock()
    deadline = Deadline.after(clock, 60)
    failed = ModelError(calls=(call("gpt-4o-mini"),))
    replies = [
        ModelReply("a", calls=(call("gpt-4o-mini"), call("gpt-4o-mini", cost=0.5), call("unheard-of"))),
        ModelReply("b", calls=(call("unheard-of"),)),
    ]
    metered = Metered(ScriptedModel(replies), Prices.load())
    first = await metered.ask(QUESTION, deadline)
    assert [c.cost_usd for c in first.calls] == [pytest.approx(0.00021), 0.5, 0.0]
    assert [c.cost_usd for c in (await metered.ask(QUESTION, deadline)).calls] == [0.0]

    class Failing(ScriptedModel):
        async def ask(self, *_: Any) -> ModelReply:
            raise failed

    with pytest.raises(ModelError) as raised:
        await Metered(Failing([]), Prices.load()).ask(QUESTION, deadline)
    assert [c.cost_usd for c in raised.value.calls] == [pytest.approx(0.00021)]


async def test_an_answer_that_came_too_late_is_not_repaired() -> None:
    clock = ManualClock()

    def slowly(request: ModelRequest) -> ModelError:
        clock.advance(9.5)
        return InvalidAnswer("the answer is empty")

    inner = ScriptedModel(slowly)
    with pytest.raises(InvalidAnswer) as raised:
        await Ladder(inner, clock).ask(QUESTION, Deadline.after(clock, 10))
    assert len(inner.requests) == 1
    assert [(c.milliseconds, c.error) for c in raised.value.calls] == [(9500.0, "invalid_answer")]


async def test_the_fallback_is_left_alone_while_the_first_answers_or_no_time_is_left() -> None:
    clock = ManualClock()
    first, second = scripted("uno", ServerFault()), scripted("dos")
    model = Fallback(first, second)
    assert (await model.ask(QUESTION, Deadline.after(clock, 60))).text == "uno"
    with pytest.raises(ServerFault):
        await model.ask(QUESTION, Deadline.after(clock, 0.5))
    assert second.requests == []
    await model.close()
    assert first.closed and second.closed


async def test_when_both_fail_the_first_error_is_told_with_the_calls_of_both() -> None:
    model = Fallback(scripted(RateLimited(), model="a"), scripted(RequestRefused(), model="b"))
    with pytest.raises(RateLimited) as raised:
        await model.ask(QUESTION, Deadline.after(ManualClock(), 60))
    assert [(c.model, c.error) for c in raised.value.calls] == [("a", "rate_limit"), ("b", "refused")]


async def test_the_scripted_model_speaks_streams_calls_and_fails() -> None:
    deadline = Deadline.after(ManualClock(), 60)
    tool = ToolRequest("1", "get_plans", {})
    model = scripted("Hola  a ti", '{"a": 1}', tool, [tool, tool], ServerFault())
    pieces: list[str] = []
    await model.ask(QUESTION, deadline, pieces.append)
    assert "".join(pieces) == "Hola  a ti" and len(pieces) == 4
    shaped = ModelRequest(QUESTION.messages, json_schema={"type": "object"})
    assert (await model.ask(shaped, deadline)).data == {"a": 1}
    assert (await model.ask(QUESTION, deadline)).tool_requests == (tool,)
    assert (await model.ask(QUESTION, deadline)).tool_requests == (tool, tool)
    with pytest.raises(ServerFault):
        await model.ask(QUESTION, deadline)
    with pytest.raises(LookupError, match="question 6"):
        await model.ask(QUESTION, deadline)
    assert len(model.requests) == 6
    echo = ScriptedModel(lambda request: str(request.messages[-1]["content"]))
    assert (await echo.ask(QUESTION, deadline)).text == "Hola"


@pytest.mark.parametrize(
    ("config", "variable"),
    [
        (ModelConfig("openai", "gpt-4o"), "OPENAI_API_KEY or LLM_API_KEY"),
        (ModelConfig("openrouter", "openai/gpt-4o"), "OPENROUTER_API_KEY or LLM_API_KEY"),
        (ModelConfig("openai", " ", api_key="k"), "LLM_MODEL"),
        (ModelConfig("compatible", "m"), "LLM_BASE_URL"),
        (ModelConfig("compatible", "m", "localhost:11434/v1"), "LLM_BASE_URL"),
        (ModelConfig("compatible", "m", "ftp://host/v1"), "LLM_BASE_URL"),
        (ModelConfig("openai", "m", api_key="k\n"), "OPENAI_API_KEY or LLM_API_KEY"),
        (ModelConfig("openai", "m", api_key="k", call_timeout=0), "LLM_CALL_TIMEOUT"),
        (ModelConfig("claude", "m"), "LLM_PROVIDER"),  # type: ignore[arg-type]
        (
            ModelConfig("openai", "m", api_key="k", fallback=ModelConfig("openrouter", "n")),
            "LLM_FALLBACK: OPENROUTER_API_KEY",
        ),
    ],
)
def test_a_configuration_that_cannot_work_names_its_variable(config: ModelConfig, variable: str) -> None:
    with pytest.raises(ValueError, match=variable):
        build_model(config, ManualClock())


def test_the_client_is_not_imported_before_a_model_is_configured() -> None:
    code = (
        "import sys, relevo.llm.build as b; from relevo.domain.clock import SystemClock as C;"
        "b.build_model(b.ModelConfig('none'), C()); sys.exit('openai' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_every_provider_is_built_and_none_is_none() -> None:
    assert build_model(ModelConfig("none"), ManualClock()) is None
    for config in (
        ModelConfig("openai", "gpt-4o", api_key="secret-key"),
        ModelConfig("openrouter", "openai/gpt-4o", api_key="secret-key", fallback=ModelConfig("none")),
        ModelConfig("compatible", "llama3", "http://localhost:11434/v1"),
    ):
        model = build_model(config, ManualClock())
        assert model is not None
        await model.close()
        assert "secret-key" not in repr(config)
