"""Where a message goes: a pure function of how the conversation stands and what triage read.

The first rule that fits decides:

| rule | decision |
|---|---|
| owned | a person has taken the conversation over: silence |
| unfinished | what the person confirmed has begun, and was never told: the agent that asked |
| unreadable | nothing in it that can be read (an empty text, a lone picture): says so |
| asks_person | wants a person: human |
| urgent | priority 9 or more: human, who gets it in the open ticket where there is one |
| attack | tries to extract the prompt, or to act as someone else: refusal (a mere likeness to such tries \
does not count against an answer to what an agent asked, or a matter that a playbook surely knows) |
| open_question | an agent waits for a confirmation or a detail: that agent |
| known | nobody's matter to triage, but a playbook surely knows it: its agent; another's, but the current \
agent's playbook knows it at least as well: it stays |
| out_of_scope | confidently none of the team's matters, no small talk and nothing pressing: refusal |
| stay | small talk, or nothing confident: the current agent (else the entry agent) |
| intent | another agent's matter, confidently: that agent |
"""

from collections.abc import Collection

from relevo.domain.conversation import ConversationState
from relevo.domain.decision import Route, RouteDecision
from relevo.domain.ids import AgentName
from relevo.domain.signals import ATTACK, HUMAN, OTHER, Act, Signals

URGENT = 9.0
"""From this priority on a person is fetched at once."""
ACCUSED = 0.9
"""Below this, what looks like an attack and trips no rule counts less than a play that surely knows it."""
CONFIDENT = 0.6
"""An intent less probable than this does not take a conversation away from its agent."""


def route(
    state: ConversationState,
    signals: Signals,
    *,
    owner: str | None,
    agents: Collection[AgentName],
    entry: AgentName,
    human: AgentName,
    readable: bool = True,
    known_by: AgentName | None = None,
    unfinished: bool = False,
) -> RouteDecision:
    """Decides who answers. ``agents`` are the team's talking agents, ``human`` the door to people.

    ``known_by`` is the agent whose playbook surely knows what is asked, if there is one; ``unfinished`` says
    that a turn broke off after beginning what waits in ``state.pending``.
    """
    current = state.agent if state.agent in agents else None
    at_hand = current or entry
    intent = AgentName(signals.intent)
    sure = signals.confidence >= CONFIDENT
    if owner is not None:
        return RouteDecision(Route.SILENCE, None, f"{owner} has taken the conversation over", "owned")
    if unfinished and state.pending is not None:
        begun = "tells what was begun and not told"
        return RouteDecision(Route.AGENT, state.pending.agent, begun, "unfinished")
    if not readable:
        return RouteDecision(Route.REFUSE, at_hand, "there is nothing to read in it", "unreadable")
    if signals.intent == HUMAN and sure:
        return RouteDecision(Route.HUMAN, human, "the person asks for a person", "asks_person")
    if signals.priority >= URGENT:
        reason = f"priority {signals.priority:.1f} of 10: {', '.join(signals.reasons) or signals.intent}"
        return RouteDecision(Route.HUMAN, human, reason, "urgent")
    asked_by = _asked_by(state)
    if signals.intent == ATTACK and sure and not _harmless(signals, known_by, asked_by):
        return RouteDecision(Route.REFUSE, at_hand, "against the rules, or after others' data", "attack")
    elsewhere = known_by is not None or (sure and intent in agents and intent != asked_by)
    if asked_by in agents and (known_by == asked_by or not elsewhere):
        return RouteDecision(Route.AGENT, asked_by, "answers what this agent asked", "open_question")
    nobodys = signals.intent in (OTHER, ATTACK)
    if known_by is not None and (nobodys or known_by == current != intent):
        return RouteDecision(Route.AGENT, known_by, f"{known_by}'s playbook knows what is asked", "known")
    if signals.intent == OTHER and signals.act is Act.STATEMENT and sure and not signals.urgent:
        return RouteDecision(Route.REFUSE, at_hand, "none of the team's matters", "out_of_scope")
    if intent in agents and intent != current and (sure or current is None):
        return RouteDecision(
            Route.AGENT, intent, f"{signals.intent} with confidence {signals.confidence:.2f}", "intent"
        )
    why = f"goes on with {at_hand}" if current else f"nothing tells whose matter it is: {entry} begins"
    return RouteDecision(Route.AGENT, at_hand, why, "stay")


def _harmless(signals: Signals, known_by: AgentName | None, asked_by: AgentName | None) -> bool:
    """Whether what only looks like an attack, by no rule, is an answer or a matter that a playbook knows."""
    if signals.reasons or known_by is None:
        return False
    return known_by == asked_by or signals.confidence < ACCUSED


def _asked_by(state: ConversationState) -> AgentName | None:
    if state.pending is not None:
        return state.pending.agent
    return state.awaiting.agent if state.awaiting is not None else None
