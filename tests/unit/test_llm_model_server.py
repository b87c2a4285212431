"""The scripted model server itself: as a process with its admin doors, and the music brain it speaks with."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.support.music_brain import answer

ROOT = Path(__file__).parents[2]
TOOLS: dict[str, dict[str, Any]] = {
    "get_plans": {},
    "create_quote": {
        "properties": {
            "plan": {"type": "string", "enum": ["Básico", "Pro", "Label"]},
            "artists": {"type": "integer"},
            "billing": {"type": "string", "enum": ["monthly", "yearly"]},
        },
        "required": ["plan", "artists"],
    },
    "check_release_status": {"properties": {"title": {"type": "string"}}, "required": ["title"]},
    "check_metadata": {"properties": {"isrc": {"type": "string"}, "upc": {"type": "string"}}},
    "request_takedown": {"properties": {"title": {"type": "string"}}, "required": ["title"]},
    "create_ticket": {"properties": {"subject": {"type": "string"}}, "required": ["subject"]},
    "get_balance": {},
    "get_earnings": {"properties": {"by": {"type": "string", "enum": ["store", "country", "track"]}}},
    "explain_payment": {"properties": {"period": {"anyOf": [{"type": "string"}, {"type": "null"}]}}},
    "request_withdrawal": {"properties": {"amount": {"anyOf": [{"type": "number"}, {"type": "string"}]}}},
    "escalate_to_human": {"properties": {"reason": {"type": "string"}}, "required": ["reason"]},
}


def request(*said: str, tools: tuple[str, ...] = tuple(TOOLS), **more: Any) -> dict[str, Any]:
    functions = [{"name": name, "parameters": {"type": "object", **TOOLS.get(name, more)}} for name in tools]
    return {
        "messages": [{"role": "user", "content": text} for text in said],
        "tools": [{"type": "function", "function": function} for function in functions],
    }


@pytest.mark.parametrize(
    ("said", "tool", "arguments"),
    [
        ("¿cuánto cuesta el plan pro?", "get_plans", {}),
        ("pro, 3 artistas, cotiza anual", "create_quote", {"plan": "Pro", "artists": 3, "billing": "yearly"}),
        ("is Paper Moons live yet?", "check_release_status", {"title": "Paper Moons"}),
        ("por qué rechazaron «Luz de Enero»?", "check_release_status", {"title": "Luz de Enero"}),
        ("is the ISRC USRC17607839 valid?", "check_metadata", {"isrc": "USRC17607839"}),
        ("please take down Paper Moons from all stores", "request_takedown", {"title": "Paper Moons"}),
        ("ábreme un ticket", "create_ticket", {"subject": "ábreme un ticket"}),
        ("¿cuál es mi saldo?", "get_balance", {}),
        ("how much did I earn per store?", "get_earnings", {"by": "store"}),
        ("¿por qué no me han pagado el 2026-Q2?", "explain_payment", {"period": "2026-Q2"}),
        ("I'd like to withdraw 70 dollars", "request_withdrawal", {"amount": 70.0}),
        ("quiero hablar con una persona", "escalate_to_human", {"reason": "quiero hablar con una persona"}),
    ],
)  # fmt: skip
def test_the_brain_calls_the_tool_the_words_ask_for(said: str, tool: str, arguments: dict[str, Any]) -> None:
    assert answer(request(said)).tools == ((tool, arguments),)


def test_the_brain_hands_over_what_it_has_no_tool_for() -> None:
    to = {
        "properties": {
            "to": {"type": "string", "enum": ["support", "royalties"]},
            "reason": {"type": "string"},
        }
    }
    asked = request("¿cuál es mi saldo?", tools=("get_plans", "hand_off"), **to)
    assert answer(asked).tools == (("hand_off", {"to": "royalties", "reason": "¿cuál es mi saldo?"}),)


def test_the_brain_says_what_the_tools_returned_in_the_customers_language() -> None:
    def after(said: str) -> str:
        asked = request(said)
        call = {"id": "c1", "type": "function", "function": {"name": "get_balance", "arguments": "{}"}}
        result = {"available": "182.40", "currency": "USD", "holds": [{"amount": "3.10"}]}
        asked["messages"] += [
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "content": json.dumps(result)},
        ]
        return answer(asked).text

    assert after("what's my balance?") == "Here is what I found: available 182.40; currency USD; amount 3.10."
    assert after("¿cuál es mi saldo?").startswith("Esto es lo que encuentro: available 182.40")


def test_the_brain_fills_a_triage_form() -> None:
    schema = {
        "type": "object",
        "properties": {
            "intent": {
                "type": "string",
                "enum": ["sales", "support", "royalties", "human", "other", "attack"],
            },
            "sentiment": {"type": "string", "enum": ["positive", "neutral", "negative"]},
            "implications": {"$ref": "#/$defs/Implications"},
            "urgent": {"type": "boolean"},
            "priority": {"type": "number"},
        },
        "$defs": {"Implications": {"type": "object", "properties": {"security": {"type": "number"}}}},
    }
    form = {"type": "json_schema", "json_schema": {"name": "triage", "schema": schema}}
    read = json.loads(answer({**request("me hackearon la cuenta!!"), "response_format": form}).text)
    assert read == {
        "intent": "human",
        "sentiment": "negative",
        "implications": {"security": 9},
        "urgent": True,
        "priority": 9,
    }


async def test_as_a_process_it_takes_its_script_over_http() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.model_server", "--script", "music"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        url = (await process.stdout.readline()).decode().removeprefix("READY ").strip()
        admin = url.removesuffix("/v1")
        script = {
            "faults": [{"kind": "rate_limit", "retry_after": "1"}],
            "answers": ["Hola", {"tools": [{"name": "get_plans", "arguments": {}}]}],
        }
        async with aiohttp.ClientSession() as http:
            async with http.post(f"{admin}/_script", json=script) as response:
                assert await response.json() == {"queued": 3}
            outcomes = []
            for _ in range(4):
                async with http.post(
                    f"{url}/chat/completions", json=request("¿cuál es mi saldo?")
                ) as response:
                    outcomes.append(
                        (response.status, response.headers.get("Retry-After"), await response.json())
                    )
            assert outcomes[0][:2] == (429, "1")
            messages = [outcome[2]["choices"][0]["message"] for outcome in outcomes[1:]]
            assert messages[0]["content"] == "Hola"
            assert messages[1]["tool_calls"][0]["function"]["name"] == "get_plans"
            assert messages[2]["tool_calls"][0]["function"]["name"] == "get_balance"
            async with http.get(f"{admin}/_requests") as response:
                assert len(await response.json()) == 4
            async with http.post(f"{admin}/_reset") as response:
                assert response.status == 200
            async with http.get(f"{admin}/_requests") as response:
                assert await response.json() == []
    finally:
        process.terminate()
        await process.wait()
