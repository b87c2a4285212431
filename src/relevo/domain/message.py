"""What people and agents say: as it comes in, as it stands in the history, as it goes out."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from relevo.domain.ids import (
    AgentName,
    ChannelName,
    ConversationId,
    CustomerRef,
    MessageId,
    ProjectId,
    TurnId,
)


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """A message as a channel hands it over, before it is stored.

    ``address`` is where the sender is reached on the channel and what keys the conversation (a phone
    number, a chat id). ``provider_id`` is the channel's own id of the message: it is stored once for ever.
    ``customer`` is set only by a channel that has proved who is speaking.
    """

    project: ProjectId
    channel: ChannelName
    address: str
    provider_id: str
    text: str
    sender_name: str | None = None
    customer: CustomerRef | None = None
    proved: bool = False
    """Whether the channel proves who writes, message by message: then ``customer`` None is known too."""
    meta: dict[str, Any] = field(default_factory=dict)


_ATTACHED = re.compile(r"\[(?:image|audio|video|file|location|sticker|contact)\]")
"""What a channel writes for something that came along and is no text."""


def words_of(text: str) -> str:
    """``text`` without what only says that something was attached."""
    return _ATTACHED.sub("", text).strip()


_CONTROLS = dict.fromkeys([*range(9), *range(11, 32), *range(127, 160)])


def tame(text: str) -> str:
    """``text`` as PostgreSQL can keep it and a terminal show it: without control characters but for tabs and
    new lines, and without halves of characters."""
    return text.translate(_CONTROLS).encode("utf-8", "replace").decode("utf-8")


class Role(StrEnum):
    CUSTOMER = "customer"
    AGENT = "agent"
    OPERATOR = "operator"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool as it was called in a turn, with what it returned (plain JSON)."""

    name: str
    arguments: dict[str, Any]
    result: Any
    ok: bool = True
    milliseconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a conversation's history. ``name`` is the agent's or the operator's."""

    id: MessageId
    role: Role
    text: str
    at: datetime
    name: str | None = None
    turn: TurnId | None = None
    tools: tuple[ToolCall, ...] = ()
    attached: tuple[str, ...] = ()
    """What came along: type and address of each."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A stored inbound message that no turn has answered yet."""

    id: MessageId
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ReplyPart:
    """One thing said in a turn: who says it and what. ``kind`` is answer, transition, notice or refusal."""

    agent: AgentName
    text: str
    kind: str = "answer"


@dataclass(frozen=True, slots=True)
class Wake:
    """The hint that a conversation has mail."""

    project: ProjectId
    conversation: ConversationId
