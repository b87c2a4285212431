"""A finished turn: its replies, its record and its effects, committed together or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from relevo.domain.conversation import Conversation, ConversationState
from relevo.domain.decision import Handoff, RouteDecision
from relevo.domain.ids import ConversationId, MessageId, ProjectId, TurnId
from relevo.domain.message import Pending, ReplyPart, ToolCall
from relevo.storage.codec import json
from relevo.storage.database import Connection
from relevo.storage.lease import Fenced, Outdated


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """What is kept of a turn. ``snapshot`` suffices to run it again, ``trace`` tells how it went."""

    id: TurnId
    conversation: Conversation
    token: int
    answered: tuple[Pending, ...]
    decision: RouteDecision
    agent: str | None
    mode: str
    parts: tuple[ReplyPart, ...]
    handoffs: tuple[Handoff, ...]
    tools: tuple[ToolCall, ...]
    state: ConversationState
    snapshot: dict[str, Any]
    trace: dict[str, Any]
    milliseconds: float
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    learned: dict[str, Any] = field(default_factory=dict)


async def commit_turn(
    connection: Connection,
    turn: TurnRecord,
    parcels: Sequence[Sequence[str]],
    *,
    lease: float,
    defer: float | None,
) -> tuple[tuple[MessageId, ...], bool]:
    """Ends a turn; returns the ids of its replies, and whether mail waits (then the worker holds it on).

    ``parcels`` are, for each part of the reply, the texts to be sent through the channel; ``defer`` are the
    seconds after which the same messages are worked on again. Raises Fenced when another worker owns the
    conversation, Outdated when the desk has changed it since it was read.
    """
    conversation = turn.conversation
    row = await (
        await connection.execute(
            "SELECT * FROM turn_commit(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                conversation.project,
                conversation.id,
                turn.token,
                conversation.version,
                conversation.channel,
                conversation.address,
                json(_record(turn, parcels)),
                json(turn.state),
                json(turn.snapshot),
                json(turn.trace),
                lease,
                defer,
            ),
        )
    ).fetchone()
    assert row is not None
    if row["outcome"] == "fenced":
        raise Fenced
    if row["outcome"] == "changed":
        raise Outdated
    return tuple(MessageId(id) for id in row["message_ids"]), row["more"]


def _record(turn: TurnRecord, parcels: Sequence[Sequence[str]]) -> dict[str, Any]:
    """The turn as ``turn_commit`` takes it; the tools stand with the last answer."""
    ticket, last = turn.conversation.state.ticket, len(turn.parts) - 1
    parts = [
        {
            "agent": part.agent,
            "text": part.text,
            "meta": {"kind": part.kind} | ({"tools": turn.tools} if turn.tools and place == last else {}),
            "parcels": texts,
        }
        for place, (part, texts) in enumerate(zip(turn.parts, parcels, strict=True))
    ]
    return {
        "id": turn.id,
        "agent": turn.agent,
        "mode": turn.mode,
        "route": turn.decision.route,
        "rule": turn.decision.rule,
        "reason": turn.decision.reason,
        "input_tokens": turn.input_tokens,
        "output_tokens": turn.output_tokens,
        "cost_usd": turn.cost_usd,
        "milliseconds": turn.milliseconds,
        "parts": parts,
        "handoffs": turn.handoffs,
        "answered": [message.id for message in turn.answered],
        "learned": turn.learned,
        "person": turn.conversation.person.id,
        "ticket": ticket.id if ticket else None,
    }


async def read_turn(
    connection: Connection, project: ProjectId, conversation: ConversationId, turn: TurnId
) -> dict[str, Any] | None:
    """A turn's row, or None when the conversation has no such turn."""
    return await (
        await connection.execute(
            "SELECT * FROM turns WHERE project_id = %s AND conversation_id = %s AND id = %s",
            (project, conversation, turn),
        )
    ).fetchone()


async def read_turns(
    connection: Connection, project: ProjectId, conversation: ConversationId
) -> list[dict[str, Any]]:
    """A conversation's turns, oldest first; ``said`` are the messages each answered, and its replies."""
    return await (
        await connection.execute(
            """
            SELECT t.*, (
                SELECT coalesce(jsonb_agg(
                    jsonb_build_object('role', m.role, 'name', m.name, 'text', m.body) ORDER BY m.id
                ), '[]')
                FROM messages m WHERE m.project_id = t.project_id
                  AND m.conversation_id = t.conversation_id AND m.turn_id = t.id
            ) AS said
            FROM turns t WHERE t.project_id = %s AND t.conversation_id = %s ORDER BY t.id
            """,
            (project, conversation),
        )
    ).fetchall()
