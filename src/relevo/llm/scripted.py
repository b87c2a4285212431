"""A model that says what a script tells it to, for tests inside the process."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import orjson

from relevo.domain.clock import Deadline
from relevo.llm.errors import ModelError
from relevo.llm.port import ModelCall, ModelReply, ModelRequest, ToolRequest

Line = str | ToolRequest | Sequence[ToolRequest] | ModelReply | ModelError
"""A text (JSON where the question has a schema), tool requests, a whole reply, or an error to raise."""


class ScriptedModel:
    """Answers each question with the next line of ``script``, or with what ``script`` makes of the question.

    ``requests`` holds the questions, in order. Raises LookupError when the script is used up.
    """

    def __init__(
        self, script: Iterable[Line] | Callable[[ModelRequest], Line], *, model: str = "scripted"
    ) -> None:
        self._script: Iterator[Line] | Callable[[ModelRequest], Line]
        self._script = script if callable(script) else iter(script)
        self._model = model
        self.requests: list[ModelRequest] = []
        self.closed = False

    async def ask(
        self, request: ModelRequest, deadline: Deadline, on_text: Callable[[str], None] | None = None
    ) -> ModelReply:
        """See ``Model.ask``. A text is streamed word by word."""
        self.requests.append(request)
        line = self._line(request)
        if isinstance(line, ModelError):
            line.calls = (self._record(request, line.kind),)
            raise line
        reply = line if isinstance(line, ModelReply) else self._reply(line, request)
        if on_text is not None:
            for index, word in enumerate(reply.text.split(" ")):
                on_text(f" {word}" if index else word)
        return reply

    async def close(self) -> None:
        self.closed = True

    def _line(self, request: ModelRequest) -> Line:
        if callable(self._script):
            return self._script(request)
        try:
            return next(self._script)
        except StopIteration:
            raise LookupError(f"the script has no line for question {len(self.requests)}") from None

    def _reply(self, line: str | ToolRequest | Sequence[ToolRequest], request: ModelRequest) -> ModelReply:
        calls = (self._record(request, None),)
        if isinstance(line, ToolRequest):
            return ModelReply("", (line,), calls=calls)
        if isinstance(line, str):
            data = orjson.loads(line) if request.json_schema is not None else None
            return ModelReply(line, data=data, calls=calls)
        return ModelReply("", tuple(line), calls=calls)

    def _record(self, request: ModelRequest, error: str | None) -> ModelCall:
        return ModelCall(model=self._model, purpose=request.purpose, wire_calls=1, error=error)
