"""`relevo outbox`: parts of replies that did not go out, or may not have."""

from typing import Annotated

import typer

from relevo.app import App
from relevo.cli.console import console, fail, print_json
from relevo.cli.project import OfProject, within
from relevo.desk.quote import quoted
from relevo.domain.ids import ProjectId
from relevo.storage.undelivered import Undelivered, read_undelivered, retry_undelivered

app = typer.Typer(help="Parts that failed or may not have gone out: list, retry.", no_args_is_help=True)
MOST = 100


@app.command("list")
def list_undelivered(
    project: OfProject = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything about them")] = False,
) -> None:
    """Lists failed and unknown parts with the reason, the oldest first."""

    async def job(opened: App, of_project: ProjectId) -> list[Undelivered]:
        async with opened.database.project(of_project) as connection:
            return await read_undelivered(connection, of_project, MOST)

    parts = within(project, job)
    if as_json:
        print_json(parts)
        return
    if not parts:
        console.print("Nothing failed, nothing is unknown.")
    for part in parts:
        tried = f"{part.state} at try {part.tries}: {quoted(part.error or '')}"
        where = f"{part.channel} {part.address} · {part.conversation}"
        console.print(f"{part.id} · {part.at:%Y-%m-%d %H:%M} · {where} · {tried}", markup=False)
        console.print(f"    {quoted(part.text)}", markup=False)


@app.command("retry")
def retry(
    parts: Annotated[list[int], typer.Argument(help="Their numbers (relevo outbox list)")],
    project: OfProject = None,
) -> None:
    """Lets parts be sent again by a running worker. An unknown one may then arrive twice: look first."""

    async def job(opened: App, of_project: ProjectId) -> list[int]:
        async with opened.database.project(of_project) as connection:
            return [each for each in parts if await retry_undelivered(connection, of_project, each)]

    done = within(project, job)
    for each in done:
        console.print(f"{each} is due again; a worker sends it")
    if left := [each for each in parts if each not in done]:
        fail(f"{', '.join(map(str, left))}: neither failed nor unknown, or the address is someone else's now")
