"""`relevo user`: who may sign in, with which role in which project."""

from collections.abc import Awaitable, Callable
from typing import Annotated, NoReturn, TypeVar

import typer

from relevo.accounts import mail
from relevo.accounts.account import UserId, read_email
from relevo.accounts.links import INVITATION_DAYS, RESET_MINUTES
from relevo.accounts.roles import Role
from relevo.app import App
from relevo.cli.console import console, fail, print_json
from relevo.cli.project import OfProject, within
from relevo.domain.ids import ProjectId
from relevo.storage.accounts import known_sessions, known_users, leave_project, remove_user

app = typer.Typer(help="Users: invite, list, reset, remove, sessions.", no_args_is_help=True)

Email = Annotated[str, typer.Argument(help="The user's e-mail address")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON")]
Result = TypeVar("Result")


@app.command("invite")
def invite(
    email: Email,
    role: Annotated[Role, typer.Option(help="What they are in the project")],
    project: OfProject = None,
) -> None:
    """Makes a one-time link into a project and prints it; sends it too, where SMTP_URL is set.

    For who is in the project already, the link changes the role.
    """
    email = _address(email)

    async def job(app: App, of_project: ProjectId) -> None:
        token = await app.links.invite(email, of_project, role)
        link = f"{app.base_url}/invitation/{token}"
        console.print(link, markup=False)
        await _send(app, email, mail.invitation(link, of_project, INVITATION_DAYS))

    within(project, job)


@app.command("reset")
def reset(email: Email) -> None:
    """Makes a one-time link to set a new password and prints it; sends it too, where SMTP_URL is set."""
    email = _address(email)

    async def job(app: App) -> None:
        token = await app.links.reset(email)
        if token is None:
            _nobody(email)
        link = f"{app.base_url}/reset/{token}"
        console.print(link, markup=False)
        await _send(app, email, mail.reset(link, RESET_MINUTES))

    _anywhere(job)


@app.command("list")
def users(as_json: AsJson = False) -> None:
    """Lists all users with their roles by project."""
    found = _anywhere(lambda app: known_users(app.database))
    if as_json:
        print_json(found)
        return
    for user in found:
        roles = ", ".join(f"{role} of {project}" for project, role in user["roles"].items())
        last = f"last sign-in {user['signed_in_at']:%Y-%m-%d}" if user["signed_in_at"] else "never signed in"
        marks = [mark for mark, so in (("invited", user["invited"]), ("demo", user["demo"])) if so]
        line = "  ".join([user["email"], roles or "no project", last, *marks])
        console.print(line, markup=False)


@app.command("remove")
def remove(
    email: Email,
    project: Annotated[str | None, typer.Option(help="Only from this project; else altogether")] = None,
) -> None:
    """Removes a user, whose sessions end at once; with --project only from that project."""
    email = _address(email)

    async def job(app: App) -> None:
        user = await _user(app, email)
        if project is None:
            await remove_user(app.database, email)
            return
        if not await leave_project(app.database, ProjectId(project), user):
            fail(f"{email} is not in project {project!r}")

    _anywhere(job)
    console.print(f"removed{f' from {project}' if project else ''}", markup=False)


@app.command("sessions")
def sessions(
    email: Email,
    revoke: Annotated[bool, typer.Option("--revoke", help="End all of them")] = False,
    as_json: AsJson = False,
) -> None:
    """Lists a user's sessions: when and from where they were opened and last used."""
    email = _address(email)

    async def job(app: App) -> None:
        user = await _user(app, email)
        if revoke:
            console.print(f"{await app.sessions.sign_out_everywhere(user)} ended")
            return
        found = await known_sessions(app.database, user, app.clock.now())
        if as_json:
            print_json(found)
        for each in found if not as_json else []:
            when = f"opened {each['created_at']:%Y-%m-%d %H:%M}  seen {each['seen_at']:%Y-%m-%d %H:%M} (UTC)"
            console.print(f"{each['session_id']}  {when}  {each['origin']}", markup=False)

    _anywhere(job)


def _anywhere(job: Callable[[App], Awaitable[Result]]) -> Result:
    """Runs ``job`` for the installation, whatever its projects."""
    return within(None, lambda app, _: job(app))


async def _send(app: App, email: str, letter: tuple[str, str]) -> None:
    if app.mailer is None:
        return
    try:
        await app.mailer.send(email, *letter)
    except mail.NotSent as error:
        fail(f"the letter was not sent: {error}; check SMTP_URL, or hand the link over yourself")
    console.print(f"sent to {email}", markup=False)


async def _user(app: App, email: str) -> UserId:
    for user in await known_users(app.database):
        if user["email"] == email:
            return UserId(user["user_id"])
    _nobody(email)


def _nobody(email: str) -> NoReturn:
    fail(f"no user {email}; relevo user list shows those there are")


def _address(email: str) -> str:
    try:
        return read_email(email)
    except ValueError as error:
        fail(str(error))
