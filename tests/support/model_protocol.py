"""What a scripted model may say or do, and how OpenAI's chat protocol writes it down."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import orjson

FaultKind = Literal[
    "rate_limit",  # 429, with Retry-After when ``retry_after`` is set
    "quota",  # 429 insufficient_quota
    "credits",  # 402, as OpenRouter says that the account is empty
    "server",  # 500, or ``status``
    "bad_request",  # 400
    "unauthorized",  # 401, its message quoting the key that was sent
    "request_timeout",  # 408
    "never",  # takes the request and says nothing
    "slow",  # answers after ``seconds``
    "reset",  # resets the connection before a word
    "close",  # closes the connection before a word
    "garbage",  # not HTTP at all
    "hang_mid_stream",  # some text, then silence
    "cut_mid_stream",  # some text, then the connection breaks
    "end_mid_stream",  # some text, then a proper end without a finish_reason
    "error_in_stream",  # some text, then an error event with ``status`` as its code
    "error_in_answer",  # 200 with an error object, as OpenRouter does; ``status`` is its code
    "malformed_json",
    "not_an_object",
    "no_choices",
    "empty",
    "refusal",
    "wrong_schema",
    "bad_arguments",  # a tool call whose arguments are not a JSON object
    "unknown_tool",
]


@dataclass(frozen=True, slots=True)
class Fault:
    kind: FaultKind
    status: int = 500
    retry_after: str | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model says: a text, tool calls as (name, arguments or their raw text), or both."""

    text: str = ""
    tools: tuple[tuple[str, dict[str, Any] | str], ...] = ()
    refusal: str | None = None


Outcome = str | Answer | Fault
Script = Callable[[dict[str, Any]], Outcome]


def _tool_calls(body: dict[str, Any], answer: Answer) -> list[dict[str, Any]]:
    turn = len(body.get("messages", ()))
    return [
        {
            "id": f"call_{turn}_{index}",
            "type": "function",
            "function": {"name": name, "arguments": given if isinstance(given, str) else json.dumps(given)},
        }
        for index, (name, given) in enumerate(answer.tools)
    ]


def _usage(body: dict[str, Any], answer: Answer) -> dict[str, int]:
    """About one token for four characters, so that a test can tell what it will be."""
    read = len(orjson.dumps(body.get("messages", []))) // 4
    written = max(1, (len(answer.text) + sum(len(str(tool)) for tool in answer.tools)) // 4)
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


def completion(body: dict[str, Any], answer: Answer) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": answer.text or None, "refusal": answer.refusal}
    if answer.tools:
        message["tool_calls"] = _tool_calls(body, answer)
    finish = "tool_calls" if answer.tools else "stop"
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1767225600,
        "model": body.get("model"),
        "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}],
        "usage": _usage(body, answer),
    }


def events(body: dict[str, Any], answer: Answer) -> list[dict[str, Any]]:
    """The events of a stream: the role, the text word by word, tool calls with their arguments in pieces."""
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    words = answer.text.split(" ") if answer.text else []
    deltas += [{"content": word if index == 0 else f" {word}"} for index, word in enumerate(words)]
    for index, call in enumerate(_tool_calls(body, answer)):
        arguments = call["function"]["arguments"]
        deltas.append(
            {"tool_calls": [{"index": index, **call, "function": {**call["function"], "arguments": ""}}]}
        )
        deltas += [
            {"tool_calls": [{"index": index, "function": {"arguments": arguments[at : at + 7]}}]}
            for at in range(0, len(arguments), 7)
        ]
    finish = "tool_calls" if answer.tools else "stop"
    choices: list[dict[str, Any]] = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
    choices.append({"index": 0, "delta": {}, "finish_reason": finish})
    common: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1767225600,
        "model": body.get("model"),
    }
    sent: list[dict[str, Any]] = [{**common, "choices": [choice]} for choice in choices]
    if (body.get("stream_options") or {}).get("include_usage"):
        sent.append({**common, "choices": [], "usage": _usage(body, answer)})
    return sent
