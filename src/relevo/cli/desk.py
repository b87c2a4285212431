"""`relevo desk`: what a person does with tickets."""

import getpass
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo

import typer
from rich.table import Table
from rich.text import Text

from relevo.app import App
from relevo.cli.console import console, fail, print_json
from relevo.cli.project import OfProject, within
from relevo.desk.operator import Case, DeskError
from relevo.desk.quote import quoted
from relevo.domain.ids import ProjectId
from relevo.domain.message import Role
from relevo.domain.signals import Language
from relevo.domain.ticket import Delivery, Ticket, Waiting

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
    most: Annotated[int, typer.Option("--most", min=1, help="So many at most")] = 100,
    project: OfProject = None,
    as_json: AsJson = False,
) -> None:
    """Lists tickets, the most pressing first."""

    async def job(opened: App, of_project: ProjectId) -> tuple[list[Waiting], datetime, ZoneInfo]:
        found = await opened.operator.list(of_project, closed=closed, most=most + 1)
        return found, opened.clock.now(), _zone(opened)

    waiting, now, zone = _do(project, job)
    if as_json:
        print_json([{**asdict(each.ticket), **_whose(each)} for each in waiting[:most]])
        return
    if not waiting:
        console.print("No closed tickets." if closed else "No tickets: nobody is waiting.")
        return
    table = Table("№", "priority", "state", "opened", "customer and subject", show_lines=True)
    for each in waiting[:most]:
        ticket = each.ticket
        table.add_row(
            str(ticket.number),
            f"{ticket.priority:.1f}",
            ticket.state,
            f"{ticket.opened_at.astimezone(zone):%m-%d %H:%M}\n{_since(now - ticket.opened_at)} ago",
            Text(f"{quoted(_header(each))}\n{quoted(ticket.subject)}"),
        )
    console.print(table)
    if len(waiting) > most:
        console.print(f"There are more: --most {most * 10} shows them.")


@app.command()
def show(number: Number, project: OfProject = None, as_json: AsJson = False) -> None:
    """Shows a ticket with its conversation."""

    async def job(opened: App, of_project: ProjectId) -> tuple[Case, ZoneInfo]:
        return await opened.operator.show(of_project, number), _zone(opened)

    case, zone = _do(project, job)
    if as_json:
        print_json(case)
        return
    ticket = case.ticket
    wants = " · wants a person" if ticket.wants_person else ""
    opened_at = f"{ticket.opened_at.astimezone(zone):%Y-%m-%d %H:%M}"
    told = f"priority {ticket.priority:.1f} · {ticket.state}{wants} · opened {opened_at}"
    console.print(f"[bold]Ticket {ticket.number}[/] · {told}")
    console.print(f"reason: {quoted(ticket.reason)}\nsubject: {quoted(ticket.subject)}", markup=False)
    console.print(f"person: {ticket.person} · conversation: {ticket.conversation}", markup=False)
    console.print(ticket.summary, markup=False)
    console.rule(Text("conversation" + (f" · {quoted(case.owner)} has it" if case.owner else "")))
    for said in case.messages:
        who = said.role if said.role is Role.SYSTEM else said.name or said.role
        line = f"{said.at.astimezone(zone):%m-%d %H:%M} {who}: {said.text}"
        delivery = case.deliveries.get(said.id)
        console.print(quoted(line + _arrived(delivery)), markup=False)
        for each in said.attached:
            console.print(quoted(f"            attached: {each}"), markup=False)
    for event in case.events:
        at = f"{event['created_at'].astimezone(zone):%m-%d %H:%M}"
        happened = f"{at} · {event['kind']} {event['author']}: {event['body']}"
        console.print(quoted(happened), markup=False, style="dim")


def _zone(opened: App) -> ZoneInfo:
    return ZoneInfo(opened.settings.desk_timezone)


def _whose(waiting: Waiting) -> dict[str, str | None]:
    return {"name": waiting.name, "customer": waiting.customer, "channel": waiting.channel}


def _header(waiting: Waiting) -> str:
    """Who waits, where, and for whom."""
    parts = [waiting.name or waiting.customer or "unknown", waiting.channel or "—"]
    if waiting.ticket.assignee:
        parts.append(f"{waiting.ticket.assignee} has it")
    elif waiting.ticket.wants_person:
        parts.append("wants a person")
    return " · ".join(parts)


def _since(waited: timedelta) -> str:
    """How long somebody has waited: 5 min, 3 h, 2 d."""
    minutes = int(waited.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} d"


def _arrived(delivery: Delivery | None) -> str:
    """What is odd about a message's way to the customer, nothing where all is well."""
    if delivery is None or delivery.state in ("sent", "delivered", "read"):
        return ""
    words = {"failed": "NOT DELIVERED", "unknown": "may not have arrived"}.get(delivery.state, "on its way")
    return f"  [{words}{f': {delivery.error}' if delivery.error else ''}]"


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

    async def job(opened: App, of_project: ProjectId) -> Delivery | None:
        message = await opened.operator.say(of_project, number, me, text)
        await opened.deliver_ticket(of_project, number)
        return (await opened.operator.show(of_project, number)).deliveries.get(message)

    delivery = _do(project, job)
    if delivery is not None and delivery.state == "failed":
        fail(f"the channel refused it: {quoted(delivery.error or 'without a reason')}")
    console.print(f"Said.{_arrived(delivery)}", markup=False)


@app.command("return")
def give_back(
    number: Number,
    me: Me,
    summary: Annotated[str, typer.Option(help="What was agreed; the customer and the agents read it")],
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
    outcome: Annotated[str, typer.Option(help="What it came to, if more than that it is solved")] = "",
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
    name = "returned_agreed" if summary else "returned"
    return team.text(name, language, summary=summary)


def _of(project: str | None) -> str:
    """The option that names the project again, where it was named."""
    return f" --project {project}" if project else ""
