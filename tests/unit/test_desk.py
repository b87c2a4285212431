"""The desk: tickets as pressing as what was written last, and conversations that one person at a time has."""

from dataclasses import replace

import pytest
from tests.faults.lease_model import API, LEASE

from relevo.agents.tool import ToolContext
from relevo.desk.operator import Case, DeskError, Operator
from relevo.desk.tickets import Tickets
from relevo.domain.clock import SystemClock
from relevo.domain.conversation import Conversation
from relevo.domain.ids import AgentName, ProjectId
from relevo.domain.message import InboundMessage, Role, Wake
from relevo.domain.signals import HUMAN, Language, Signals
from relevo.domain.ticket import TicketState
from relevo.storage.database import Database
from relevo.storage.inbox import put
from relevo.storage.lease import begin

CALM = Signals(Language.ES, "support", 0.9, priority=1.0)
GRAVE = Signals(Language.ES, "support", 0.9, priority=9.3)
FAREWELL = "Te sigo atendiendo yo."
ASKS = Signals(Language.ES, HUMAN, 0.9, priority=2.0)


@pytest.fixture
async def conversation(database: Database, project: ProjectId) -> Conversation:
    stored = await put(database, InboundMessage(project, API, "a", "1", "hola"), per_minute=10)
    async with database.door() as connection:
        held = await begin(connection, Wake(project, stored.conversation), None, LEASE)
    assert held is not None
    return held.conversation


async def _report(database: Database, conversation: Conversation, key: str = "key") -> int:
    """A ticket as support's ``create_ticket`` opens it."""
    context = ToolContext(
        conversation.project, conversation.id, conversation.person, AgentName("support"), Language.ES,
        replace(conversation.state, signals=CALM), 1, SystemClock(), {}, key,  # type: ignore[arg-type]
    )  # fmt: skip
    ticket = await Tickets(database).open(context, subject="no suena", summary="desde ayer\nTool x: ok")
    return ticket.number


async def _escalate(database: Database, conversation: Conversation, message: int, signals: Signals) -> int:
    ticket = await Tickets(database).escalate(
        conversation, message, subject="[human] una persona", summary="s", reason="asks", signals=signals
    )
    return ticket.number


async def _case(database: Database, project: ProjectId, number: int) -> Case:
    return await Operator(database, {}).show(project, number)


async def test_an_escalation_marks_the_ticket_that_is_open(
    database: Database, project: ProjectId, conversation: Conversation
) -> None:
    number = await _report(database, conversation)
    assert not (await _case(database, project, number)).ticket.wants_person
    assert await _escalate(database, conversation, 7, ASKS) == number
    assert await _escalate(database, conversation, 7, ASKS) == number  # the turn ran again
    case = await _case(database, project, number)
    assert (case.ticket.wants_person, case.ticket.priority) == (True, 2.0)
    assert case.ticket.signals["intent"] == HUMAN
    assert [(event["kind"], event["body"]) for event in case.events] == [
        ("escalated", "asks · [human] una persona")
    ]
    assert [each.ticket.number for each in await Operator(database, {}).list(project)] == [number]


async def test_an_escalation_without_a_ticket_opens_one_that_wants_a_person(
    database: Database, project: ProjectId, conversation: Conversation
) -> None:
    number = await _escalate(database, conversation, 7, ASKS)
    assert await _escalate(database, conversation, 7, ASKS) == number
    case = await _case(database, project, number)
    assert case.ticket.wants_person
    assert len(case.events) == 1


async def test_a_later_message_makes_a_ticket_more_pressing_never_less(
    database: Database, project: ProjectId, conversation: Conversation
) -> None:
    number = await _report(database, conversation)
    tickets = Tickets(database)
    for signals, reason in ((GRAVE, "hacked"), (GRAVE, "hacked"), (CALM, "calm again")):
        pressed = await tickets.press(conversation, signals, reason)
        assert pressed is not None
        assert (pressed.number, pressed.wants_person) == (number, False)
        assert pressed.priority == pytest.approx(9.3)
        assert pressed.signals["priority"] == 9.3
    case = await _case(database, project, number)
    assert [(event["kind"], event["body"]) for event in case.events] == [
        ("pressed", "hacked"),
        ("pressed", "calm again"),
    ]
    asked = await tickets.press(conversation, ASKS, "asks for a person", person=True)
    assert asked is not None
    assert asked.wants_person


async def test_without_an_open_ticket_there_is_nothing_to_press(
    database: Database, project: ProjectId, conversation: Conversation
) -> None:
    assert await Tickets(database).press(conversation, GRAVE, "hacked") is None
    number = await _report(database, conversation)
    await Operator(database, {}).close(project, number, "eva", "solved")
    assert await Tickets(database).press(conversation, GRAVE, "hacked") is None


async def test_a_report_s_further_lines_are_indented(
    database: Database, project: ProjectId, conversation: Conversation
) -> None:
    number = await _report(database, conversation)
    assert (await _case(database, project, number)).ticket.summary == "desde ayer\n    Tool x: ok"


async def test_only_whoever_has_a_conversation_closes_its_tickets(
    database: Database, project: ProjectId, conversation: Conversation
) -> None:
    """Two people, two tickets: the conversation goes back with the ticket it was taken by, and not before."""
    operator = Operator(database, {})
    taken, other = await _report(database, conversation), await _report(database, conversation, "other")
    await operator.take(project, taken, "eva")
    for number in (taken, other):
        with pytest.raises(DeskError, match=f"eva has ticket {number}'s conversation"):
            await operator.close(project, number, "luz", "solved", FAREWELL)
    await operator.close(project, other, "eva", "solved", FAREWELL)
    case = await operator.show(project, taken)
    assert (case.owner, case.messages, case.ticket.state) == ("eva", [], TicketState.TAKEN)
    await operator.close(project, taken, "eva", "solved", FAREWELL)
    case = await operator.show(project, taken)
    assert case.owner is None
    assert [(said.role, said.text) for said in case.messages] == [(Role.SYSTEM, FAREWELL)]


async def test_anybody_closes_a_ticket_whose_conversation_nobody_has(
    database: Database, project: ProjectId, conversation: Conversation
) -> None:
    operator = Operator(database, {})
    number = await _report(database, conversation)
    await operator.close(project, number, "luz", "solved", FAREWELL)
    case = await operator.show(project, number)
    assert (case.ticket.state, case.ticket.assignee, case.messages) == (TicketState.CLOSED, "luz", [])
    with pytest.raises(DeskError, match="closed already"):
        await operator.close(project, number, "luz", "solved", FAREWELL)


async def test_a_conversation_taken_by_two_tickets_goes_back_with_the_last(
    database: Database, project: ProjectId, conversation: Conversation
) -> None:
    operator = Operator(database, {})
    both = await _report(database, conversation), await _report(database, conversation, "other")
    for number in both:
        await operator.take(project, number, "eva")
    await operator.close(project, both[0], "eva", "solved", FAREWELL)
    assert (await operator.show(project, both[1])).owner == "eva"
    await operator.close(project, both[1], "eva", "solved", FAREWELL)
    assert (await operator.show(project, both[1])).owner is None


async def test_what_was_given_back_nobody_has(
    database: Database, project: ProjectId, conversation: Conversation
) -> None:
    operator = Operator(database, {})
    both = await _report(database, conversation), await _report(database, conversation, "other")
    for number in both:
        await operator.take(project, number, "eva")
    await operator.give_back(project, both[0], "eva", "a call", FAREWELL)
    for number in both:
        case = await operator.show(project, number)
        assert (case.owner, case.ticket.state, case.ticket.assignee) == (None, TicketState.OPEN, None)
