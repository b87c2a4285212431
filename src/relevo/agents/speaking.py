"""An agent that answers by code: ``async def speak(speaking) -> Spoken`` in its speak.py.

It calls its own tools, so that what it does is on the record, done once, and left out of a replay.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from relevo.agents.tool import ToolContext
from relevo.domain.ids import AgentName
from relevo.domain.message import ToolCall
from relevo.domain.signals import Language


class Calling(Protocol):
    """Calls one of the agent's tools; what it refuses is a call that is not ``ok``."""

    async def __call__(self, tool: str, /, **arguments: object) -> ToolCall: ...


@dataclass(frozen=True, slots=True)
class Speaking:
    """What an agent answers to."""

    text: str
    language: Language
    context: ToolContext
    call: Calling


@dataclass(frozen=True, slots=True)
class Spoken:
    """The answer; ``then`` is the agent who goes on in the same turn, ``why`` it does."""

    text: str
    then: AgentName | None = None
    why: str = ""


Speak = Callable[[Speaking], Awaitable[Spoken]]
