"""`relevo key`, `relevo project`, `relevo customer-token`: who may call, and for whom."""

import time
from typing import Annotated

import jwt
import typer

from relevo.bootstrap import open_app
from relevo.cli.console import console, fail, run
from relevo.cli.logs import set_up
from relevo.domain.ids import ProjectId
from relevo.settings import load_settings
from relevo.storage.projects import create_key, create_project

keys = typer.Typer(help="API keys.", no_args_is_help=True)
projects = typer.Typer(help="Projects.", no_args_is_help=True)
OfProject = Annotated[str | None, typer.Option(help="Which project; the first one when left out")]


@keys.command("create")
def new_key(
    name: Annotated[str, typer.Option(help="What the key is for")] = "api", project: OfProject = None
) -> None:
    """Makes an API key and prints it: it is shown only this once."""

    async def work() -> str:
        async with open_app(load_settings(), working=False) as app:
            wanted = ProjectId(project) if project else app.default_project
            try:
                await app.team_of(wanted)
            except LookupError as error:
                fail(str(error))
            return await create_key(app.database, wanted, name)

    set_up("warning")
    typer.echo(run(work()))


@projects.command("create")
def new_project(
    project: Annotated[str, typer.Argument(help="Its id: lower-case letters, digits and dashes")],
    team: Annotated[str, typer.Option(help="Which team serves it")] = "music",
    name: Annotated[str | None, typer.Option(help="Its name for people")] = None,
) -> None:
    """Creates a project: a tenant with rows of its own."""
    if not project.replace("-", "").isalnum() or not project.isascii() or project != project.lower():
        fail("a project's id has only lower-case letters, digits and dashes")

    async def work() -> bool:
        async with open_app(load_settings(), working=False) as app:
            if team not in app.teams:
                fail(f"no team {team!r}; there are: {', '.join(sorted(app.teams))}")
            return await create_project(app.database, ProjectId(project), team, name or project)

    set_up("warning")
    console.print("created" if run(work()) else "it was there already")


def customer_token(
    customer: Annotated[str, typer.Argument(help="The customer's reference in your system")],
    project: OfProject = None,
    name: Annotated[str | None, typer.Option(help="What to call the customer")] = None,
    minutes: Annotated[int, typer.Option(min=1, help="How long it is valid")] = 60,
) -> None:
    """Signs a customer token, as your own site would (docs/identity.md)."""

    async def work() -> str:
        async with open_app(load_settings(), working=False) as app:
            claims = {
                "sub": customer,
                "aud": project or app.default_project,
                "exp": int(time.time()) + minutes * 60,
            } | ({"name": name} if name else {})
            return jwt.encode(claims, app.customer_token_secret, algorithm="HS256")

    set_up("warning")
    typer.echo(run(work()))
