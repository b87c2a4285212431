"""Ends a turn: replies, record and effects in one transaction, only if the lease still holds."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from relevo.channels.port import Channel
from relevo.domain.conversation import ConversationState
from relevo.domain.decision import Route
from relevo.domain.ids import ChannelName, MessageId
from relevo.domain.message import Pending, Role, Said
from relevo.domain.signals import Act
from relevo.pipeline.state import TakenOver, TurnContext, TurnState
from relevo.storage.database import Connection
from relevo.storage.lease import Outdated
from relevo.storage.turns import TurnRecord, commit_turn


@dataclass(frozen=True, slots=True)
class Committed:
    """What a turn came to. ``messages`` are the ids of its replies; ``more`` says that mail waits."""

    turn: TurnRecord
    messages: tuple[MessageId, ...]
    more: bool


def record_of(turn: TurnContext, done: TurnState, started: float) -> TurnRecord:
    """The turn as it will be stored."""
    held, known = turn.held, done["state"]
    agent = done.get("agent")
    deferred = done.get("defer") is not None
    speaks_on = agent if agent in turn.engine.team.talking else known.agent
    if done["decision"].route is Route.REFUSE or _mere_courtesy(done):
        speaks_on = known.agent
    state = replace(
        known,
        agent=speaks_on,
        facts=known.facts | turn.learned,
        deferred=deferred,
    )
    calls = done.get("calls", [])
    elapsed = (turn.engine.clock.monotonic() - started) * 1000
    last = done["parts"][-1].agent if done.get("parts") else None
    return TurnRecord(
        id=turn.id,
        conversation=held.conversation,
        token=held.token,
        answered=() if deferred else held.pending,
        decision=done["decision"],
        agent=last,
        mode=done.get("mode", "silence"),
        parts=tuple(done.get("parts", [])),
        handoffs=tuple(done.get("handoffs", [])),
        tools=tuple(done.get("tools", [])),
        state=state,
        snapshot=_snapshot(turn, done),
        trace=_trace(turn, done, state),
        milliseconds=round(elapsed, 2),
        input_tokens=sum(call.input_tokens for call in calls),
        output_tokens=sum(call.output_tokens for call in calls),
        cost_usd=sum(call.cost_usd for call in calls),
        learned=dict(turn.learned),
    )


def _mere_courtesy(done: TurnState) -> bool:
    """A greeting tells nothing of the matter: whoever answered it does not own the conversation yet."""
    return done["decision"].rule == "stay" and done["signals"].act is not Act.STATEMENT


def _snapshot(turn: TurnContext, done: TurnState) -> dict[str, Any]:
    """What the turn began with; messages are named by id, since they stand in the inbox for ever."""
    conversation, memory = turn.held.conversation, done["memory"]
    return {
        "state": conversation.state,
        "channel": conversation.channel,
        "person": conversation.person,
        "owner": conversation.owner,
        "answered": [message.id for message in turn.held.pending],
        "session": [said.id for said in memory.messages],
        "earlier": [memory.earlier[0].id, memory.earlier[-1].id] if memory.earlier else [],
        "profile": memory.profile,
        "begun": memory.begun,
    }


def _trace(turn: TurnContext, done: TurnState, state: ConversationState) -> dict[str, Any]:
    memory = done["memory"]
    return {
        "signals": done["signals"],
        "memory": {
            "session_messages": len(memory.messages),
            "history_messages": len(memory.history),
            "last_episode": state.episode.summary if state.episode else None,
            "profile": {slot.name: slot.value for slot in memory.profile.slots}
            | {"account": memory.profile.account},
            "facts": done["state"].facts,
            "tickets": len(memory.profile.resolutions),
            "rebuilt": memory.rebuilt,
        },
        "tools": done.get("tools", []),
        "calls": done.get("calls", []),
        "handoffs": done.get("handoffs", []),
        "escalated": any(each.receiver == turn.engine.team.human for each in done.get("handoffs", [])),
        "ticket": {"number": state.ticket.number} if state.ticket else None,
        "steps": [{"name": name, "milliseconds": spent} for name, spent in done.get("steps", [])],
    }


async def commit(
    connection: Connection,
    turn: TurnRecord,
    channels: dict[ChannelName, Channel],
    *,
    lease: float,
    defer: float | None,
) -> Committed:
    """Writes the turn, whole or not at all. Raises Fenced when another worker owns the conversation.

    Raises TakenOver when someone else has changed the conversation since the turn began (a person took it
    over, gave it back, closed its ticket): what the turn knows and would say is outdated, it must run again.
    """
    channel = channels.get(turn.conversation.channel)
    parcels = [channel.split(part.text) if channel is not None else () for part in turn.parts]
    try:
        ids, more = await commit_turn(connection, turn, parcels, lease=lease, defer=defer)
    except Outdated as outdated:
        raise TakenOver("the conversation was changed while the turn worked") from outdated
    return Committed(turn, ids, more)


def said_in(committed: Committed, now: datetime) -> list[Said]:
    """The turn as history: what the person wrote, then what was said."""
    turn = committed.turn
    asked = [_asked(message, turn) for message in turn.answered]
    last = len(turn.parts) - 1
    replies = [
        Said(id, Role.AGENT, part.text, now, part.agent, turn.id, turn.tools if index == last else ())
        for index, (id, part) in enumerate(zip(committed.messages, turn.parts, strict=True))
    ]
    return [*asked, *replies]


def _asked(message: Pending, turn: TurnRecord) -> Said:
    return Said(message.id, Role.CUSTOMER, message.text, message.at, None, turn.id)
