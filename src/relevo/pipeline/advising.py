"""Where no play fits: the team's help answers, with the article it is from; what it cannot answer is kept."""

from dataclasses import replace

from relevo.agents.agent import Agent
from relevo.domain.message import ReplyPart, ToolCall
from relevo.domain.signals import Act
from relevo.knowledge.gaps import terms_of
from relevo.knowledge.help import Help
from relevo.pipeline.egress import clean
from relevo.pipeline.state import TurnContext, TurnState, language_of
from relevo.storage.knowledge_gaps import record_gap

SEARCH = "search_help"
"""As which the look into the help stands in the turn's trace."""


async def advise(state: TurnState, turn: TurnContext, agent: Agent) -> TurnState | None:
    """The answer of the help article that surely answers the message; None where none does.

    What is told while a ticket is open is for the person who reads it, unless it asks something.
    """
    center, known = turn.engine.services.get(Help), state["state"]
    if center is None or state["signals"].act is not Act.STATEMENT:
        return None
    if known.ticket is not None and "?" not in turn.text:
        return None
    await turn.guard()
    started = turn.engine.clock.monotonic()
    quote = await center.answer(turn.text, language_of(state))
    if quote is None:
        return None
    elapsed = (turn.engine.clock.monotonic() - started) * 1000
    result = {"article": quote.id, "title": quote.title, "link": quote.link}
    said = turn.engine.team.text(
        "from_the_help",
        language_of(state),
        text=clean(quote.text, turn.engine.team.links),
        title=quote.title,
        link=quote.link,
    )
    return {
        "parts": [ReplyPart(agent.name, said)],
        "tools": [ToolCall(SEARCH, {"question": turn.text}, result, True, round(elapsed, 2))],
        "state": replace(known, stumbles=0, awaiting=None),
        "mode": "playbook",
    }


async def keep_gap(state: TurnState, turn: TurnContext, agent: Agent) -> None:
    """Keeps that nobody could answer the message, so that an article can be written; not in a replay."""
    if Help not in turn.engine.services or turn.recorded is not None:
        return
    project, language = turn.held.conversation.project, language_of(state)
    asked = terms_of(turn.text, language)
    async with turn.engine.database.project(project) as connection:
        await record_gap(connection, project, turn.newest, agent.name, language, asked)
