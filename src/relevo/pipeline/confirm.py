"""What waits for the person's yes: decided by code, from a later message, and never by a model."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from relevo.agents.agent import Agent
from relevo.agents.playbook import render
from relevo.agents.tool import Proposal, ToolContext, ToolError
from relevo.domain.conversation import ConversationState, PendingAction
from relevo.domain.decision import HandoffKind
from relevo.domain.ids import MessageId
from relevo.domain.message import ReplyPart, Role, Said, ToolCall
from relevo.domain.signals import Act, Language
from relevo.pipeline.handoff import hand_over
from relevo.pipeline.state import Escalation, TurnContext, TurnState, language_of
from relevo.pipeline.tools import explain, has_begun, once
from relevo.triage.dialogue import act_of, confirms, declines
from relevo.triage.normalise import fold, prepare

VALID = timedelta(minutes=15)
"""How long a question stays open."""


_CALLS_OFF = re.compile(
    r"\W*(?:(?:no|ay|uy|oye|ok|pero|but|oh|well|um+)\W+)*(?:mejor no|mejor nada|espera\w*|aguanta|ya no"
    r"|olvidalo|dejal[oa]|me arrepenti"
    r"|wait|hold on|hold off|never ?mind|forget it|leave it|actually no|i (?:have )?changed my mind)\b[^?\d]*"
)
"""Second thoughts about what is asked: no further figure and no question in them."""
_LONGEST_SECOND_THOUGHT = 60


class Verdict(StrEnum):
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    UNCLEAR = "unclear"
    OTHER = "other"
    """The person talks of something else: the question stays open."""


def propose(
    state: ConversationState, turn: TurnContext, agent: Agent, tool: str, proposal: Proposal
) -> ConversationState:
    """The state in which the proposal waits for a yes. A newer proposal replaces an older one."""
    pending = PendingAction(
        tool=tool,
        agent=agent.name,
        arguments=proposal.arguments,
        shown=proposal.shown,
        asked_in=turn.newest,
        expires_at=turn.engine.clock.now() + VALID,
    )
    return replace(state, pending=pending, awaiting=None, settled=None)


def verdict(turn: TurnContext, pending: PendingAction, since: Sequence[Said]) -> Verdict:
    """What the messages of this turn say to the open question; ``since`` is what was said after it.

    A burst confirms only when one message says so and the others are courtesies; one "no" among them
    declines. After talk of something else no yes is enough, since it may be the answer to another question:
    ours is put again.
    """
    texts = [message.text for message in turn.held.pending if message.id > pending.asked_in]
    if any(declines(text) or _calls_off(text) for text in texts):
        return Verdict.DECLINED
    yes = [text for text in texts if confirms(text)]
    rest = [text for text in texts if not confirms(text)]
    courtesies = all(act_of(prepare(text)) in (Act.THANKS, Act.GREETING) for text in rest)
    spoken_of_else = any(said.role is Role.CUSTOMER for said in since)
    if yes and courtesies and not spoken_of_else:
        return Verdict.CONFIRMED
    if yes or any(act_of(prepare(text)) is Act.YES for text in texts):
        return Verdict.UNCLEAR
    return Verdict.OTHER


def question_of(
    turn: TurnContext,
    agent: Agent,
    tool: str,
    shown: Mapping[str, Any],
    state: ConversationState,
    language: Language,
) -> str:
    """The question put for a proposal: our own words and code's figures, whatever a model would say."""
    play = next((play for play in agent.playbook.plays if play.tool == tool), None)
    if play is None:
        raise LookupError(f"agent {agent.name} has no play that shows what {tool} proposes")
    text = render(
        play.say[language],
        result=shown,
        slots={},
        facts=state.facts | turn.learned,
        person=turn.held.conversation.person,
    )
    return f"{text}\n{turn.engine.team.text('ask_to_confirm', language)}"


def _calls_off(text: str) -> bool:
    """Whether the message takes back what was asked for ("mejor no, espera"): nothing must stay open then."""
    folded = fold(text.strip())
    return len(folded) <= _LONGEST_SECOND_THOUGHT and _CALLS_OFF.fullmatch(folded) is not None


async def settle(state: TurnState, turn: TurnContext, agent: Agent) -> TurnState | None:
    """Answers a message that speaks to the open question; None when it does not."""
    known = state["state"]
    language = language_of(state)
    team = turn.engine.team
    if known.pending is None:
        if known.settled is not None and any(confirms(message.text) for message in turn.held.pending):
            return _say(agent, team.text("already_settled", language), known)
        return None
    since = [said for said in state["memory"].history if said.id > known.pending.asked_in]
    what = verdict(turn, known.pending, since)
    begun = turn.held.rerun and await has_begun(turn, MessageId(known.pending.asked_in), known.pending.tool)
    if begun:
        what = Verdict.CONFIRMED  # whatever has been written meanwhile: it may be done, and must be told
    if what is Verdict.OTHER:
        return None
    if what is not Verdict.DECLINED and known.pending.agent != agent.name:
        reason = f"answers what {known.pending.agent} asked"
        return hand_over(state, turn, agent.name, known.pending.agent, reason, HandoffKind.IMPLICIT)
    if what is Verdict.UNCLEAR:
        asked_again = replace(known, pending=replace(known.pending, asked_in=turn.newest))
        text = question_of(turn, agent, known.pending.tool, known.pending.shown, known, language)
        return _say(agent, text, asked_again)
    settled = replace(known, pending=None, settled=known.pending.tool)
    if what is Verdict.DECLINED:
        return _say(agent, team.text("cancelled", language), settled)
    if not begun and known.pending.expires_at < turn.held.pending[-1].at:
        return _say(agent, team.text("expired", language), settled)
    context = turn.tool_context(agent, settled, language)
    context.message = MessageId(known.pending.asked_in)  # one question, one effect, whoever answers when
    call = await _execute(turn, agent, known.pending, context)
    told: TurnState = {**_say(agent, _outcome(agent, call, context), settled), "tools": [call]}
    if not call.ok and call.result.get("person"):
        told["escalation"] = Escalation(f"{call.name}: {call.result['error']}", agent.name)
    return told


async def _execute(turn: TurnContext, agent: Agent, pending: PendingAction, context: ToolContext) -> ToolCall:
    tool = agent.tools[pending.tool]
    function = tool.on_confirmed
    if function is None:
        raise LookupError(f"tool {tool.name} asks for a confirmation but has nothing to do after it")
    turn.publish("tool", name=tool.name)
    started = turn.engine.clock.monotonic()
    try:
        result, ok = await once(turn, tool.name, function, pending.arguments, context), True
    except ToolError as error:
        result, ok = explain(error, context), False
    elapsed = (turn.engine.clock.monotonic() - started) * 1000
    return ToolCall(tool.name, pending.arguments, result, ok, round(elapsed, 2))


def _outcome(agent: Agent, call: ToolCall, context: ToolContext) -> str:
    if not call.ok:
        return str(call.result["message"])
    play = agent.playbook.get(f"{call.name}.done")
    if play is None:
        raise LookupError(f"agent {agent.name} has no play {call.name}.done to tell the outcome")
    return render(
        play.say[context.language],
        result=call.result,
        slots={},
        facts=context.state.facts | context.learned,
        person=context.person,
    )


def _say(agent: Agent, text: str, state: ConversationState) -> TurnState:
    return {"parts": [ReplyPart(agent.name, text)], "state": state, "mode": "playbook"}
