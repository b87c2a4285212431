"""The chat completions protocol: a ModelRequest as its JSON body, and its JSON answer as what was said."""

from dataclasses import dataclass, field
from typing import Any

import orjson

from relevo.llm.errors import InvalidAnswer
from relevo.llm.port import ModelRequest, ToolRequest
from relevo.llm.schema import misfit

_REASONING = ("o1", "o3", "o4", "gpt-5")
"""Models of these families refuse a temperature (400 unsupported_value)."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer took: tokens, and US dollars where the provider says so itself (OpenRouter does)."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0


@dataclass(frozen=True, slots=True)
class Said:
    """The text, tool requests and decoded JSON of one answer."""

    text: str
    tool_requests: tuple[ToolRequest, ...] = ()
    data: Any = field(default=None)


def body_of(request: ModelRequest, model: str, *, tokens_key: str, stream: bool) -> bytes:
    """The JSON body of ``POST /chat/completions``; ``tokens_key`` names the field that limits the answer."""
    body: dict[str, Any] = {"model": model, "messages": request.messages, tokens_key: request.max_tokens}
    if not model.rpartition("/")[2].startswith(_REASONING):
        body["temperature"] = request.temperature
    if request.tools:
        body["tools"] = [
            {
                "type": "function",
                "function": {"name": t.name, "description": t.description, "parameters": t.parameters},
            }
            for t in request.tools
        ]
    if request.json_schema is not None:
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": request.purpose, "schema": request.json_schema},
        }
    if stream:
        body["stream"] = True
        body["stream_options"] = {"include_usage": True}
    return orjson.dumps(body)


def usage_of(answer: dict[str, Any]) -> Usage:
    """Reads ``usage``; what is absent or odd counts as 0."""
    usage = answer.get("usage")
    if not isinstance(usage, dict):
        return Usage()

    def number(key: str) -> float:
        value = usage.get(key)
        return value if isinstance(value, int | float) and value > 0 else 0

    return Usage(int(number("prompt_tokens")), int(number("completion_tokens")), float(number("cost")))


def said_in(answer: dict[str, Any], request: ModelRequest) -> Said:
    """Reads the first choice. Raises InvalidAnswer, saying what is wrong, where it is not what was asked."""
    message = _message_of(answer)
    content = message.get("content")
    text = content if isinstance(content, str) else ""
    calls = message.get("tool_calls") or []
    if not isinstance(calls, list):
        raise InvalidAnswer("tool_calls is not a list")
    if calls:
        return Said(text, tuple(_tool_request(call, request) for call in calls))
    if not text.strip():
        refusal = message.get("refusal")
        raise InvalidAnswer("the answer was refused" if refusal else "the answer is empty")
    if request.json_schema is None:
        return Said(text)
    return Said(text, data=_fitting(text, request.json_schema))


def _message_of(answer: dict[str, Any]) -> dict[str, Any]:
    match answer:
        case {"choices": [{"message": dict(message)}, *_]}:
            return message
        case _:
            raise InvalidAnswer("the answer holds no choice")


def _tool_request(call: Any, request: ModelRequest) -> ToolRequest:
    match call:
        case {"function": {"name": str(name), **function}}:
            pass
        case _:
            raise InvalidAnswer("a tool call names no function")
    if name not in {tool.name for tool in request.tools}:
        raise InvalidAnswer(f"there is no tool named {name[:64]!r}")
    raw = function.get("arguments") or "{}"
    try:
        arguments = orjson.loads(raw) if isinstance(raw, str) else raw
    except orjson.JSONDecodeError:
        arguments = None
    if not isinstance(arguments, dict):
        raise InvalidAnswer(f"the arguments of tool {name} are not a JSON object")
    call_id = call.get("id")
    return ToolRequest(id=call_id if isinstance(call_id, str) else name, name=name, arguments=arguments)


def _fitting(text: str, schema: dict[str, Any]) -> Any:
    """Decodes JSON, with or without the Markdown fence some models put around it, and checks its shape."""
    bare = text.strip().removeprefix("```json").removeprefix("```").removesuffix("```")
    try:
        data = orjson.loads(bare)
    except orjson.JSONDecodeError as error:
        raise InvalidAnswer("the answer is not JSON") from error
    if wrong := misfit(data, schema):
        raise InvalidAnswer(wrong)
    return data
