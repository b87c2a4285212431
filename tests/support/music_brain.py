"""A deterministic stand-in for a language model that works at the music care desk.

It sees what a model sees (messages, tools, schema) and does what a good one would: calls the tool that the
customer's words ask for, hands over what is another agent's, and then says what the tools returned.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.support.model_protocol import Answer
from tests.support.music_arguments import arguments, fill
from tests.support.music_matters import bare, is_english, matter

_CANCEL = r"cancel|mejor no\b|no wait|don't do it|olvidalo|dejalo asi"


def answer(request: dict[str, Any]) -> Answer:
    """What the model says to this chat completions request."""
    messages = request.get("messages", [])
    said = [_text(message) for message in messages if message.get("role") == "user"]
    message = said[-1] if said else ""
    form = request.get("response_format") or {}
    if form.get("type") == "json_schema":
        schema = form["json_schema"].get("schema", {})
        return Answer(json.dumps(fill(schema, "", message, schema), ensure_ascii=False))
    tools = {
        tool["function"]["name"]: tool["function"].get("parameters", {}) for tool in request.get("tools", ())
    }
    english = is_english(message, said[:-1])
    results = [(name, text) for name, text in _results(messages) if name != "hand_off"]
    known = _known(messages)
    if results:
        return Answer(_greeting(known, english) + _report(results, english))
    quote = known.get("facts", {}).get("quote")
    if quote and re.search(r"valid|vence|vigencia|expire", bare(message)):
        until = "is valid until" if english else "es válida hasta el"
        return Answer(f"{quote['number']} {until} {quote['expires_on']}.")
    return _act(message, said[:-1], tools, english)


def _known(messages: list[dict[str, Any]]) -> dict[str, Any]:
    """What the system message says is known of the conversation."""
    _, fence, data = (_text(messages[0]) if messages else "").rpartition("<data>")
    known: dict[str, Any] = json.loads(data.partition("</data>")[0]) if fence else {}
    return known


def _greeting(known: dict[str, Any], english: bool) -> str:
    """An agent who takes over mid-talk speaks to the plan the customer was interested in."""
    plan = known.get("facts", {}).get("plan_of_interest")
    if not plan or not known.get("handoffs"):
        return ""
    return f"I see you're interested in {plan}. " if english else f"Veo que te interesa {plan}. "


def _act(message: str, earlier: list[str], tools: dict[str, Any], english: bool) -> Answer:
    plain = bare(message)
    if re.search(_CANCEL, plain):
        return Answer("Cancelled: nothing was done." if english else "Queda cancelado: no se hizo nada.")
    tool, agent = matter(plain, earlier)
    if tool in tools:
        return Answer(tools=((tool, arguments(tools[tool], message, earlier)),))
    targets = tools.get("hand_off", {}).get("properties", {}).get("to", {}).get("enum")
    if agent and "hand_off" in tools and (targets is None or agent in targets):
        return Answer(tools=(("hand_off", {"to": agent, "reason": message[:120]}),))
    if english:
        return Answer("Happy to help. Tell me what you need: plans, your releases or your royalties.")
    return Answer("Con mucho gusto. Dime qué necesitas: planes, tus lanzamientos o tus regalías.")


def _results(messages: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """The tools called since the customer's last message, with what they returned."""
    last = max((i for i, message in enumerate(messages) if message.get("role") == "user"), default=-1)
    names: dict[str, str] = {}
    for message in messages[last + 1 :]:
        for call in message.get("tool_calls") or ():
            names[call["id"]] = call["function"]["name"]
        if message.get("role") == "tool":
            yield names.get(message.get("tool_call_id", ""), ""), _text(message)


def _report(results: list[tuple[str, str]], english: bool) -> str:
    """A short sentence that quotes what the tools returned."""
    parts = []
    for name, text in results:
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        if name == "check_metadata":
            parts += _verdicts(value, english)
        parts += [line for line in _figures(value) if line not in parts]
    intro = "Here is what I found" if english else "Esto es lo que encuentro"
    if any(name == "create_quote" for name, _ in results):
        intro = "Your quote" if english else "Tu cotización"
    return f"{intro}: {'; '.join(parts[:40])}."


def _verdicts(value: Any, english: bool) -> list[str]:
    """Whether each code that was checked is a good one, in words."""
    words = ("is valid", "is not valid") if english else ("es válido", "no es válido")
    return [f"{check['value']} {words[0 if check['ok'] else 1]}" for check in value.get("checks", ())]


def _figures(value: Any, name: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _figures(item, str(key))
    elif isinstance(value, list):
        for item in value:
            yield from _figures(item, name)
    elif value is not None and value != "":
        shown = str(value)[:300]
        yield f"{name.replace('_', ' ')} {shown}" if name else shown


def _text(message: dict[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, list):
        return " ".join(part.get("text", "") for part in content)
    return content or ""
