"""`relevo key`, `relevo project`, `relevo customer-token`: who may call, and for whom."""

import time
from enum import StrEnum
from typing import Annotated, Any

import jwt
import typer

from relevo.accounts.roles import Scope
from relevo.api.origins import read_origin
from relevo.app import App
from relevo.cli.console import console, fail
from relevo.cli.project import OfProject, within
from relevo.domain.ids import ChannelName, ProjectId
from relevo.storage.projects import (
    add_origin,
    create_key,
    create_project,
    move_address,
    read_keys,
    read_origins,
    remove_origin,
    revoke_key,
)

keys = typer.Typer(help="API keys: create, list, revoke.", no_args_is_help=True)
projects = typer.Typer(help="Projects, and the addresses they are reached at.", no_args_is_help=True)


@keys.command("create")
def new_key(
    name: Annotated[str, typer.Option(help="What the key is for")] = "api",
    scope: Annotated[
        list[Scope] | None, typer.Option(help="What it may do: read, write; both when left out")
    ] = None,
    project: OfProject = None,
) -> None:
    """Makes an API key and prints it: it is shown only this once."""
    scopes = [each for each in Scope if not scope or each in scope]
    typer.echo(within(project, lambda app, of_project: create_key(app.database, of_project, name, scopes)))


@keys.command("list")
def list_keys(project: OfProject = None) -> None:
    """Lists a project's keys, what they may do and when they were last used; they themselves are not kept."""
    for key in within(project, lambda app, of_project: read_keys(app.database, of_project)):
        state = "revoked" if key["revoked_at"] else "valid"
        used = f"last used {key['last_used_at']:%Y-%m-%d %H:%M}" if key["last_used_at"] else "never used"
        scopes = "+".join(key["scopes"])
        line = f"{key['id']}  {key['name']}  {scopes}  made {key['created_at']:%Y-%m-%d}  {used}  {state}"
        console.print(line, markup=False)


@keys.command("revoke")
def revoke(
    key: Annotated[str, typer.Argument(help="The key's id (relevo key list)")], project: OfProject = None
) -> None:
    """Revokes a key; servers that run stop taking it within 30 seconds."""
    if not within(project, lambda app, of_project: revoke_key(app.database, of_project, key)):
        fail(f"no valid key {key!r}; relevo key list shows those there are")
    console.print("revoked")


@projects.command("address")
def claim(
    project: Annotated[str, typer.Argument(help="The project's id")],
    channel: Annotated[str, typer.Argument(help="The channel, such as whatsapp")],
    address: Annotated[str, typer.Argument(help="Our address on it, such as whatsapp:+14155238886")],
) -> None:
    """Says that messages to an address on a channel are a project's, and no other's."""
    before = within(
        project,
        lambda app, of_project: move_address(app.database, of_project, ChannelName(channel), address),
    )
    no_longer = f", no longer {' and '.join(before)}'s" if before else ""
    console.print(f"{address} is {project}'s{no_longer}", markup=False)


class Verb(StrEnum):
    ADD = "add"
    REMOVE = "remove"
    LIST = "list"


@projects.command("origins")
def origins(
    project: Annotated[str, typer.Argument(help="The project's id")],
    verb: Annotated[Verb, typer.Argument(help="What to do")] = Verb.LIST,
    origin: Annotated[str, typer.Argument(help="A site, such as https://shop.example")] = "",
) -> None:
    """Says which sites may show the project's widget (docs/widget.md)."""
    try:
        wanted = read_origin(origin) if verb is not Verb.LIST else ""
    except ValueError as error:
        fail(str(error))

    async def job(app: App, of_project: ProjectId) -> list[str]:
        if verb is Verb.ADD:
            await add_origin(app.database, of_project, wanted)
        elif verb is Verb.REMOVE and not await remove_origin(app.database, of_project, wanted):
            fail(f"{wanted} is not among them; relevo project origins {project} list shows those there are")
        return await read_origins(app.database, of_project)

    console.print("\n".join(within(project, job)) or "none", markup=False)


@projects.command("create")
def new_project(
    project: Annotated[str, typer.Argument(help="Its id: lower-case letters, digits and dashes")],
    team: Annotated[str, typer.Option(help="Which team serves it")] = "music",
    name: Annotated[str | None, typer.Option(help="Its name for people")] = None,
) -> None:
    """Creates a project: a tenant with rows of its own."""
    if not project.replace("-", "").isalnum() or not project.isascii() or project != project.lower():
        fail("a project's id has only lower-case letters, digits and dashes")

    async def job(app: App, first: ProjectId) -> bool:
        if team not in app.teams:
            fail(f"no team {team!r}; there are: {', '.join(sorted(app.teams))}")
        return await create_project(app.database, ProjectId(project), team, name or project)

    console.print("created" if within(None, job) else "it was there already")


def customer_token(
    customer: Annotated[str, typer.Argument(help="The customer's reference in your system")],
    project: OfProject = None,
    name: Annotated[str | None, typer.Option(help="What to call the customer")] = None,
    minutes: Annotated[int, typer.Option(min=1, help="How long it is valid")] = 60,
) -> None:
    """Signs a customer token, as your own site would (docs/identity.md)."""

    async def job(app: App, of_project: ProjectId) -> str:
        claims: dict[str, Any] = {"sub": customer, "aud": of_project, "exp": int(time.time()) + minutes * 60}
        if name:
            claims["name"] = name
        return jwt.encode(claims, app.customer_token_secret, algorithm="HS256")

    typer.echo(within(project, job))
