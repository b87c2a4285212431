"""How surely each agent knows what a message asks, by its playbook: so that triage alone loses no thread."""

from collections.abc import Iterator

from relevo.agents.choosing import chosen
from relevo.agents.matching import read
from relevo.agents.tool import ToolContext
from relevo.domain.conversation import ConversationState
from relevo.domain.ids import AgentName
from relevo.domain.signals import OTHER, Language, Signals
from relevo.domain.ticket import AGREED
from relevo.pipeline.state import TurnContext
from relevo.triage.dialogue import follows_up

KNOWN = 0.8
"""From this score on a play outweighs what triage makes of the message. In the scripted conversations and the
tuning half of tests/eval, plays reach it for all messages that triage wrongly holds to be nobody's matter,
and for 2 of the 33 that are."""
TELLING = 5
"""Letters a word has at least, where two texts that share it speak of the same."""


async def known_to(turn: TurnContext, state: ConversationState, signals: Signals) -> dict[AgentName, float]:
    """The score (0–1) of each talking agent's best play for the message.

    An agent whose open question the message answers, or whose open proposal it changes, knows it too, unless
    another one knows it better. Of what triage holds to be nobody's matter, whoever can look up what it
    names (a title, a code) knows it too; of what was agreed with a person, who spoke last does. A short "and
    in Mexico?" is known best to whoever spoke last, if they can tell what it goes on with.
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
        if speaks_of_agreed(turn, state, signals.language):
            scores[state.agent or team.entry] = KNOWN
    if state.agent in scores and follows_up(turn.text):
        context = turn.tool_context(team.agents[state.agent], state, signals.language)
        if await _names_something(turn, state.agent, context):
            scores[state.agent] = 1.0
    for name, slot in _open(turn, state):
        context = turn.tool_context(team.agents[name], state, signals.language)
        reader = team.slots.get(slot)
        if name in scores and reader is not None and await reader(turn.text, context) is not None:
            scores[name] = max(scores[name], KNOWN)
    return scores


def _open(turn: TurnContext, state: ConversationState) -> Iterator[tuple[AgentName, str]]:
    """Which agent waits for which slot: what it asked for, and what tells its proposal from another."""
    if state.awaiting is not None:
        yield state.awaiting.agent, state.awaiting.slot
    if state.pending is not None:
        plays = turn.engine.team.agents[state.pending.agent].playbook.hinted()
        yield from (
            (state.pending.agent, play.hint or "") for play in plays if play.tool == state.pending.tool
        )


def speaks_of_agreed(turn: TurnContext, state: ConversationState, language: Language) -> bool:
    """Whether the message shares a telling word with what a person of the team agreed with the customer."""
    agreed = str(state.facts.get(AGREED, ""))
    one, other = (
        {stemmed for word, stemmed in read(each, language) if len(word) >= TELLING}
        for each in (turn.text, agreed)
    )
    return not one.isdisjoint(other)


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
