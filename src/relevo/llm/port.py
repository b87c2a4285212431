"""What the pipeline asks of a language model, and what it gets back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from relevo.domain.clock import Deadline
from relevo.domain.ids import ConversationId, ProjectId


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as the model sees it; ``parameters`` is a JSON schema of type object."""

    name: str
    description: str
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ToolRequest:
    """A tool the model wants called; ``arguments`` is its decoded JSON object."""

    id: str
    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One question to the model. ``messages`` have the OpenAI chat shape (role, content, tool_calls…)."""

    messages: list[dict[str, Any]]
    tools: tuple[ToolSpec, ...] = ()
    json_schema: dict[str, Any] | None = None
    """When set, the answer must be JSON that fits this schema; ``ModelReply.data`` holds it decoded."""
    max_tokens: int = 700
    temperature: float = 0.3
    purpose: str = "answer"
    """What the call is for, in metrics and the trace: answer, triage, …"""
    account: "Account | None" = None
    """On whose account it goes; without one no ceiling holds (``relevo doctor`` asks so)."""
    asks_again: bool = False
    """Whether a rate limit makes the asker ask again later: then no other model steps in yet."""


@dataclass(frozen=True, slots=True)
class Account:
    """The project and conversation that a call is made for."""

    project: ProjectId
    conversation: ConversationId


@dataclass(frozen=True, slots=True)
class ModelCall:
    """The record of one question: which model, how many wire calls it took, tokens, cost, time."""

    model: str
    purpose: str
    wire_calls: int
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    milliseconds: float = 0.0
    error: str | None = None
    """The name of the error's kind when the ladder ended without an answer."""


@dataclass(frozen=True, slots=True)
class ModelReply:
    text: str
    tool_requests: tuple[ToolRequest, ...] = ()
    data: Any = None
    calls: tuple[ModelCall, ...] = field(default=())
    """Every question it took: one, or more where an answer was repaired or another model stepped in."""


class Model(Protocol):
    """A language model behind the whole retry ladder."""

    async def ask(
        self, request: ModelRequest, deadline: Deadline, on_text: Callable[[str], None] | None = None
    ) -> ModelReply:
        """Answers ``request`` before ``deadline``.

        With ``on_text`` the answer is streamed: each piece of text is passed as it comes; ``on_text("")``
        means "forget what came so far" (an attempt broke off and another begins).
        Raises a ``ModelError`` of relevo.llm.errors when every rung of the ladder is used up.
        """
        ...

    async def close(self) -> None: ...
