"""What the readers of slots have in common: how one is made, and what the conversation already knows."""

from collections.abc import Callable, Mapping
from typing import Any

from relevo.agents.team import Slot
from relevo.agents.tool import ToolContext
from relevo.teams.music.telling import SPOKEN_OF


def reading(reader: Callable[[str], Any]) -> Slot:
    """The slot that a plain reader of the text fills."""

    async def slot(text: str, context: ToolContext) -> Any:
        return reader(text)

    return slot


def always(value: str) -> Slot:
    """A slot with the same value whatever is said: a play's own constant."""

    async def slot(text: str, context: ToolContext) -> str:
        return value

    return slot


def known(context: ToolContext) -> Mapping[str, Any]:
    return context.state.facts | context.learned


def spoken_of(context: ToolContext, *matters: str) -> bool:
    return known(context).get(SPOKEN_OF) in matters


def asked(context: ToolContext, slot: str) -> bool:
    """Whether the person was just asked for this slot, so that a bare answer counts."""
    return context.state.awaiting is not None and context.state.awaiting.slot == slot
