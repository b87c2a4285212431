"""`relevo profile`: what is known of a person, with its evidence; corrected or erased fact by fact."""

from typing import Annotated, Any

import orjson
import typer
from rich.text import Text

from relevo.app import App
from relevo.cli.console import console, fail, print_json
from relevo.cli.project import OfProject, within
from relevo.desk.quote import quoted
from relevo.domain.ids import CustomerRef, PersonId, ProjectId
from relevo.storage.database import Connection
from relevo.storage.people import Known, forget_slots, person_of_customer, read_profile, set_slot

app = typer.Typer(help="What is known of a person, fact by fact: show, set, forget.", no_args_is_help=True)

Person = Annotated[str, typer.Argument(help="The person's id, p_… (relevo desk show)")]
SlotName = Annotated[str, typer.Argument(help="The fact's name (relevo profile show)")]


@app.command()
def show(
    person: Annotated[str | None, typer.Argument(help="The person's id, p_… (relevo desk show)")] = None,
    customer: Annotated[str | None, typer.Option(help="Or the customer's reference in your system")] = None,
    project: OfProject = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything about it")] = False,
) -> None:
    """Shows the facts known of a person: who said each, in which words, when and where."""
    if (person is None) == (customer is None):
        fail("name the person, or --customer, and not both")

    async def job(opened: App, of_project: ProjectId) -> Known:
        async with opened.database.project(of_project) as connection:
            id = PersonId(person) if person else None
            if customer is not None:
                id = await person_of_customer(connection, of_project, CustomerRef(customer))
            return await _known(connection, of_project, id or PersonId(""))

    known = within(project, job)
    if as_json:
        print_json(known)
        return
    who = f"{known.name or '?'} ({known.customer or 'not identified'})"
    console.print(Text(f"{known.id} · {who}", "bold"))
    for slot in known.slots:
        console.print(quoted(f"{slot.name} = {_written(slot.value)}"), markup=False)
        said = f"“{slot.words}” · {slot.conversation}" if slot.words is not None else "written at the desk"
        console.print(Text(f"    {slot.at:%Y-%m-%d %H:%M} · ", "dim").append(quoted(said)))
    if not known.slots:
        console.print("Nothing is known for good.")


@app.command("set")
def set_(
    person: Person,
    slot: SlotName,
    value: Annotated[str, typer.Argument(help="Text, or a JSON value such as 12")],
    project: OfProject = None,
) -> None:
    """Corrects a fact, or adds one; it grants no right."""

    async def job(opened: App, of_project: ProjectId) -> None:
        async with opened.database.project(of_project) as connection:
            known = await _known(connection, of_project, PersonId(person))
            await set_slot(connection, of_project, known.id, slot, _read(value))

    within(project, job)
    console.print(f"{slot} = {_written(_read(value))}", markup=False)


@app.command()
def forget(
    person: Person,
    slot: Annotated[str | None, typer.Argument(help="The fact's name; all facts when left out")] = None,
    project: OfProject = None,
) -> None:
    """Erases a fact, or all; the person's conversations forget it too."""

    async def job(opened: App, of_project: ProjectId) -> list[str]:
        async with opened.database.project(of_project) as connection:
            known = await _known(connection, of_project, PersonId(person))
            return await forget_slots(connection, of_project, known.id, slot)

    forgotten = within(project, job)
    if not forgotten and slot is not None:
        fail(f"nothing is known of {person} by the name {slot!r}")
    console.print(f"forgotten: {', '.join(forgotten) or 'nothing was known'}", markup=False)


async def _known(connection: Connection, project: ProjectId, person: PersonId) -> Known:
    known = await read_profile(connection, project, person)
    if known is None:
        fail("there is no such person; relevo desk show says whose ticket it is")
    return known


def _read(value: str) -> Any:
    """A value as it was typed: JSON where it is that, else text."""
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return value


def _written(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
