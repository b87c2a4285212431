"""What accounts are made of: addresses, networks, roles, links that lead somewhere, the demo's users."""

from typing import Annotated

import httpx
import pytest
from fastapi import Depends, Request
from tests.conftest import OpenApp
from tests.support.accounts import CHEAP, PASSWORD, Browser, make_user
from tests.support.http import served

from relevo.accounts import passwords
from relevo.accounts.account import Account, read_email
from relevo.accounts.demo import demo_users, is_public, make_demo_users, refuse_in_public
from relevo.accounts.mail import Server, read_server
from relevo.accounts.roles import Role, Scope, scope_for
from relevo.accounts.throttle import network_of
from relevo.api.app import create_app
from relevo.api.proxies import client_of
from relevo.api.signed_in import require
from relevo.app import App
from relevo.domain.ids import ProjectId
from relevo.settings import Misconfigured
from relevo.storage.accounts import remove_user
from relevo.storage.projects import create_project


@pytest.mark.parametrize(
    "text",
    [
        "", "ana", "ana@", "@example.com", "ana@example", "ana@exam ple.com", "a@b@example.com",
        "ana@example.com\r\nBcc: all@example.com", "ana\x00@example.com", "аna@example.com",
        "a" * 65 + "@example.com", "ana@" + "a" * 250 + ".com",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected an e-mail address"):
        read_email(text)


def test_an_address_is_kept_in_one_form() -> None:
    assert read_email("  Ana.Torres+x@Example.COM\n") == "ana.torres+x@example.com"


def test_one_customer_of_a_network_counts_as_one() -> None:
    assert network_of("2001:db8:1:2:3::4") == network_of("2001:db8:1:2::") == "2001:db8:1:2::/64"
    assert network_of("2001:db8:1:3::") != network_of("2001:db8:1:2::")
    assert network_of("::ffff:203.0.113.1") == network_of("203.0.113.1") == "203.0.113.1"
    assert network_of("testclient") == "testclient"


def test_methods_that_change_need_to_write() -> None:
    for method in ("GET", "HEAD"):
        assert scope_for(method) is Scope.READ
    for method in ("POST", "PUT", "PATCH", "DELETE", "ANYTHING"):
        assert scope_for(method) is Scope.WRITE
    assert [role for role in Role if Scope.WRITE not in role.scopes] == [Role.ANALYST]
    assert [role for role in Role if not role.sees_all_chats] == [Role.MARKETER]


def test_the_hash_of_nobody_costs_what_a_real_one_does() -> None:
    real = passwords._HASHER.hash("x")
    assert passwords._NOBODYS.split("$")[:4] == real.split("$")[:4]


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("short", "short"), ("eleven char", "short"), ("aaaaaaaaaaaaaaaa", "short"),
        ("x1y2" * 51, "long"), ("Ana@example.com", "email"),
    ],
)  # fmt: skip
def test_a_weak_password_is_refused(password: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        passwords.check_new(password, "ana@example.com")
    passwords.check_new("a good long one", "ana@example.com")


def test_addresses_of_mail_servers_are_read() -> None:
    assert read_server("smtps://ana:p%40ss@mail.example.com") == Server(
        "smtps", "mail.example.com", 465, "ana", "p@ss"
    )
    assert read_server("smtp://127.0.0.1:2525").local
    assert read_server("smtp://[::1]").local
    assert not read_server("smtp://mail.example.com").local


@pytest.mark.parametrize(
    ("url", "public"),
    [
        (None, False), ("http://localhost:8000", False), ("https://localhost", False),
        ("https://127.0.0.1:8443", False), ("http://[::1]:8000", False), ("https://care.localhost", False),
        ("https://care.example.com", True), ("http://192.168.1.5:8000", True), ("https://8.8.8.8", True),
    ],
)  # fmt: skip
def test_an_address_is_public_unless_it_is_this_machine(url: str | None, public: bool) -> None:
    assert is_public(url) == public


async def test_demo_users_are_made_once_and_never_met_in_public(app: App) -> None:
    made = await make_demo_users(app.database, app.default_project, app.clock.now())
    assert {user.role for user in made} == {Role.MARKETER, Role.OPERATOR}
    assert await make_demo_users(app.database, app.default_project, app.clock.now()) == []
    for user in made:
        token = await app.sessions.sign_in(user.email, user.password, "127.0.0.1", "")
        account = await app.sessions.account(token)
        assert account is not None
        assert account.role == user.role
    await refuse_in_public(app.database, app.settings.public_url)
    app.settings = app.settings.model_copy(update={"public_url": "https://care.example.com"})
    with pytest.raises(Misconfigured) as refused:
        await refuse_in_public(app.database, app.settings.public_url)
    assert "\n" not in str(refused.value)
    assert sorted(await demo_users(app.database)) == sorted(user.email for user in made)
    for user in made:
        assert f"relevo user remove {user.email}" in str(refused.value)
        assert await remove_user(app.database, user.email)
    await refuse_in_public(app.database, app.settings.public_url)
    assert await make_demo_users(app.database, app.default_project, app.clock.now()) == []


async def test_who_is_signed_in_sees_who_they_are_and_changes_project(app: App) -> None:
    await create_project(app.database, ProjectId("second"), "music", "Second")
    await make_user(app, "ana@example.com", {"demo": Role.MARKETER, "second": Role.OWNER})
    async with served(app) as site, Browser(site.url) as browser:
        asked = await browser.get("/account", follow_redirects=False)
        assert asked.headers["location"] == "/sign-in"
        entered = await browser.submit("/sign-in?next=/account%3Flanguage%3Den", "/sign-in",
            email="ANA@example.com ", password=PASSWORD)  # fmt: skip
        assert entered.headers["location"] == "/account?language=en"
        text = (await browser.get("/account?language=en")).text
        assert "ana@example.com" in text
        assert ">demo</dd>" in text
        assert ">marketer</dd>" in text
        await browser.submit("/account", "/account/project", project="second")
        text = (await browser.get("/account", headers={"Accept-Language": "es-MX,en;q=0.5"})).text
        assert ">second</dd>" in text
        assert ">propietario</dd>" in text
        who = (await browser.get("/api/account")).json()
        assert (who["project"], who["role"]) == ("second", "owner")
        assert who["projects"] == {"demo": "marketer", "second": "owner"}
        await browser.submit("/sign-out")
        assert (await browser.get("/api/account")).status_code == 401


async def test_an_invitation_leads_to_a_signed_in_account(app: App) -> None:
    token = await app.links.invite("eva@example.com", ProjectId("demo"), Role.ANALYST)
    async with served(app) as site, Browser(site.url) as browser:
        path = f"/invitation/{token}"
        weak = await browser.submit(path, password="short", name="Eva")
        assert weak.status_code == 422
        assert "12 caracteres" in weak.text
        done = await browser.submit(path, password=PASSWORD, name=" Eva\x00 Paz ")
        assert done.headers["location"] == "/sign-in?done=done_invitation"
        assert (await browser.get(path)).status_code == 404
        await browser.sign_in("eva@example.com")
        assert "Eva Paz" in (await browser.get("/account")).text


async def test_without_a_mail_server_the_page_says_what_to_do(open_installation: OpenApp) -> None:
    app = await open_installation()
    async with served(app) as site, Browser(site.url) as browser:
        page = await browser.get("/reset")
        assert "relevo user reset" in page.text
        assert 'name="email"' not in page.text


@pytest.mark.parametrize(
    ("role", "accept", "status"),
    [
        (None, "text/html,*/*", 303), (None, "application/json", 401),
        (Role.MARKETER, "text/html", 403), (Role.ANALYST, "text/html", 403),
        (Role.OWNER, "text/html", 200), (Role.OPERATOR, "application/json", 200),
    ],
)  # fmt: skip
async def test_a_page_lets_in_the_roles_it_names(
    app: App, monkeypatch: pytest.MonkeyPatch, role: Role | None, accept: str, status: int
) -> None:
    monkeypatch.setattr(passwords, "_HASHER", CHEAP)
    web = create_app(app.settings, app)
    door = Annotated[Account, Depends(require(Role.OWNER, Role.OPERATOR))]

    async def inside(who: door) -> str:
        return who.email

    web.add_api_route("/inside", inside)
    transport = httpx.ASGITransport(app=web)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        if role is not None:
            await make_user(app, "ana@example.com", {"demo": role})
            token = await app.sessions.sign_in("ana@example.com", PASSWORD, "203.0.113.1", "")
            client.cookies.set("relevo_session", token)
        answer = await client.get("/inside?a=1", headers={"Accept": accept})
    assert answer.status_code == status
    if status == 303:
        assert answer.headers["location"] == "/sign-in?next=/inside%3Fa%3D1"


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"), ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.1", "198.51.100.1"), ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
    ],
)  # fmt: skip
async def test_an_address_is_believed_from_trusted_proxies_alone(
    app: App, peer: str, forwarded: str, found: str
) -> None:
    """What a client writes into X-Forwarded-For itself stands before what the last proxy saw."""
    app.settings = app.settings.model_copy(update={"trusted_proxies": "10.0.0.0/8"})
    scope = {
        "type": "http", "app": create_app(app.settings, app), "client": (peer, 1),
        "headers": [(b"x-forwarded-for", forwarded.encode())],
    }  # fmt: skip
    assert client_of(Request(scope)) == found
