"""`relevo dead`: messages set aside after their last try."""

from typing import Annotated

import typer

from relevo.app import App
from relevo.cli.console import console, fail, print_json
from relevo.cli.project import OfProject, within
from relevo.desk.quote import quoted
from relevo.domain.ids import MessageId, ProjectId
from relevo.storage.dead import DeadLetter, read_dead, retry_dead

app = typer.Typer(help="Dead letters, messages that no turn could answer: list, retry.", no_args_is_help=True)
MOST = 100


@app.command("list")
def list_dead(
    project: OfProject = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything about them")] = False,
) -> None:
    """Lists dead letters, the oldest first."""

    async def job(opened: App, of_project: ProjectId) -> list[DeadLetter]:
        async with opened.database.project(of_project) as connection:
            return await read_dead(connection, of_project, MOST)

    letters = within(project, job)
    if as_json:
        print_json(letters)
        return
    if not letters:
        console.print("No dead letters.")
    for letter in letters:
        where = f"{letter.channel} {letter.address} · {letter.conversation}"
        console.print(f"{letter.id} · {letter.received_at:%Y-%m-%d %H:%M} · {where}", markup=False)
        console.print(f"    {quoted(letter.text)}", markup=False)


@app.command("retry")
def retry(
    messages: Annotated[list[int], typer.Argument(help="Their numbers (relevo dead list)")],
    project: OfProject = None,
) -> None:
    """Puts dead letters back into the inbox; a running worker answers them, with all its tries."""

    async def job(opened: App, of_project: ProjectId) -> list[int]:
        async with opened.database.project(of_project) as connection:
            return [each for each in messages if await retry_dead(connection, of_project, MessageId(each))]

    done = within(project, job)
    for each in done:
        console.print(f"{each} is in the inbox again; a worker answers it")
    if left := [each for each in messages if each not in done]:
        fail(f"{', '.join(map(str, left))}: not dead, or the conversation has left its address")
