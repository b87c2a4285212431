"""An agent answers with a model: it may call tools, hand over or fetch a person, in bounded steps."""

import re
from collections.abc import Collection
from dataclasses import replace
from typing import Any

import orjson

from relevo.agents.agent import Agent
from relevo.agents.prompt import ESCALATE, HAND_OFF, chat_messages, system_prompt, tool_specs
from relevo.agents.unavailable import Unclear
from relevo.domain.decision import HandoffKind
from relevo.domain.ids import AgentName
from relevo.domain.message import ReplyPart, ToolCall, tame
from relevo.domain.signals import Language
from relevo.llm.errors import InvalidAnswer, ModelError
from relevo.llm.port import Model, ModelCall, ModelReply, ModelRequest, ToolRequest
from relevo.pipeline.confirm import propose, question_of
from relevo.pipeline.disclosure import discloses
from relevo.pipeline.egress import Preview, clean
from relevo.pipeline.handoff import hand_over
from relevo.pipeline.state import Escalation, Interrupted, TurnContext, TurnState, language_of
from relevo.pipeline.tools import call_tool

MOST_PAST_TOOLS = 5
PAST_RESULT_CHARS = 300
"""Characters of a past tool's result that a model is shown."""


async def answer_with_model(state: TurnState, turn: TurnContext, agent: Agent, model: Model) -> TurnState:
    """The update that answers the turn with the model. Raises Interrupted when no answer is to be had."""
    language, known = language_of(state), state["state"]
    specs = tool_specs(turn.engine.team, agent, language)
    messages = [
        {"role": "system", "content": system_prompt(agent, language, _known(state, turn, agent))},
        *chat_messages(state["memory"].messages, [message.text for message in turn.held.pending]),
    ]
    tools: list[ToolCall] = []
    calls: list[ModelCall] = []
    context = turn.tool_context(agent, known, language)
    while turn.tool_steps <= turn.engine.max_tool_steps:
        preview = Preview(turn, agent)
        try:
            shown = preview.add if turn.previewed else None
            question = ModelRequest(messages, specs, account=turn.account, asks_again=not known.deferred)
            reply = await model.ask(question, turn.deadline, shown)
            calls += reply.calls
            if not reply.tool_requests:
                return _finish(state, turn, agent, reply.text, tools, calls)
        except ModelError as error:
            preview.withdraw()
            raise Interrupted(error, tools, calls) from error
        preview.withdraw()
        messages.append(_assistant(reply))
        for asked in reply.tool_requests:
            request = _tame_request(asked, turn.engine.team.links, agent)
            done: TurnState = {"tools": tools, "calls": calls, "mode": "model", "state": known}
            if request.name in (HAND_OFF, ESCALATE):
                now: TurnState = {**state, "state": known, "tools": [*state.get("tools", []), *tools]}
                return {**done, **_pass_on(now, turn, agent, request)}
            turn.tool_steps += 1
            if turn.tool_steps > turn.engine.max_tool_steps:
                break
            tool = agent.tools.get(request.name)
            if tool is None:
                messages.append(_result(request, {"error": "unknown_tool"}))
                continue
            call, proposal = await call_tool(turn, tool, request.arguments, context)
            tools.append(call)
            if not call.ok and call.result["error"] == Unclear.kind:
                told = ReplyPart(agent.name, str(call.result["message"]))
                return {
                    **done,
                    "parts": [told],
                    "escalation": Escalation(f"{call.name}: unclear", agent.name),
                }
            if proposal is not None:
                known = propose(known, turn, agent, tool.name, proposal)
                text = question_of(turn, agent, tool.name, call.result, known, language)
                return {**done, "state": known, "parts": [ReplyPart(agent.name, text)]}
            messages.append(_result(request, call.result))
    return {
        "tools": tools,
        "calls": calls,
        "mode": "model",
        "escalation": Escalation(f"{turn.engine.max_tool_steps} tool steps and no answer", agent.name),
    }


def _tame_request(request: ToolRequest, links: Collection[str], agent: Agent) -> ToolRequest:
    """What the model asks for, in text that can be stored, and without what must not come back out."""
    return ToolRequest(request.id, tame(request.name), _tamed(request.arguments, links, agent))


def _tamed(value: Any, links: Collection[str], agent: Agent) -> Any:
    match value:
        case str():
            text = clean(tame(value), links)
            return "" if discloses(text, agent) else text
        case dict():
            return {tame(str(name)): _tamed(each, links, agent) for name, each in value.items()}
        case list():
            return [_tamed(each, links, agent) for each in value]
    return value


def _finish(
    state: TurnState,
    turn: TurnContext,
    agent: Agent,
    text: str,
    tools: list[ToolCall],
    calls: list[ModelCall],
) -> TurnState:
    text = clean(text, turn.engine.team.links)
    if not text:
        raise InvalidAnswer("nothing was left of the answer after cleaning")
    if discloses(text, agent):
        raise InvalidAnswer("the answer repeats what only the model is told")
    done: TurnState = {
        "tools": tools, "calls": calls, "mode": "model",
        "state": replace(state["state"], awaiting=None, stumbles=0),
    }  # fmt: skip
    promised = _promises(text, turn, agent, language_of(state))
    if promised is not None:
        reason = "its answer promised to pass the matter on"
        now: TurnState = {**state, "state": done["state"], "tools": [*state.get("tools", []), *tools]}
        return {**done, **hand_over(now, turn, agent.name, promised, reason, HandoffKind.IMPLICIT)}
    return {**done, "parts": [ReplyPart(agent.name, text)]}


def _pass_on(state: TurnState, turn: TurnContext, agent: Agent, request: ToolRequest) -> TurnState:
    reason = str(request.arguments.get("reason") or "no reason given")[:300]
    if request.name == ESCALATE:
        return {"escalation": Escalation(reason, agent.name)}
    to = AgentName(str(request.arguments.get("to")))
    if to == turn.engine.team.human:
        return {"escalation": Escalation(reason, agent.name)}
    if to not in turn.engine.team.talking or to == agent.name:
        return {"escalation": Escalation(f"handed over to nobody ({to}): {reason}", agent.name)}
    return hand_over(state, turn, agent.name, to, reason, HandoffKind.EXPLICIT)


_PASSING_VERBS = {
    Language.ES: re.compile(
        r"\b(?:(?:te|le|los?)\s+(?:paso|transfiero|comunico|derivo|conecto|pongo)"
        r"|voy a (?:pasar|transferir|derivar)\w*)\b(?P<rest>[^.!?\n]*)",
        re.IGNORECASE,
    ),
    Language.EN: re.compile(
        r"\b(?:i'?ll|i will|let me|i am|i'?m)\s+(?:transfer|pass|hand|connect)(?:ing|ring)?\b"
        r"(?P<rest>[^.!?\n]*)",
        re.IGNORECASE,
    ),
}


def _promises(text: str, turn: TurnContext, agent: Agent, language: Language) -> AgentName | None:
    """Another agent to whom the answer says the person is being passed: a promise we then keep."""
    found = _PASSING_VERBS[language].search(text)
    if found is None:
        return None
    rest = found.group("rest").lower()
    for name in turn.engine.team.talking:
        if name != agent.name and turn.engine.team.agents[name].title[language].lower() in rest:
            return name
    return None


def _known(state: TurnState, turn: TurnContext, agent: Agent) -> dict[str, Any]:
    """What the agent knows beside the talk itself; what there is nothing of is left out."""
    conversation, memory, known = turn.held.conversation, state["memory"], state["state"]
    person, facts = conversation.person, known.facts | turn.learned
    past_tools = [call for said in memory.history for call in said.tools] + state.get("tools", [])
    handoffs = [(each.giver, each.receiver, each.reason) for each in memory.handoffs]
    handoffs += [(each.giver, each.receiver, each.reason) for each in state.get("handoffs", [])]
    told = {
        "channel": conversation.channel,
        "facts": facts,
        "profile": {
            slot.name: slot.value for slot in memory.profile.slots if facts.get(slot.name) != slot.value
        },
        "account": memory.profile.account,
        "closed_tickets": memory.profile.resolutions,
        "problems": known.problems,
        "last_episode": known.episode.summary if known.episode else None,
        "sentiment": state["signals"].sentiment,
        "open_ticket": known.ticket.number if known.ticket else None,
        "waiting_for_confirmation": known.pending.shown if known.pending else None,
        "handoffs": [{"from": giver, "to": receiver, "reason": why} for giver, receiver, why in handoffs],
        "recent_tools": [
            {"tool": call.name, "result": _in_short(call.result)} for call in past_tools[-MOST_PAST_TOOLS:]
        ],
    }
    return {
        "person": {"name": person.name, "identified": person.customer is not None},
        **{name: value for name, value in told.items() if value},
    }


def _in_short(result: Any) -> Any:
    """A past tool's result; of a long one its beginning, for the talk holds what was said of it."""
    whole = orjson.dumps(result, default=str).decode()
    return (
        result
        if len(whole) <= PAST_RESULT_CHARS
        else f"{whole[:PAST_RESULT_CHARS]}… (call it again for more)"
    )


def _assistant(reply: ModelReply) -> dict[str, Any]:
    return {
        "role": "assistant",
        "content": reply.text or None,
        "tool_calls": [
            {
                "id": request.id,
                "type": "function",
                "function": {"name": request.name, "arguments": orjson.dumps(request.arguments).decode()},
            }
            for request in reply.tool_requests
        ],
    }


def _result(request: ToolRequest, result: Any) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": request.id, "content": orjson.dumps(result, default=str).decode()}
