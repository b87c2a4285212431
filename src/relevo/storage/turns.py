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


async def insert_turn(connection: Connection, turn: TurnRecord) -> None:
    await connection.execute(
        "INSERT INTO turns (project_id, id, conversation_id, lease_token, agent, mode, route, rule, reason,"
        " snapshot, trace, input_tokens, output_tokens, cost_usd, milliseconds)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            turn.conversation.project,
            turn.id,
            turn.conversation.id,
            turn.token,
            turn.agent,
            turn.mode,
            turn.decision.route,
            turn.decision.rule,
            turn.decision.reason,
            json(turn.snapshot),
            json(turn.trace),
            turn.input_tokens,
            turn.output_tokens,
            turn.cost_usd,
            turn.milliseconds,
        ),
    )


async def insert_replies(connection: Connection, turn: TurnRecord) -> list[MessageId]:
    """Stores what was said, in order; the tools stand with the last answer. Returns the new ids."""
    if not turn.parts:
        return []
    rows: list[object] = []
    last = len(turn.parts) - 1
    for index, part in enumerate(turn.parts):
        meta = {"kind": part.kind} | ({"tools": turn.tools} if turn.tools and index == last else {})
        rows += [turn.conversation.project, turn.conversation.id, part.agent, part.text,
                 turn.conversation.channel, turn.id, json(meta)]  # fmt: skip
    values = ", ".join(["(%s, %s, 'agent', %s, %s, %s, 'said', %s, %s)"] * len(turn.parts))
    inserted = await (
        await connection.execute(
            "INSERT INTO messages (project_id, conversation_id, role, name, body, channel, state, turn_id,"
            " meta)"
            f" VALUES {values} RETURNING id",
            rows,
        )
    ).fetchall()
    return [MessageId(row["id"]) for row in inserted]


async def insert_handoffs(connection: Connection, turn: TurnRecord) -> None:
    for handoff in turn.handoffs:
        await connection.execute(
            "INSERT INTO handoffs (project_id, conversation_id, turn_id, giver, receiver, kind, reason,"
            " digest_before, digest_after) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                turn.conversation.project, turn.conversation.id, turn.id, handoff.giver, handoff.receiver,
                handoff.kind, handoff.reason, handoff.digest_before, handoff.digest_after,
            ),
        )  # fmt: skip


async def mark_answered(connection: Connection, turn: TurnRecord, messages: Sequence[Pending]) -> None:
    await connection.execute(
        "UPDATE messages SET state = 'done', turn_id = %s WHERE project_id = %s AND id = ANY(%s)",
        (turn.id, turn.conversation.project, [message.id for message in messages]),
    )


async def release(
    connection: Connection, turn: TurnRecord, state: ConversationState, due_in: float | None, *, keep: bool
) -> None:
    """Writes the conversation's new state; ``due_in`` seconds from now it is due again, None: it is idle.

    With ``keep`` the worker holds it on, for its next turn; otherwise its token is worth nothing any more.
    """
    await connection.execute(
        "UPDATE conversations SET state = %(state)s, version = version + 1,"
        " due_at = now() + make_interval(secs => %(due_in)s::float8),"
        " attempts = CASE WHEN %(keep)s THEN 1 ELSE 0 END,"
        " lease_token = CASE WHEN %(keep)s THEN lease_token END"
        " WHERE project_id = %(project)s AND id = %(id)s",
        {
            "state": json(state),
            "due_in": due_in,
            "keep": keep,
            "project": turn.conversation.project,
            "id": turn.conversation.id,
        },
    )


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
    """A conversation's turns, oldest first."""
    return await (
        await connection.execute(
            "SELECT * FROM turns WHERE project_id = %s AND conversation_id = %s ORDER BY id",
            (project, conversation),
        )
    ).fetchall()
