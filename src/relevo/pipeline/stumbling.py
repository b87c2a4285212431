"""When no play fits: quotes the help where it is sure, says what the agent can do, or fetches a person."""

from dataclasses import replace

from relevo.agents.agent import Agent
from relevo.agents.playbook import render
from relevo.domain.message import ReplyPart
from relevo.domain.ticket import AGREED
from relevo.pipeline.adding import add_to_ticket, tells
from relevo.pipeline.advising import advise, keep_gap
from relevo.pipeline.evidence import speaks_of_agreed
from relevo.pipeline.performing import values
from relevo.pipeline.state import Escalation, TurnContext, TurnState, language_of

MOST_STUMBLES = 2
"""Fallback answers in a row after which a person is fetched."""
ANGRY = -0.4
"""From this sentiment on, whoever was not understood is not asked to say it again: a person is fetched."""


async def stumble(state: TurnState, turn: TurnContext, agent: Agent) -> TurnState:
    """Nothing fits: quote the help, or say so and what the agent can do; the second time, fetch a person.

    While a ticket is open, what is told rather than asked joins it: a person reads it.
    """
    known, language = state["state"], language_of(state)
    upset = state["signals"].urgent or state["signals"].sentiment_score <= ANGRY
    advised = None if upset else await advise(state, turn, agent)
    if advised is not None:
        return advised
    stumbles = known.stumbles + 1
    awaiting = known.awaiting
    if stumbles < MOST_STUMBLES and awaiting is not None and awaiting.agent == agent.name:
        play = agent.playbook.get(awaiting.play)
        if play is not None:
            context = turn.tool_context(agent, known, language)
            question = render(play.ask[awaiting.slot][language], **values(context, awaiting.filled, None))
            text = f"{turn.engine.team.text('not_understood', language)} {question}"
            again = replace(known, stumbles=stumbles)
            return {"parts": [ReplyPart(agent.name, text)], "state": again, "mode": "playbook"}
    if tells(state, turn):
        added = await add_to_ticket(state, turn, agent, "told meanwhile")
        if added is not None:
            return {"parts": [added], "state": known, "mode": "playbook"}
    if speaks_of_agreed(turn, known, language):
        text = turn.engine.team.text("agreed", language, agreed=known.facts[AGREED])
        return {"parts": [ReplyPart(agent.name, text)], "state": known, "mode": "playbook"}
    await keep_gap(state, turn, agent)
    unsure = turn.engine.team.text("not_understood", language)
    if (stumbles >= MOST_STUMBLES or upset) and known.ticket is None:
        why = "not understood, and it presses" if upset else "not understood twice in a row"
        return {
            "parts": [ReplyPart(agent.name, unsure)],
            "state": replace(known, stumbles=0, awaiting=None),
            "escalation": Escalation(why, agent.name),
            "mode": "playbook",
        }
    return {
        "parts": [ReplyPart(agent.name, f"{unsure} {agent.fallback[language]}")],
        "state": replace(known, stumbles=stumbles, awaiting=None),
        "mode": "playbook",
    }
