"""Tells those who watch a conversation, and the metrics, what a turn came to."""

from typing import Any

from relevo.domain.ids import AgentName
from relevo.insight.metrics import (
    ESCALATIONS,
    HANDOFFS,
    MODEL_CALLS,
    MODEL_COST,
    TOOL_CALLS,
    TURN_SECONDS,
    TURNS,
)
from relevo.pipeline.commit import Committed
from relevo.pipeline.state import TurnContext
from relevo.storage.database import Database
from relevo.storage.tickets import add_event
from relevo.storage.turns import TurnRecord


def tell(turn: TurnContext, committed: Committed) -> None:
    """Publishes the committed messages, then the turn's summary; counts it."""
    record = committed.turn
    if not record.parts:
        turn.publish("reset")  # a person took over while it was being written
    at = turn.engine.clock.now().isoformat()
    for id, part in zip(committed.messages, record.parts, strict=True):
        turn.publish(
            "message",
            id=id,
            role="agent",
            agent=part.agent,
            name=None,
            content=part.text,
            at=at,
            turn=turn.id,
            kind=part.kind,
        )
    turn.publish(
        "committed",
        answered=[message.id for message in turn.held.pending],
        reply=summary(record, list(committed.messages)),
    )
    _count(record, turn.engine.team.human)


def summary(record: TurnRecord, messages: list[Any]) -> dict[str, Any]:
    """The turn's answer as the API gives it."""
    signals = record.state.signals
    return {
        "content": "\n\n".join(part.text for part in record.parts),
        "agent": record.agent,
        "signals": signals,
        "mode": record.mode,
        "route": record.decision.route,
        "handoffs": [
            {"from": each.giver, "to": each.receiver, "kind": each.kind, "reason": each.reason}
            for each in record.handoffs
        ],
        "ticket": {"number": record.state.ticket.number} if record.state.ticket else None,
        "escalated": record.trace["escalated"],
        "tools": [{"name": call.name, "ok": call.ok} for call in record.tools],
        "cost_usd": record.cost_usd,
        "milliseconds": record.milliseconds,
        "turn": record.id,
        "message_ids": messages,
    }


def _count(record: TurnRecord, human: AgentName) -> None:
    agent = record.agent or "none"
    TURNS.labels(agent, record.mode, record.decision.route).inc()
    TURN_SECONDS.observe(record.milliseconds / 1000)
    for handoff in record.handoffs:
        HANDOFFS.labels(handoff.giver, handoff.receiver, handoff.kind).inc()
        if handoff.receiver == human:
            ESCALATIONS.labels(handoff.giver).inc()
    for tool in record.tools:
        TOOL_CALLS.labels(tool.name, str(tool.ok).lower()).inc()
    for call in record.trace["calls"]:
        MODEL_CALLS.labels(call.model, call.purpose, call.error or "ok").inc(call.wire_calls)
        MODEL_COST.labels(call.model, agent).inc(call.cost_usd)


async def leave_word(database: Database, turn: TurnContext) -> None:
    """Tells the person who has taken over what was done before: nothing else will be said of it."""
    ticket = turn.held.conversation.state.ticket
    if ticket is None or not turn.effects:
        return
    project = turn.held.conversation.project
    async with database.project(project) as connection:
        for (tool, _), result in turn.effects.items():
            await add_event(connection, project, ticket.id, "done", "relevo", f"{tool}: {result}")
