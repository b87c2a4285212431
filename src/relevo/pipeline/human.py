"""Fetches a person: a ticket with what they need, and one clear word to the customer."""

from dataclasses import replace

from relevo.agents.playbook import CONFIDENT, render
from relevo.desk.quote import quoted
from relevo.desk.tickets import Tickets
from relevo.domain.conversation import Conversation, TicketRef, digest
from relevo.domain.decision import Handoff, HandoffKind, Route
from relevo.domain.message import Pending, ReplyPart, Role
from relevo.domain.signals import OTHER, Language, Signals
from relevo.pipeline.handoff import shared
from relevo.pipeline.state import Engine, Escalation, TurnContext, TurnState, language_of

QUOTED = 6
"""Messages quoted in a ticket's summary."""


async def fetch_person(state: TurnState, turn: TurnContext) -> TurnState:
    """The update that opens the conversation's ticket, or, when one is open, says so again."""
    team, language = turn.engine.team, language_of(state)
    human = team.agents[team.human]
    escalation = state.get("escalation") or Escalation(state["decision"].reason, state["decision"].rule)
    known, tickets = state["state"], turn.engine.services[Tickets]
    conversation, when = turn.held.conversation, turn.engine.desk_says(language)
    advice = _advice(state, turn)
    await turn.guard(fresh=True)
    if known.ticket is not None and await tickets.press(
        conversation, state["signals"], escalation.reason, person=True
    ):
        text = team.text("escalated_again", language, number=known.ticket.number, when=when)
        return {
            "parts": [*advice, ReplyPart(human.name, text, "notice")],
            "escalation": None,
            "mode": _mode(state),
        }
    before = digest(shared(state, turn))
    ticket = await tickets.escalate(
        conversation,
        turn.message,
        subject=_subject(state, turn),
        summary=_summary(state, turn),
        reason=escalation.reason,
        signals=state["signals"],
    )
    text = team.text("escalated", language, number=ticket.number, when=when)
    giver = state.get("agent") or known.agent or team.entry
    kind = HandoffKind.PRIORITY if state["decision"].rule == "urgent" else HandoffKind.EXPLICIT
    receipt = Handoff(giver, human.name, escalation.reason, kind, before, digest(shared(state, turn)))
    turn.publish("ticket", number=ticket.number)
    return {
        "parts": [*advice, ReplyPart(human.name, text, "notice")],
        "handoffs": [receipt],
        "state": replace(known, ticket=TicketRef(ticket.id, ticket.number), stumbles=0),
        "escalation": None,
        "mode": _mode(state),
    }


async def open_dead_letter(engine: Engine, conversation: Conversation, message: Pending) -> None:
    """Opens the ticket for a message that no turn could answer; asked again, it is the same ticket."""
    language = conversation.state.language or Language.ES
    await engine.services[Tickets].escalate(
        conversation,
        message.id,
        subject=f"[dead letter] {message.text.strip()[:100]}",
        summary=quoted(f"{Role.CUSTOMER}: {message.text}"),
        reason="the message could not be answered: every try failed on our side",
        signals=conversation.state.signals or Signals(language, OTHER, 0.0),
    )


def _mode(state: TurnState) -> str:
    return state.get("mode") or "playbook"


def _advice(state: TurnState, turn: TurnContext) -> list[ReplyPart]:
    """What the person should do meanwhile (an account in danger), when the human agent's playbook knows."""
    if state["decision"].route is not Route.HUMAN:
        return []
    language = language_of(state)
    human = turn.engine.team.agents[turn.engine.team.human]
    match = human.playbook.match(turn.text, language)
    if match is None or match.score < CONFIDENT or match.play.tool is not None:
        return []
    text = render(
        match.play.say[language],
        result=None,
        slots={},
        facts=state["state"].facts,
        person=turn.held.conversation.person,
    )
    return [ReplyPart(human.name, text)]


def _subject(state: TurnState, turn: TurnContext) -> str:
    first_line = turn.text.strip().splitlines()[0] if turn.text.strip() else "—"
    return f"[{state['signals'].intent}] {first_line}"


def _summary(state: TurnState, turn: TurnContext) -> str:
    """Who it is, what is known, what was tried, and the last words: all from records, none invented."""
    person, known = turn.held.conversation.person, state["state"]
    lines = [f"Person: {person.name or '?'} ({person.customer or 'not identified'})"]
    if known.episode is not None:
        lines.append(f"Before: {known.episode.summary}")
    if facts := known.facts | turn.learned:
        lines.append("Facts: " + ", ".join(f"{name}={value}" for name, value in facts.items()))
    if known.problems:
        lines.append("Reported: " + " | ".join(known.problems))
    tools = [call for said in state["memory"].messages for call in said.tools] + state.get("tools", [])
    lines += [f"Tool {call.name}: {'ok' if call.ok else call.result.get('error')}" for call in tools[-5:]]
    for said in state["memory"].messages[-QUOTED:]:
        lines.append(f"{said.name or said.role}: {said.text}")
    lines += [f"{Role.CUSTOMER}: {message.text}" for message in turn.held.pending]
    return "\n".join(map(quoted, lines))
