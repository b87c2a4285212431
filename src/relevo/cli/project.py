"""Which project a command works on, and an installation to do it in."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer

from relevo.app import App
from relevo.bootstrap import open_app
from relevo.cli.console import fail, run
from relevo.cli.logs import set_up
from relevo.domain.ids import ProjectId
from relevo.settings import load_settings

Result = TypeVar("Result")
OfProject = Annotated[
    str | None, typer.Option("--project", help="Which project; the first one when left out")
]


async def chosen(app: App, project: str | None) -> ProjectId:
    """The project that is named, the first one when none is. Ends the command where there is no such one."""
    found = ProjectId(project) if project is not None else app.default_project
    try:
        await app.team_of(found)
    except LookupError as error:
        fail(str(error))
    return found


def within(project: str | None, job: Callable[[App, ProjectId], Awaitable[Result]]) -> Result:
    """Runs ``job`` for the project that is named, in an installation that sends but takes no turns."""

    async def work() -> Result:
        async with open_app(load_settings(), working=False) as app:
            return await job(app, await chosen(app, project))

    set_up("warning")
    return run(work())
