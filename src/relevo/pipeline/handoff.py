"""A conversation passes from agent to agent: the whole state, with a receipt that nothing was lost."""

from typing import Any

from relevo.agents.agent import Agent
from relevo.domain.conversation import digest
from relevo.domain.decision import Handoff, HandoffKind
from relevo.domain.ids import AgentName
from relevo.domain.message import ReplyPart
from relevo.pipeline.state import MOST_HANDOFFS, Escalation, Passing, TurnContext, TurnState, language_of


def shared(state: TurnState, turn: TurnContext) -> dict[str, Any]:
    """Everything an agent knows of a conversation except its own name: what both sides must have alike."""
    known = state["state"]
    return {
        "history": [(said.id, said.role, said.name, said.text) for said in state["memory"].history],
        "past_tools": [call for said in state["memory"].history for call in said.tools],
        "profile": state["memory"].profile,
        "messages": [(message.id, message.text) for message in turn.held.pending],
        "facts": known.facts | turn.learned,
        "problems": known.problems,
        "pending": known.pending,
        "awaiting": known.awaiting,
        "ticket": known.ticket,
        "signals": state["signals"],
        "tools": state.get("tools", []),
    }


def hand_over(
    state: TurnState,
    turn: TurnContext,
    giver: AgentName,
    receiver: AgentName,
    reason: str,
    kind: HandoffKind,
) -> TurnState:
    """The update by which ``giver`` passes on; past two handoffs a turn a person is fetched instead."""
    if len(state.get("handoffs", [])) >= MOST_HANDOFFS:
        return {"escalation": Escalation(f"passed around: {reason}", giver), "passing": None}
    passing = Passing(giver, receiver, reason, kind, digest(shared(state, turn)))
    return {"passing": passing, "escalation": None}


def take_over(state: TurnState, turn: TurnContext, receiver: Agent) -> TurnState:
    """The update by which ``receiver`` takes what is passed: the receipt and the transition sentence."""
    passing = state.get("passing")
    if passing is None:
        return {}
    language = language_of(state)
    receipt = Handoff(
        giver=passing.giver,
        receiver=receiver.name,
        reason=passing.reason,
        kind=passing.kind,
        digest_before=passing.digest,
        digest_after=digest(shared(state, turn)),
    )
    turn.publish("handoff", **{"from": passing.giver, "to": receiver.name})
    part = ReplyPart(passing.giver, receiver.transition[language], "transition")
    return {"handoffs": [receipt], "parts": [part], "passing": None}
