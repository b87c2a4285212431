"""An agent answers without a model: it finds the play, calls the same tools, fills a short template."""

from typing import Any

from relevo.agents.agent import Agent
from relevo.agents.choosing import chosen
from relevo.agents.playbook import CONFIDENT, Match, Play
from relevo.agents.tool import ToolContext
from relevo.domain.conversation import Awaiting
from relevo.domain.decision import HandoffKind
from relevo.domain.signals import Act
from relevo.pipeline.adding import add_to_ticket, fills_in
from relevo.pipeline.handoff import hand_over
from relevo.pipeline.matters import matters_in
from relevo.pipeline.performing import Performance, perform, read
from relevo.pipeline.state import TurnContext, TurnState, language_of
from relevo.triage.dialogue import follows_up, thanks
from relevo.triage.normalise import fold

ELSEWHERE = 0.7
"""From this score on another agent's play takes the message, when none of one's own is confident: a keyword
of two words reaches it however long the message rambles, a single word only in a short one."""
MOST_THANKS = 8
"""Words a message of thanks may have; a longer one is about something."""
MOST_ANSWER = 8
"""Words an answer to what was asked may have before another play that is surely named outweighs it."""
PLAINLY = 0.6
"""What a keyword scores at least: enough to outweigh a mere courtesy."""


async def answer_with_playbook(state: TurnState, turn: TurnContext, agent: Agent) -> TurnState | None:
    """The update that answers the turn from the agent's playbook, or passes it on to whose playbook can.

    None when no play fits surely.
    """
    context = turn.tool_context(agent, state["state"], language_of(state))
    if state["state"].awaiting is None or turn.matters:
        if not turn.matters:
            turn.matters = await matters_in(turn, state["state"], language_of(state))
        if turn.matters:
            return await _each(state, turn, agent, context)
    opener = fills_in(state, turn)
    if opener is not None and not _names_another(state, turn, agent, opener):
        added = await add_to_ticket(state, turn, agent, "told with it")
        if added is not None:
            return {"parts": [added], "state": state["state"], "mode": "playbook"}
    performance = await _find(state, turn, agent, context)
    if performance is None:
        elsewhere = _better_agent(state, turn, agent)
        if elsewhere is not None:
            reason = f"matches {elsewhere.name}'s playbook"
            return hand_over(state, turn, agent.name, elsewhere.name, reason, HandoffKind.IMPLICIT)
        performance = await _hinted(state, turn, agent, context)
    if performance is None and (hinted := await _hinted_agent(state, turn, agent)) is not None:
        reason = f"names what {hinted.name} can look up"
        return hand_over(state, turn, agent.name, hinted.name, reason, HandoffKind.IMPLICIT)
    performance = performance or _welcome(turn, agent)
    return None if performance is None else await perform(performance, state, turn, agent, context)


async def _each(state: TurnState, turn: TurnContext, agent: Agent, context: ToolContext) -> TurnState:
    """Answers the agent's own matters of several, what changes something last, and passes the others on."""
    own = [matter for matter in turn.matters if matter.agent == agent.name and not matter.done]
    now: TurnState = {**state}
    done: TurnState = {"parts": [], "tools": [], "mode": "playbook"}
    for matter in sorted(own, key=lambda each: _changes(agent, each.play)):
        matter.done = True
        update = await perform(Performance(matter.play, matter.text), now, turn, agent, context)
        done["parts"] += update["parts"]
        done["tools"] += update.get("tools", [])
        now["state"] = update["state"]
        context.state = update["state"]
        if (escalation := update.get("escalation")) is not None:
            done["escalation"] = escalation
    done["state"] = now["state"]
    left = next((matter for matter in turn.matters if not matter.done), None)
    if left is None or "escalation" in done:
        return done
    now["tools"] = [*state.get("tools", []), *done["tools"]]
    reason = f"the message also asks for {left.agent}'s {left.play.name}"
    return {**done, **hand_over(now, turn, agent.name, left.agent, reason, HandoffKind.IMPLICIT)}


def _changes(agent: Agent, play: Play) -> bool:
    tool = agent.tools.get(play.tool or "")
    return tool is not None and tool.effect


def _welcome(turn: TurnContext, agent: Agent) -> Performance | None:
    """The answer to a short thank-you that says something more, of which no play knows."""
    short = len(turn.text.split()) <= MOST_THANKS and "?" not in turn.text
    courtesy = agent.playbook.for_act(Act.THANKS) if short and thanks(turn.text) else None
    return Performance(courtesy, turn.text) if courtesy is not None else None


def confident_play(state: TurnState, turn: TurnContext, agent: Agent) -> Match | None:
    """The play that surely fits what the person wrote, if any."""
    match = chosen(agent, turn.text, language_of(state))
    return match if match is not None and match.score >= CONFIDENT else None


def _names_another(state: TurnState, turn: TurnContext, agent: Agent, tool: str) -> bool:
    """Whether the message names a matter of another tool than ``tool``."""
    match = confident_play(state, turn, agent)
    return match is not None and match.named and match.play.tool != tool


async def _find(
    state: TurnState, turn: TurnContext, agent: Agent, context: ToolContext
) -> Performance | None:
    """What changes an open proposal, what answers an open question, a courtesy, or what else matches."""
    text = turn.text
    known = state["state"]
    if known.pending is not None and known.pending.agent == agent.name:
        changed = await _hinted(state, turn, agent, context, tool=known.pending.tool)
        if changed is not None:
            return changed
    match = confident_play(state, turn, agent)
    if follows_up(text) and (match is None or not match.named):
        onward = await _hinted(state, turn, agent, context)
        if onward is not None:
            return onward
    awaiting = known.awaiting
    if awaiting is not None and awaiting.agent == agent.name:
        play = agent.playbook.get(awaiting.play)
        if play is not None:
            value = await read(awaiting.slot, text, turn, context)
            if value is not None and (match is None or match.play is play or _answers(text, value, match)):
                return Performance(play, text, {**awaiting.filled, awaiting.slot: value})
            ours = match is not None and match.play is play
            assents = match is None and state["signals"].act is Act.YES
            if ours or assents or (match is None and await _tells_another(play, awaiting, turn, context)):
                return Performance(play, text, dict(awaiting.filled))
    act = state["signals"].act
    courtesy = agent.playbook.for_act(act) if act is not Act.STATEMENT else None
    if courtesy is not None and (match is None or not match.named or match.score < PLAINLY):
        return Performance(courtesy, text)
    if match is not None:
        return await _coded(match.play, agent, turn, context) or Performance(match.play, text)
    return None


def _answers(text: str, value: Any, match: Match) -> bool:
    """Whether a message that fills the slot asked for is the answer, although another play fits it too.

    A question is none, nor a long message; and where the slot takes any words at all, one that names another
    matter is none.
    """
    if "?" in text or len(text.split()) > MOST_ANSWER:
        return False
    takes_any_words = isinstance(value, str) and fold(value.strip()) == fold(text.strip())
    return not (takes_any_words and match.named)


async def _tells_another(play: Play, awaiting: Awaiting, turn: TurnContext, context: ToolContext) -> bool:
    """Whether the message, instead of the slot asked for, tells another one that the play needs."""
    for slot in play.require:
        if slot == awaiting.slot or slot in awaiting.filled:
            continue
        if slot in turn.learned:
            return True
        if await read(slot, turn.text, turn, context) != await read(slot, "", turn, context):
            return True
    return False


async def _coded(play: Play, agent: Agent, turn: TurnContext, context: ToolContext) -> Performance | None:
    """Another play whose one need is in the message, where ``play`` would have to ask for its own: the words
    around two kinds of code are alike."""
    text = turn.text
    if not play.require or await read(play.require[0], text, turn, context) is not None:
        return None
    for other in agent.playbook.hinted():
        if other.hint in other.require and (value := await read(other.hint, text, turn, context)) is not None:
            return Performance(other, text, {other.hint: value})
    return None


async def _hinted(
    state: TurnState, turn: TurnContext, agent: Agent, context: ToolContext, tool: str | None = None
) -> Performance | None:
    """The play that what the message names is enough to ask for: a title, a code, an amount.

    With ``tool``, only among those that use it.
    """
    if tool is None and state["signals"].act is not Act.STATEMENT:
        return None
    for play in agent.playbook.hinted():
        if play.hint is None or (tool is not None and play.tool != tool):
            continue
        if (value := await read(play.hint, turn.text, turn, context)) is not None:
            return Performance(play, turn.text, {play.hint: value})
    return None


async def _hinted_agent(state: TurnState, turn: TurnContext, agent: Agent) -> Agent | None:
    """Another agent one of whose plays needs no more than what the message names."""
    for name in turn.engine.team.talking:
        other = turn.engine.team.agents[name]
        if name == agent.name:
            continue
        context = turn.tool_context(other, state["state"], language_of(state))
        if await _hinted(state, turn, other, context) is not None:
            return other
    return None


def _better_agent(state: TurnState, turn: TurnContext, agent: Agent) -> Agent | None:
    """Another agent whose playbook has a sure answer, when this one has none."""
    best: tuple[float, Agent] | None = None
    for name in turn.engine.team.talking:
        other = turn.engine.team.agents[name]
        match = chosen(other, turn.text, language_of(state)) if name != agent.name else None
        if match is not None and match.score >= ELSEWHERE and (best is None or match.score > best[0]):
            best = (match.score, other)
    return best[1] if best else None
