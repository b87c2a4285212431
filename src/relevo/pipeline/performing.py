"""Performs a play: asks for what it still needs, calls its tool, fills its template."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import structlog

from relevo.agents.agent import Agent
from relevo.agents.playbook import Play, render
from relevo.agents.tool import ToolContext
from relevo.agents.unavailable import Unavailable
from relevo.domain.conversation import Awaiting
from relevo.domain.message import ReplyPart, ToolCall
from relevo.domain.signals import Language
from relevo.pipeline.confirm import propose
from relevo.pipeline.state import Escalation, TurnContext, TurnState
from relevo.pipeline.tools import call_tool

log = structlog.get_logger()

CALLED_OFF = "never_mind"
"""The play that tells the person they took back what they asked for: nothing stays open after it."""


@dataclass(slots=True)
class Performance:
    """A play about to be performed, with the slots filled so far, for the part of the message it is about."""

    play: Play
    text: str
    slots: dict[str, Any] = field(default_factory=dict)


async def perform(
    performance: Performance, state: TurnState, turn: TurnContext, agent: Agent, context: ToolContext
) -> TurnState:
    """The update that the play makes, also where what it needs to know cannot be looked up."""
    try:
        return await _perform(performance, state, turn, agent, context)
    except Unavailable as error:
        return not_told(error, state, agent, context.language)


def not_told(error: Unavailable, state: TurnState, agent: Agent, language: Language) -> TurnState:
    """Says that the system which would know gives no answer; what was open before stays open."""
    log.warning("system_unavailable", agent=agent.name, why=str(error))
    said = ReplyPart(agent.name, error.texts[language])
    return {"parts": [said], "state": state["state"], "mode": "playbook"}


async def _perform(
    performance: Performance, state: TurnState, turn: TurnContext, agent: Agent, context: ToolContext
) -> TurnState:
    play, slots, known, language = (
        performance.play, performance.slots, state["state"], context.language
    )  # fmt: skip
    for slot in dict.fromkeys([*play.require, *play.args.values()]):
        if slot not in slots and (value := await read(slot, performance.text, turn, context)) is not None:
            slots[slot] = value
    missing = next((slot for slot in play.require if slot not in slots), None)
    if missing is not None:
        question = render(play.ask[missing][language], **values(context, slots, None))
        waiting = replace(known, awaiting=Awaiting(agent.name, play.name, missing, dict(slots)), stumbles=0)
        return {"parts": [ReplyPart(agent.name, question)], "state": waiting, "mode": "playbook"}
    known = replace(known, awaiting=None, stumbles=0)
    if play.name == CALLED_OFF:
        known = replace(known, pending=None)
    calls: list[ToolCall] = []
    result: Any = None
    if play.tool is not None:
        arguments = {name: slots[slot] for name, slot in play.args.items() if slot in slots}
        call, proposal = await call_tool(turn, agent.tools[play.tool], arguments, context)
        calls, result = [call], call.result
        if not call.ok:
            if known.pending is not None and known.pending.tool == play.tool:
                known = replace(known, pending=None)  # what was proposed is no longer what they want
            refused: TurnState = {
                "parts": [ReplyPart(agent.name, _sorry(play, call, context, slots))],
                "tools": calls, "state": known, "mode": "playbook",
            }  # fmt: skip
            if call.result.get("person"):
                refused["escalation"] = Escalation(f"{play.name}: {call.result['error']}", agent.name)
            return refused
        if proposal is not None:
            known = propose(known, turn, agent, play.tool, proposal)
    text = render(play.say[language], **values(context, slots, result))
    if known.pending is not None and known.pending.asked_in == turn.newest:
        text = f"{text}\n{turn.engine.team.text('ask_to_confirm', language)}"
    update: TurnState = {
        "parts": [ReplyPart(agent.name, text)], "tools": calls, "state": known, "mode": "playbook"
    }  # fmt: skip
    if play.escalate:
        update["escalation"] = Escalation(f"play {play.name}", agent.name)
    return update


async def read(slot: str, text: str, turn: TurnContext, context: ToolContext) -> Any:
    """The slot's value as ``text`` tells it, None where it does not."""
    reader = turn.engine.team.slots.get(slot)
    return None if reader is None else await reader(text, context)


def values(context: ToolContext, slots: Mapping[str, Any], result: Any) -> dict[str, Any]:
    """What a play's template is given."""
    return {
        "result": result,
        "slots": slots,
        "facts": context.state.facts | context.learned,
        "person": context.person,
    }


def _sorry(play: Play, call: ToolCall, context: ToolContext, slots: Mapping[str, Any]) -> str:
    own = play.sorry.get(call.result["error"])
    if own is None:
        return str(call.result["message"])
    return render(own[context.language], **values(context, slots, call.result))
