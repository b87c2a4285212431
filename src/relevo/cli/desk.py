"""`relevo desk`: what a person does with tickets."""

import getpass
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from rich.table import Table
from rich.text import Text

from relevo.app import App
from relevo.cli.console import console, fail, print_json
from relevo.cli.project import OfProject, within
from relevo.desk.operator import DeskError
from relevo.desk.quote import quoted
from relevo.domain.ids import ProjectId
from relevo.domain.signals import Language
from relevo.domain.ticket import Ticket

app = typer.Typer(help="Work on tickets: list, show, take, say, return, close.", no_args_is_help=True)
Result = TypeVar("Result")

Number = Annotated[int, typer.Argument(help="The ticket's number")]
Me = Annotated[
    str, typer.Option("--me", help="Your name, as customers see it", default_factory=getpass.getuser)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print everything about it")]


def _do(project: str | None, job: Callable[[App, ProjectId], Awaitable[Result]]) -> Result:
    """Does one verb of the desk in a project."""
    try:
        return within(project, job)
    except DeskError as error:
        fail(str(error))


@app.command("list")
def list_tickets(
    closed: Annotated[bool, typer.Option("--closed", help="The closed ones instead")] = False,
    project: OfProject = None,
    as_json: AsJson = False,
) -> None:
    """Lists tickets, the most pressing first."""
    tickets = _do(project, lambda opened, of_project: opened.operator.list(of_project, closed=closed))
    if as_json:
        print_json(tickets)
        return
    if not tickets:
        console.print("No tickets: nobody is waiting.")
        return
    table = Table("№", "priority", "wants", "state", "opened", "who has it", "subject")
    for ticket in tickets:
        table.add_row(
            str(ticket.number),
            f"{ticket.priority:.1f}",
            "a person" if ticket.wants_person else "",
            ticket.state,
            f"{ticket.opened_at:%m-%d %H:%M}",
            Text(ticket.assignee or ""),
            Text(quoted(ticket.subject)),
        )
    console.print(table)


@app.command()
def show(number: Number, project: OfProject = None, as_json: AsJson = False) -> None:
    """Shows a ticket with its conversation."""
    case = _do(project, lambda opened, of_project: opened.operator.show(of_project, number))
    if as_json:
        print_json(case)
        return
    ticket = case.ticket
    wants = " · wants a person" if ticket.wants_person else ""
    console.print(f"[bold]Ticket {ticket.number}[/] · priority {ticket.priority:.1f} · {ticket.state}{wants}")
    console.print(f"reason: {quoted(ticket.reason)}\nsubject: {quoted(ticket.subject)}", markup=False)
    console.print(f"person: {ticket.person} · conversation: {ticket.conversation}", markup=False)
    console.print(ticket.summary, markup=False)
    console.rule("conversation" + (f" · {case.owner} has it" if case.owner else ""))
    for said in case.messages:
        console.print(quoted(f"{said.at:%H:%M} {said.name or said.role}: {said.text}"), markup=False)
    for event in case.events:
        happened = f"{event['created_at']:%H:%M} · {event['kind']} {event['author']}: {event['body']}"
        console.print(quoted(happened), markup=False, style="dim")


@app.command()
def take(number: Number, me: Me, project: OfProject = None) -> None:
    """Takes the conversation over: the bot is silent from now on."""
    ticket = _do(project, lambda opened, of_project: opened.operator.take(of_project, number, me))
    console.print(
        f'Ticket {ticket.number} is yours. Write with: relevo desk say {number} --me {me}{_of(project)} "…"',
        markup=False,
    )


@app.command()
def say(
    number: Number,
    text: Annotated[str, typer.Argument(help="What to say")],
    me: Me,
    project: OfProject = None,
) -> None:
    """Writes to the customer on their channel."""

    async def job(opened: App, of_project: ProjectId) -> None:
        await opened.operator.say(of_project, number, me, text)
        await opened.deliver_ticket(of_project, number)

    _do(project, job)
    console.print("Said.")


@app.command("return")
def give_back(
    number: Number,
    me: Me,
    summary: Annotated[str, typer.Option(help="What was agreed; the customer and the agents read it")] = "",
    project: OfProject = None,
) -> None:
    """Gives the conversation back to the agents."""

    async def job(opened: App, of_project: ProjectId) -> Ticket:
        farewell = await _farewell(opened, of_project, number, summary)
        ticket = await opened.operator.give_back(of_project, number, me, summary, farewell)
        await opened.deliver_ticket(of_project, number)
        return ticket

    ticket = _do(project, job)
    close = f"relevo desk close {number}{_of(project)}"
    console.print(f"The agents answer again; ticket {ticket.number} stays open ({close}).", markup=False)


@app.command()
def close(
    number: Number,
    me: Me,
    outcome: Annotated[str, typer.Option(help="What it came to")] = "solved",
    project: OfProject = None,
) -> None:
    """Closes a ticket; where it was taken, the agents answer again and the customer is told so."""

    async def job(opened: App, of_project: ProjectId) -> None:
        farewell = await _farewell(opened, of_project, number, "")
        await opened.operator.close(of_project, number, me, outcome, farewell)
        await opened.deliver_ticket(of_project, number)

    _do(project, job)
    console.print(f"Ticket {number} is closed.")


async def _farewell(opened: App, project: ProjectId, number: int, summary: str) -> str:
    """What the customer is told when the agents answer again, in the language of the conversation."""
    team = await opened.team_of(project)
    language = await opened.operator.language(project, number) or Language.ES
    return team.text("returned", language, summary=summary).strip()


def _of(project: str | None) -> str:
    """The option that names the project again, where it was named."""
    return f" --project {project}" if project else ""
