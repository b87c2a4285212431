"""The shapes the API takes and gives."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class NewChat(BaseModel):
    """Who is about to speak. Without either field: an unknown person."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    customer_token: str | None = Field(
        None, max_length=4000, description="A signed customer token (HS256), see docs/identity.md"
    )
    speak_as: str | None = Field(
        None, alias="as", max_length=100, description="In the demo only: one of its named customers"
    )


class ChatCreated(BaseModel):
    chat_id: str = Field(examples=["c_019a5b1e0c7a5d2f8e3b9c4a1f60"])
    customer: dict[str, Any] | None = Field(None, examples=[{"name": "Ana Torres"}])


class NewMessage(BaseModel):
    model_config = ConfigDict(extra="forbid")

    content: str = Field(examples=["¿Cuánto cuesta el plan Pro?"])


class HandoffOut(BaseModel):
    giver: str = Field(alias="from")
    receiver: str = Field(alias="to")
    kind: str
    reason: str


class Reply(BaseModel):
    """The answer to a message. ``mode`` is model, playbook, refusal, deferred or silence."""

    content: str = Field(examples=["El plan Pro cuesta 49.99 USD al mes."])
    agent: str | None = Field(examples=["sales"])
    signals: dict[str, Any] | None
    mode: str = Field(examples=["playbook"])
    route: str
    handoffs: list[HandoffOut]
    ticket: dict[str, Any] | None
    escalated: bool
    tools: list[dict[str, Any]]
    cost_usd: float
    milliseconds: float
    turn: str
    message_ids: list[int]


class Waiting(BaseModel):
    """The turn goes on past its deadline: read the reply where ``messages`` points."""

    status: str = "working"
    messages: str


class MessageOut(BaseModel):
    id: int
    role: str
    agent: str | None
    name: str | None
    content: str
    at: str
    turn: str | None
    kind: str


class Messages(BaseModel):
    messages: list[MessageOut]
    agent: str | None
    owner: str | None
    ticket: dict[str, Any] | None
