"""An agent answers by its own code: it calls its tools, and says what came of them."""

from functools import partial

from relevo.agents.agent import Agent
from relevo.agents.asking import Asking
from relevo.agents.speaking import Speak, Speaking
from relevo.domain.decision import HandoffKind
from relevo.domain.message import ReplyPart, ToolCall
from relevo.pipeline.egress import Preview, clean
from relevo.pipeline.handoff import hand_over
from relevo.pipeline.state import TurnContext, TurnState, language_of
from relevo.pipeline.tools import call_tool


async def answer_by_code(state: TurnState, turn: TurnContext, agent: Agent, speak: Speak) -> TurnState:
    """The update that answers the turn by ``speak``. Raises Fenced or TakenOver."""
    await turn.guard()
    language, links = language_of(state), turn.engine.team.links
    context = turn.tool_context(agent, state["state"], language)
    model = turn.engine.model
    if model is not None:
        context.asking = Asking(model, turn.deadline, turn.account, partial(clean, links=links))
    context.recent = state["memory"].messages
    context.publish = turn.publish
    context.preview = Preview(turn, agent).add if turn.previewed else None
    tools: list[ToolCall] = []

    async def call(tool: str, /, **arguments: object) -> ToolCall:
        done, _ = await call_tool(turn, agent.tools[tool], arguments, context)
        tools.append(done)
        return done

    spoken = await speak(Speaking(turn.text, language, context, call))
    calls = context.asking.calls if context.asking is not None else []
    text = clean(spoken.text, links)
    update: TurnState = {
        "parts": [ReplyPart(agent.name, text)] if text else [],
        "tools": tools,
        "calls": calls,
        "mode": "model" if calls else "playbook",
    }
    if spoken.then is None:
        return update
    now: TurnState = {**state, "tools": [*state.get("tools", []), *tools]}
    passing = hand_over(now, turn, agent.name, spoken.then, spoken.why, HandoffKind.IMPLICIT)
    return {**update, **passing}
