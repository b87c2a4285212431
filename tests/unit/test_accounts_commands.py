"""`relevo user` and `relevo key`: invite, list, reset, remove, sessions; scopes and last use."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest
from tests.conftest import settings_for
from tests.support.accounts import PASSWORD
from tests.support.smtp_server import MailServer, mail_server
from tests.unit.conftest import Relevo

from relevo.app import App
from relevo.bootstrap import open_app
from relevo.storage.embedded import Cluster
from relevo.storage.projects import read_key

EMAIL = "ana@example.com"
Result = TypeVar("Result")
InApp = Callable[[Callable[[App], Awaitable[object]]], object]


@pytest.fixture
def in_app(cluster: Cluster, demo_name: str, tmp_path: object) -> InApp:
    """Does something in the installation that the commands work on."""

    def run(job: Callable[[App], Awaitable[object]]) -> object:
        async def work() -> object:
            settings = settings_for(cluster.url("relevo_app", demo_name), tmp_path / "data")  # type: ignore[operator]
            async with open_app(settings, working=False) as app:
                return await job(app)

        return asyncio.run(work())

    return run


def _token(printed: str) -> str:
    found = re.search(r"http://localhost:8000/(?:invitation|reset)/([\w-]{43})\n", printed)
    assert found, printed
    return found[1]


def _sign_in(email: str, password: str) -> Callable[[App], Awaitable[object]]:
    return lambda app: app.sessions.sign_in(email, password, "203.0.113.1", "Firefox")


def test_a_user_from_invitation_to_removal(relevo: Relevo, in_app: InApp) -> None:
    relevo("project", "create", "second")
    invited = _token(relevo("user", "invite", " Ana@Example.com ", "--role", "operator"))
    assert f"{EMAIL}  no project  never signed in  invited" in relevo("user", "list")
    in_app(lambda app: app.links.use(invited, PASSWORD, "Ana"))
    more = _token(relevo("user", "invite", EMAIL, "--role", "analyst", "--project", "second"))
    in_app(lambda app: app.links.use(more, None))
    [user] = json.loads(relevo("user", "list", "--json"))
    assert user["roles"] == {"demo": "operator", "second": "analyst"}
    assert user["name"] == "Ana"
    assert not [name for name in user if "hash" in name or "password" in name]

    in_app(_sign_in(EMAIL, PASSWORD))
    assert "operator of demo, analyst of second  last sign-in" in relevo("user", "list")
    assert "203.0.113.1" not in relevo("user", "list")
    assert "Firefox" in relevo("user", "sessions", EMAIL)
    assert len(json.loads(relevo("user", "sessions", EMAIL, "--json"))) == 1
    assert "1 ended" in relevo("user", "sessions", EMAIL, "--revoke")
    assert json.loads(relevo("user", "sessions", EMAIL, "--json")) == []

    lost = _token(relevo("user", "reset", EMAIL))
    in_app(lambda app: app.links.use(lost, "another password of hers"))
    in_app(_sign_in(EMAIL, "another password of hers"))

    assert "from second" in relevo("user", "remove", EMAIL, "--project", "second")
    assert "is not in project" in relevo("user", "remove", EMAIL, "--project", "second", status=1)
    assert json.loads(relevo("user", "list", "--json"))[0]["roles"] == {"demo": "operator"}
    relevo("user", "remove", EMAIL)
    assert json.loads(relevo("user", "list", "--json")) == []


@pytest.mark.parametrize("command", ["reset", "remove", "sessions"])
def test_a_user_that_is_not_there_is_refused(relevo: Relevo, command: str) -> None:
    assert "no user ana@example.com" in relevo("user", command, EMAIL, status=1)
    assert "expected an e-mail address" in relevo("user", command, "ana", status=1)


def test_an_invitation_names_a_project_and_a_role_that_are_there(relevo: Relevo) -> None:
    assert "no project 'nope'" in relevo(
        "user", "invite", EMAIL, "--role", "owner", "--project", "nope", status=1
    )
    relevo("user", "invite", EMAIL, "--role", "king", status=2)
    assert json.loads(relevo("user", "list", "--json")) == []


async def _sent(relevo: Relevo, server: MailServer, *command: str, status: int = 0) -> str:
    """Runs a command in a thread, as the mail server lives in this loop."""
    return await asyncio.to_thread(lambda: relevo(*command, status=status))


async def test_links_go_out_by_mail_too(relevo: Relevo, monkeypatch: pytest.MonkeyPatch) -> None:
    async with mail_server() as server:
        monkeypatch.setenv("SMTP_URL", server.url)
        monkeypatch.setenv("SMTP_FROM", "Care <care@example.com>")
        monkeypatch.setenv("PUBLIC_URL", "https://care.example.com")
        invite = ("user", "invite", EMAIL, "--role", "marketer")
        printed = await _sent(relevo, server, *invite)
        assert f"sent to {EMAIL}" in printed
        reset = await _sent(relevo, server, "user", "reset", EMAIL)
        server.refusing = True
        refused = await _sent(relevo, server, *invite, status=1)
    first, second = server.letters
    assert (first["To"], first["From"]) == (EMAIL, "Care <care@example.com>")
    for letter, told in ((first, printed), (second, reset)):
        link = re.search(r"https://care\.example\.com/(invitation|reset)/[\w-]{43}", letter.get_content())
        assert link
        assert link[0] in told
    assert ("post", "s@cret") in server.logins
    assert "the letter was not sent" in refused
    assert "s@cret" not in refused


@pytest.mark.parametrize(
    ("url", "sender", "said"),
    [
        ("http://mail.example.com", "care@example.com", "SMTP_URL"),
        ("smtp://", "care@example.com", "SMTP_URL"),
        ("smtp://mail.example.com:99999", "care@example.com", "SMTP_URL"),
        ("smtp://mail.example.com", "", "SMTP_FROM"),
    ],
)
def test_a_wrong_mail_server_stops_the_start(
    relevo: Relevo, monkeypatch: pytest.MonkeyPatch, url: str, sender: str, said: str
) -> None:
    from relevo.settings import Misconfigured

    monkeypatch.setenv("SMTP_URL", url)
    monkeypatch.setenv("SMTP_FROM", sender)
    with pytest.raises(Misconfigured, match=said):
        _raising(relevo)


def _raising(relevo: Relevo) -> None:
    from typer.testing import CliRunner

    from relevo.cli.app import app

    done = CliRunner().invoke(app, ["user", "list"])
    if done.exception is not None:
        raise done.exception


def test_keys_show_what_they_may_and_when_they_were_used(relevo: Relevo, in_app: InApp) -> None:
    key = relevo("key", "create", "--name", "shop", "--scope", "read").strip()
    relevo("key", "create", "--name", "site")
    lines = {line.split("  ")[1]: line for line in relevo("key", "list").splitlines()}
    assert "  read  made" in lines["shop"]
    assert "never used" in lines["shop"]
    assert "  read+write  made" in lines["site"]
    in_app(lambda app: read_key(app.database, key))
    assert "last used 2" in relevo("key", "list")
    relevo("key", "create", "--scope", "everything", status=2)
