"""`relevo desk`: what a person does with tickets."""

import getpass
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from rich.markup import escape
from rich.table import Table

from relevo.app import App
from relevo.bootstrap import open_app
from relevo.cli.console import console, fail, print_json, run
from relevo.cli.logs import set_up
from relevo.desk.operator import DeskError
from relevo.domain.signals import Language
from relevo.domain.ticket import Ticket
from relevo.settings import load_settings

app = typer.Typer(help="Work on tickets: list, show, take, say, return, close.", no_args_is_help=True)
Result = TypeVar("Result")

Number = Annotated[int, typer.Argument(help="The ticket's number")]
Me = Annotated[
    str, typer.Option("--me", help="Your name, as customers see it", default_factory=getpass.getuser)
]
AsJson = Annotated[bool, typer.Option("--json")]


def _do(job: Callable[[App], Awaitable[Result]]) -> Result:
    """Runs one verb in an installation that sends but takes no turns."""

    async def work() -> Result:
        async with open_app(load_settings(), working=False) as opened:
            return await job(opened)

    set_up("warning")
    try:
        return run(work())
    except DeskError as error:
        fail(str(error))


@app.command("list")
def list_tickets(
    closed: Annotated[bool, typer.Option("--closed", help="The closed ones instead")] = False,
    as_json: AsJson = False,
) -> None:
    """Lists tickets, the most pressing first."""
    tickets = _do(lambda opened: opened.operator.list(opened.default_project, closed=closed))
    if as_json:
        print_json(tickets)
        return
    if not tickets:
        console.print("No tickets: nobody is waiting.")
        return
    table = Table("№", "priority", "state", "opened", "who has it", "subject")
    for ticket in tickets:
        cells = (
            str(ticket.number),
            f"{ticket.priority:.1f}",
            ticket.state,
            f"{ticket.opened_at:%m-%d %H:%M}",
        )
        table.add_row(*cells, escape(ticket.assignee or ""), escape(ticket.subject))
    console.print(table)


@app.command()
def show(number: Number, as_json: AsJson = False) -> None:
    """Shows a ticket with its conversation."""
    case = _do(lambda opened: opened.operator.show(opened.default_project, number))
    if as_json:
        print_json(case)
        return
    ticket = case.ticket
    console.print(f"[bold]Ticket {ticket.number}[/] · priority {ticket.priority:.1f} · {ticket.state}")
    console.print(f"reason: {ticket.reason}\nsubject: {ticket.subject}", markup=False)
    console.print(ticket.summary, markup=False)
    console.rule("conversation" + (f" · {case.owner} has it" if case.owner else ""))
    for said in case.messages:
        console.print(f"{said.at:%H:%M} {said.name or said.role}: {said.text}", markup=False)
    for event in case.events:
        console.print(f"{event['created_at']:%H:%M} · {event['kind']} {event['author']}: {event['body']}",
                      markup=False, style="dim")  # fmt: skip


@app.command()
def take(number: Number, me: Me) -> None:
    """Takes the conversation over: the bot is silent from now on."""
    ticket = _do(lambda opened: opened.operator.take(opened.default_project, number, me))
    console.print(
        f'Ticket {ticket.number} is yours. Write with: relevo desk say {number} --me {me} "…"', markup=False
    )


@app.command()
def say(number: Number, text: Annotated[str, typer.Argument(help="What to say")], me: Me) -> None:
    """Writes to the customer on their channel."""

    async def job(opened: App) -> None:
        await opened.operator.say(opened.default_project, number, me, text)
        await opened.deliver_ticket(opened.default_project, number)

    _do(job)
    console.print("Said.")


@app.command("return")
def give_back(
    number: Number,
    me: Me,
    summary: Annotated[str, typer.Option(help="What was agreed; the customer and the agents read it")] = "",
) -> None:
    """Gives the conversation back to the agents."""

    async def job(opened: App) -> Ticket:
        project = opened.default_project
        team = await opened.team_of(project)
        language = await opened.operator.language(project, number) or Language.ES
        farewell = team.text("returned", language, summary=summary)
        ticket = await opened.operator.give_back(project, number, me, summary, farewell.strip())
        await opened.deliver_ticket(project, number)
        return ticket

    ticket = _do(job)
    console.print(f"The agents answer again; ticket {ticket.number} stays open (relevo desk close {number}).")


@app.command()
def close(
    number: Number,
    me: Me,
    outcome: Annotated[str, typer.Option(help="What it came to")] = "solved",
) -> None:
    """Closes a ticket; the agents answer again."""
    _do(lambda opened: opened.operator.close(opened.default_project, number, me, outcome))
    console.print(f"Ticket {number} is closed.")
