"""Domain values to and from jsonb."""

from typing import Any

from psycopg.types.json import Jsonb
from pydantic import TypeAdapter

from relevo.domain.conversation import ConversationState
from relevo.domain.message import ToolCall

_STATE = TypeAdapter(ConversationState)
_TOOLS = TypeAdapter(tuple[ToolCall, ...])


def read_state(value: dict[str, Any]) -> ConversationState:
    """Raises pydantic.ValidationError when what is stored is not a state of this version."""
    return _STATE.validate_python(value) if value else ConversationState()


def read_tools(value: list[dict[str, Any]]) -> tuple[ToolCall, ...]:
    return _TOOLS.validate_python(value) if value else ()


def json(value: Any) -> Jsonb:
    """Any JSON-able value, dataclasses included, as a parameter for a jsonb column."""
    return Jsonb(value)
