"""What the customer tells while a ticket is open joins it, and the customer reads so."""

from relevo.agents.agent import Agent
from relevo.desk.tickets import Tickets
from relevo.domain.message import ReplyPart, Role
from relevo.domain.signals import Act
from relevo.pipeline.state import TurnContext, TurnState, language_of

MOST_WORDS = 15
"""Words of a message that fills in what the ticket just opened left out."""


async def add_to_ticket(state: TurnState, turn: TurnContext, agent: Agent, why: str) -> ReplyPart | None:
    """Adds the message to the open ticket; the notice that says so, None where none is open."""
    if state["state"].ticket is None:
        return None
    await turn.guard(fresh=True)
    told = f"{why}: {turn.text.strip()}"
    ticket = await turn.engine.services[Tickets].press(turn.held.conversation, state["signals"], told)
    if ticket is None:
        return None
    text = turn.engine.team.text("added_to_ticket", language_of(state), number=ticket.number)
    return ReplyPart(agent.name, text, "notice")


def tells(state: TurnState, turn: TurnContext) -> bool:
    """Whether the message tells something rather than asking."""
    return "?" not in turn.text and state["signals"].act is Act.STATEMENT


def fills_in(state: TurnState, turn: TurnContext) -> str | None:
    """The tool that opened the ticket, where the message is what was left to be told with it; else None.

    That is what is told at once after the ticket was opened, or after more was added to it.
    """
    ticket, messages = state["state"].ticket, state["memory"].messages
    if ticket is None or not messages or messages[-1].role is not Role.AGENT:
        return None
    opener = next(
        (
            call.name
            for said in reversed(messages)
            for call in said.tools
            if _number(call.result) == ticket.number
        ),
        None,
    )
    added = turn.engine.team.text("added_to_ticket", language_of(state), number=ticket.number)
    at_once = messages[-1].text == added or opener in [call.name for call in messages[-1].tools]
    short = len(turn.text.split()) <= MOST_WORDS
    return opener if at_once and short and tells(state, turn) else None


def _number(result: object) -> object:
    return result.get("number") if isinstance(result, dict) else None
