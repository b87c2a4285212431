"""A streamed answer (server-sent events) gathered into the shape of a plain one."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from relevo.llm.errors import InvalidAnswer


class Lines:
    """Splits bytes that come in any pieces into the data of each event.

    OpenAI's protocol puts every event on one ``data:`` line, so events spread over several lines need no
    support; comments (OpenRouter's keep-alives) and other fields are passed over.
    """

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, piece: bytes) -> Iterator[bytes]:
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                yield line[5:].strip()


class Gathering:
    """Puts the deltas of a streamed answer together. ``finished`` turns true with its finish_reason."""

    def __init__(self) -> None:
        self.finished = False
        self._text: list[str] = []
        self._calls: dict[int, dict[str, Any]] = {}
        self._usage: Any = None

    def add(self, data: bytes) -> tuple[str, Any]:
        """Takes one event's JSON; gives the text it adds and the error it carries (None: no error).

        Raises InvalidAnswer when it is not a JSON object.
        """
        try:
            event = orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise InvalidAnswer("a streamed event is not JSON") from error
        if not isinstance(event, dict):
            raise InvalidAnswer("a streamed event is not a JSON object")
        if event.get("error"):
            return "", event["error"]
        self._usage = event.get("usage") or self._usage
        choices = event.get("choices")
        try:
            return self._choose(choices[0]) if choices else "", None
        except (AttributeError, KeyError, TypeError) as error:
            raise InvalidAnswer("a streamed event is not of the protocol's shape") from error

    def _choose(self, choice: Mapping[str, Any]) -> str:
        self.finished = self.finished or choice.get("finish_reason") is not None
        delta = choice.get("delta") or {}
        for call in delta.get("tool_calls") or ():
            self._add_call(call)
        text = delta.get("content")
        if not isinstance(text, str):
            return ""
        self._text.append(text)
        return text

    def _add_call(self, delta: dict[str, Any]) -> None:
        # Some compatible servers leave the index out; there a new id begins a new call.
        index = delta.get("index")
        if index is None:
            index = len(self._calls) if delta.get("id") or not self._calls else len(self._calls) - 1
        call = self._calls.setdefault(index, {"id": None, "function": {"name": None, "arguments": ""}})
        function = delta.get("function") or {}
        call["id"] = call["id"] or delta.get("id")
        call["function"]["name"] = call["function"]["name"] or function.get("name")
        call["function"]["arguments"] += function.get("arguments") or ""

    def answer(self) -> dict[str, Any]:
        """The whole, as the protocol shapes an answer that was not streamed."""
        message = {"content": "".join(self._text), "tool_calls": list(self._calls.values())}
        return {"choices": [{"message": message}], "usage": self._usage}
