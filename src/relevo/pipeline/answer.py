"""An agent answers: what waits for a yes first, then its own code or the model, the playbook, a person."""

from dataclasses import replace

import structlog

from relevo.agents.agent import Agent
from relevo.agents.playbook import BrokenPlay, render
from relevo.agents.unavailable import Unavailable
from relevo.domain.ids import AgentName
from relevo.domain.message import ReplyPart
from relevo.insight.metrics import OPERATOR_ALERTS
from relevo.llm.errors import ModelTimeout, RateLimited
from relevo.pipeline.adding import add_to_ticket
from relevo.pipeline.by_code import answer_by_code
from relevo.pipeline.confirm import settle
from relevo.pipeline.handoff import take_over
from relevo.pipeline.performing import not_told
from relevo.pipeline.state import Escalation, Interrupted, TurnContext, TurnState, language_of
from relevo.pipeline.stumbling import stumble
from relevo.pipeline.with_model import answer_with_model
from relevo.pipeline.with_playbook import answer_with_playbook

log = structlog.get_logger()

DEFER_SECONDS = 30.0
"""After a rate limit the same messages are worked on once more this much later."""


async def answer(state: TurnState, turn: TurnContext, agent: Agent) -> TurnState:
    """The update one agent adds to the turn."""
    received = take_over(state, turn, agent)
    turn.publish("turn", agent=agent.name)
    now: TurnState = {**state, "passing": None, "agent": agent.name}
    if received:
        now["handoffs"] = [*state.get("handoffs", []), *received["handoffs"]]
    done = await settle(now, turn, agent)
    if done is None:
        done = await _speak(now, turn, agent)
    if received:
        done = _picked_up(state, done, turn, agent)
    return _joined(received, await _told_ticket(now, done, turn, agent), agent.name)


async def _speak(state: TurnState, turn: TurnContext, agent: Agent) -> TurnState:
    model = turn.engine.model
    try:
        if agent.speak is not None:
            return await answer_by_code(state, turn, agent, agent.speak)
        if model is None:
            return await answer_with_playbook(state, turn, agent) or await stumble(state, turn, agent)
        await turn.guard()
        try:
            return await answer_with_model(state, turn, agent, model)
        except Interrupted as interrupted:
            return await _without_answer(state, turn, agent, interrupted)
    except Unavailable as error:
        return not_told(error, state, agent, language_of(state))
    except BrokenPlay as broken:
        _alert("broken_play", f"{agent.name}: {broken}")
        return _technical(state, turn, agent, "a play of the playbook is broken")


async def _without_answer(
    state: TurnState, turn: TurnContext, agent: Agent, interrupted: Interrupted
) -> TurnState:
    """The rungs after the model: defer once on a rate limit, else the playbook where sure, else a person."""
    cause, language, team = interrupted.cause, language_of(state), turn.engine.team
    log.warning("model_gave_no_answer", kind=cause.kind, agent=agent.name)
    if cause.tell_operators:
        _alert(cause.kind, str(cause))
    tried: TurnState = {"tools": interrupted.tools, "calls": interrupted.calls}
    if isinstance(cause, RateLimited) and not state["state"].deferred:
        notice = ReplyPart(agent.name, team.text("busy", language), "notice")
        return {**tried, "parts": [notice], "defer": DEFER_SECONDS, "mode": "deferred"}
    notices = []
    if isinstance(cause, ModelTimeout):
        notices = [ReplyPart(agent.name, team.text("slow", language), "notice")]
    played = await answer_with_playbook(state, turn, agent)
    if played is None:
        played = _technical(state, turn, agent, f"the model gave no answer ({cause.kind})")
    return {
        **played,
        "parts": [*notices, *played.get("parts", [])],
        "tools": [*interrupted.tools, *played.get("tools", [])],
        "calls": interrupted.calls,
    }


def _picked_up(state: TurnState, done: TurnState, turn: TurnContext, agent: Agent) -> TurnState:
    """The answer of an agent that has just received the conversation, with what it makes of what is known."""
    passing = state.get("passing")
    parts = done.get("parts", [])
    if agent.picks_up is None or passing is None or not parts or done.get("mode") != "playbook":
        return done
    facts = state["state"].facts | turn.learned
    person = turn.held.conversation.person
    known = render(agent.picks_up[language_of(state)], facts=facts, person=person, giver=passing.giver)
    if not known:
        return done
    first = replace(parts[0], text=f"{known} {parts[0].text}")
    return {**done, "parts": [first, *parts[1:]]}


async def _told_ticket(state: TurnState, done: TurnState, turn: TurnContext, agent: Agent) -> TurnState:
    """Something pressing that is written while a ticket is open reaches it, and the customer reads so."""
    ticket, signals = state["state"].ticket, state["signals"]
    if ticket is None or not signals.urgent or not done.get("parts"):
        return done
    text = turn.engine.team.text("added_to_ticket", signals.language, number=ticket.number)
    if any(part.text == text for part in done["parts"]):
        return done
    added = await add_to_ticket(state, turn, agent, "urgent")
    return done if added is None else {**done, "parts": [*done["parts"], added]}


def _technical(state: TurnState, turn: TurnContext, agent: Agent, reason: str) -> TurnState:
    """The last rung: say that something is wrong on our side, and fetch a person."""
    text = turn.engine.team.text("technical", language_of(state))
    return {
        "parts": [ReplyPart(agent.name, text, "notice")],
        "escalation": Escalation(reason, agent.name),
        "mode": "playbook",
    }


def _alert(kind: str, detail: str) -> None:
    OPERATOR_ALERTS.labels(kind=kind).inc()
    log.error("operator_alert", kind=kind, detail=detail)


def _joined(received: TurnState, done: TurnState, agent: AgentName) -> TurnState:
    """The transition sentence first, then what the agent itself says."""
    return {
        "passing": None,
        **done,
        "agent": agent,
        "handoffs": received.get("handoffs", []),
        "parts": [*received.get("parts", []), *done.get("parts", [])],
    }
