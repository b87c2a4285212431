"""How surely each agent knows what a message asks, by its playbook: so that triage alone loses no thread."""

from relevo.agents.choosing import chosen
from relevo.agents.tool import ToolContext
from relevo.domain.conversation import ConversationState
from relevo.domain.ids import AgentName
from relevo.domain.signals import OTHER, Signals
from relevo.pipeline.state import TurnContext

KNOWN = 0.8
"""From this score on a play outweighs what triage makes of the message. In the scripted conversations and the
tuning half of tests/eval, plays reach it for all messages that triage wrongly holds to be nobody's matter,
and for 2 of the 33 that are."""


async def known_to(turn: TurnContext, state: ConversationState, signals: Signals) -> dict[AgentName, float]:
    """The score (0–1) of each talking agent's best play for the message.

    An agent whose open question the message answers knows it too, unless another one knows it better; and so
    does one who can look up what the message names (a title, a code), when triage sees nobody's matter in it.
    """
    team = turn.engine.team
    scores = {}
    for name in team.talking:
        match = chosen(team.agents[name], turn.text, signals.language)
        scores[name] = match.score if match is not None else 0.0
    if signals.intent == OTHER and max(scores.values(), default=0.0) < KNOWN:
        for name in team.talking:
            context = turn.tool_context(team.agents[name], state, signals.language)
            if await _names_something(turn, name, context):
                scores[name] = KNOWN
    awaiting = state.awaiting
    if awaiting is not None and awaiting.agent in scores:
        context = turn.tool_context(team.agents[awaiting.agent], state, signals.language)
        reader = team.slots.get(awaiting.slot)
        if reader is not None and await reader(turn.text, context) is not None:
            scores[awaiting.agent] = max(scores[awaiting.agent], KNOWN)
    return scores


async def _names_something(turn: TurnContext, name: AgentName, context: ToolContext) -> bool:
    """Whether a slot that alone is enough for one of the agent's plays is filled by the message."""
    team = turn.engine.team
    for play in team.agents[name].playbook.hinted():
        reader = team.slots.get(play.hint or "")
        if reader is not None and await reader(turn.text, context) is not None:
            return True
    return False


def best(scores: dict[AgentName, float], at_hand: AgentName) -> AgentName | None:
    """Who surely knows it best, the agent at hand where others know it as well; None where nobody does."""
    if not scores:
        return None
    top = max(scores.values())
    if top < KNOWN:
        return None
    return at_hand if scores.get(at_hand) == top else max(scores, key=scores.__getitem__)
