"""The benchmark measures what it says: its stand-in for the model, its counters, its tables."""

import asyncio
import os
import sys
import time
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
from aiohttp import web
from bench import tables
from bench.four_calls import QUESTIONS, Costs
from bench.load import percentile
from bench.processes import Program, cpu_seconds, memory_mb, parent
from bench.profiling import shares
from bench.script import ANSWER, TURNS
from bench.services import RESULTS
from bench.stub import Stub, asked, said, tokens
from bench.webhooks import signed
from pydantic import SecretStr
from tests.support.model_protocol import Answer

from relevo.bootstrap import load_teams
from relevo.channels.port import Refused, WebhookRequest
from relevo.channels.whatsapp.settings import WhatsAppSettings
from relevo.channels.whatsapp.verify import verify

Json = dict[str, Any]
PRICE, RELEASE = TURNS[1], TURNS[3]


def request(text: str, *tools: str, called: tuple[str, ...] = ()) -> Json:
    """What an agent with these tools asks about ``text``, having called some of them in this turn."""
    messages: list[Json] = [
        {"role": "system", "content": "precio lanzamiento"},
        {"role": "user", "content": text},
    ]
    for name in called:
        messages.append({"role": "assistant", "tool_calls": [{"function": {"name": name}}]})
        messages.append({"role": "tool", "content": "ok"})
    parameters = {
        "type": "object",
        "properties": {"plan": {"type": "string"}, "to": {"type": "string"}},
        "required": ["plan"],
    }
    offered = [{"type": "function", "function": {"name": name, "parameters": parameters}} for name in tools]
    return {"messages": messages, "tools": offered}


def called_by(body: Json) -> str | None:
    calls = said(body).get("tool_calls")
    return calls[0]["function"]["name"] if calls else None


@pytest.mark.parametrize(
    ("text", "tools", "name"),
    [
        (PRICE, ("get_plans", "hand_off"), "get_plans"),
        (PRICE, ("get_price", "transfer_to_support"), "get_price"),
        (PRICE, ("check_status", "transfer_to_sales"), "transfer_to_sales"),
        (RELEASE, ("get_plans", "hand_off"), "hand_off"),
        (RELEASE, ("get_price", "transfer_to_support"), "transfer_to_support"),
        (RELEASE, ("check_release_status", "hand_off"), "check_release_status"),
        (TURNS[0], ("get_plans", "hand_off"), None),
    ],
)
def test_either_side_s_tool_or_handoff_is_called(text: str, tools: tuple[str, ...], name: str | None) -> None:
    assert called_by(request(text, *tools)) == name


def test_after_the_tool_comes_the_answer() -> None:
    body = request(RELEASE, "check_status", called=("transfer_to_support",))
    assert called_by(body) == "check_status"
    body = request(RELEASE, "check_status", called=("transfer_to_support", "check_status"))
    assert said(body) == {"role": "assistant", "content": ANSWER}


def test_arguments_are_what_the_tool_must_have() -> None:
    function = said(request(PRICE, "get_plans"))["tool_calls"][0]["function"]
    assert orjson.loads(function["arguments"]) == {"plan": "Pro"}


def test_a_schema_is_answered_by_its_least_object() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"enum": ["x", "y"]}, "b": {"type": "number"}, "c": {"type": "string"}},
        "required": ["a", "b"],
    }
    form = {"type": "json_schema", "json_schema": {"schema": schema}}
    answered = said({"messages": [{"role": "user", "content": PRICE}], "response_format": form})
    assert orjson.loads(answered["content"]) == {"a": "x", "b": 0}


def test_tokens_count_messages_tools_and_schema() -> None:
    small = {"messages": [{"role": "user", "content": "a" * 400}]}
    assert 100 <= asked(small) <= 115
    assert asked({**small, "temperature": 0}) == asked(small)
    assert asked(small | {"tools": [{"name": "b" * 400}]}) >= asked(small) + 100
    assert asked(small | {"response_format": {"name": "b" * 400}}) >= asked(small) + 100


async def test_the_stub_counts_calls_and_answers_when_it_is_let_go() -> None:
    runner = web.AppRunner(Stub().app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        async with aiohttp.ClientSession() as session:
            body = request(TURNS[0], "get_plans")
            await session.post(f"{url}/behave", json={"hang": True})
            with pytest.raises(TimeoutError):
                await session.post(
                    f"{url}/v1/chat/completions", json=body, timeout=aiohttp.ClientTimeout(0.05)
                )
            await session.post(f"{url}/behave", json={})
            async with session.post(f"{url}/v1/chat/completions", json=body) as answer:
                told = await answer.json()
            async with session.get(f"{url}/counted") as answer:
                counted = await answer.json()
    finally:
        await runner.cleanup()
    assert told["choices"][0]["message"]["content"] == ANSWER
    assert counted == {
        "calls": 1,
        "input_tokens": told["usage"]["prompt_tokens"],
        "output_tokens": told["usage"]["completion_tokens"],
    }
    assert counted["input_tokens"] == asked(body)


def test_cpu_time_is_the_kernel_s() -> None:
    before, begun = cpu_seconds(os.getpid()), time.process_time()
    while time.process_time() - begun < 0.1:
        tokens("x" * 10_000)
    assert cpu_seconds(os.getpid()) - before >= 0.09
    assert memory_mb(os.getpid()) > 10
    assert parent(os.getpid()) == os.getppid()


async def test_a_program_that_ends_says_why(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no room here')"]
    async with Program("the program", command, tmp_path / "log", {}, tmp_path) as program:
        await asyncio.to_thread(os.waitid, os.P_PID, program.pid, os.WEXITED | os.WNOWAIT)
        with pytest.raises(RuntimeError, match="no room here"):
            program.check()


def test_webhooks_are_signed_as_twilio_does() -> None:
    from bench.sides import OUR_NUMBER, TWILIO_ACCOUNT, TWILIO_TOKEN

    url = "http://127.0.0.1:8000/webhooks/whatsapp"
    settings = WhatsAppSettings(
        account_sid=TWILIO_ACCOUNT, auth_tokens=(SecretStr(TWILIO_TOKEN),), sender=OUR_NUMBER
    )
    body, headers = signed(url, 7)
    lower = {name.lower(): value for name, value in headers.items()}
    assert verify(WebhookRequest(url, lower, body), settings)["To"] == OUR_NUMBER
    with pytest.raises(Refused):
        verify(WebhookRequest(url, lower, body + b"&More=1"), settings)


def test_percentiles() -> None:
    values = [float(number) for number in range(100)]
    assert (percentile(values, 0.5), percentile(values, 0.95), percentile([3.0], 0.99)) == (50, 95, 3)


def test_shares_are_of_the_innermost_frame_and_of_all_callers(tmp_path: Path) -> None:
    ours = "take (/x/src/relevo/pipeline/turn.py:9)"
    lines = [
        f"main (/x/src/relevo/cli/app.py:1);{ours};wait (/v/lib/site-packages/psycopg/waiting.py:3) 3",
        f"{ours};{ours} 1",
    ]
    (tmp_path / "samples").write_text("\n".join(lines))
    found = shares(tmp_path / "samples")
    assert found["libraries"] == {"psycopg": 0.75, "relevo/pipeline": 0.25}
    assert found["functions"] == {"pipeline/turn.py take": 1.0}


def test_three_questions_come_before_each_answer_of_the_other_design() -> None:
    costs = Costs(load_teams(None)["music"])
    reply = {"agent": "sales", "content": "a" * 40, "signals": {"language": "es"}}
    agent = request(PRICE, "get_plans")
    agent["messages"][0]["content"] = 'You sell. <data>{"facts": {}}</data>'
    reading = {"messages": agent["messages"], "response_format": {"type": "json_schema"}}
    off = (agent, Answer(tools=(("hand_off", {"to": "sales"}),)))
    costs.add_turn([], PRICE, reply, [(reading, Answer("{}")), off, (agent, Answer("x" * 80))])
    assert (costs.relevo.calls, costs.usual.calls) == (3, len(QUESTIONS) + 1)
    costs.add_turn([], PRICE, reply, [])
    assert (costs.relevo.calls, costs.usual.calls, costs.unasked) == (3, 2 * len(QUESTIONS) + 2, 1)


def made(side: str, number: int, factor: float) -> Json:
    """A round whose every figure is ``factor``."""
    keys = {(part, key) for _, part, key, *_ in tables.MEASURES}
    parts: dict[str, Json] = {"one_by_one": {"turns": 90, "pace_ms": 10.0}, "at_once": {}}
    for part, key in keys:
        parts[part][key] = factor
    return {"round": number, "side": side, "ready_seconds": factor, "memory_mb": factor, **parts}


def test_the_table_shows_medians_spread_and_ratio() -> None:
    rounds = [
        made(side, number, factor)
        for number, pair in enumerate([(2.0, 4.0), (3.0, 8.0), (1.0, 5.0)])
        for side, factor in zip(("relevo", "peer"), pair, strict=True)
    ]
    both = {"turn": 500, "cpu_ms_late": 2.0, "growth": 1.1}
    found = {
        "rounds": rounds,
        "rows": {"relevo": {"rows": 6.0}, "peer": {"rows": 12.0}},
        "growing": {"relevo": both, "peer": both},
    }
    lines = tables.beside(found).splitlines()
    assert lines[2] == ("| CPU, ms a turn | 2.0 (1.0–3.0) | 5.0 (4.0–8.0) | **0.40** (0.20–0.50) | ≤ 0.5 |")
    assert "| Rows written a turn | 6.0 | 12.0 | **0.50** |  |" in lines


def test_the_page_shows_the_figures_kept() -> None:
    found = orjson.loads(RESULTS.read_bytes())
    page = tables.PAGE.read_text("utf-8")
    assert tables.page(page, found) == page, "run: make bench"
