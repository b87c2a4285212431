"""Attacks on accounts: guessing, enumerating, replaying, forging, and staying after one is thrown out."""

import asyncio
import re
import threading
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from tests.conftest import OpenApp
from tests.support.accounts import PASSWORD, Browser, make_user
from tests.support.http import Site, served
from tests.support.processes import until
from tests.support.smtp_server import mail_server

from relevo.accounts import passwords
from relevo.accounts.errors import Refused, Throttled
from relevo.accounts.roles import Role
from relevo.accounts.sessions import IDLE_DAYS, LONGEST_DAYS, Sessions
from relevo.accounts.throttle import FAILURE_MINUTES, MOST_FAILURES
from relevo.app import App
from relevo.domain.clock import ManualClock
from relevo.domain.ids import ProjectId
from relevo.storage.accounts import known_users, remove_user
from relevo.storage.projects import create_key, create_project

ANA = "ana@example.com"


@pytest.fixture
async def site(app: App) -> AsyncIterator[Site]:
    app.clock = ManualClock()
    await make_user(app, ANA, {"demo": Role.OWNER})
    async with served(app) as site:
        yield site


@pytest.fixture
async def browser(site: Site) -> AsyncIterator[Browser]:
    async with Browser(site.url) as browser:
        yield browser


def clock_of(app: App) -> ManualClock:
    assert isinstance(app.clock, ManualClock)
    return app.clock


async def _fail(sessions: Sessions, email: str, address: str) -> None:
    with pytest.raises(Refused):
        await sessions.sign_in(email, "not the password", address, "")


@pytest.mark.parametrize("email", [ANA, "nobody@example.com"])
async def test_after_five_failures_an_account_waits_whoever_asks(app: App, site: Site, email: str) -> None:
    for number in range(MOST_FAILURES):
        await _fail(app.sessions, email, f"203.0.113.{number}")
    for password in ("not the password", PASSWORD):
        with pytest.raises(Throttled) as refused:
            await app.sessions.sign_in(email, password, "198.51.100.7", "")
        assert refused.value.wait == timedelta(minutes=FAILURE_MINUTES)
    clock_of(app).advance(FAILURE_MINUTES * 60 - 1)
    with pytest.raises(Throttled):
        await app.sessions.sign_in(email, PASSWORD, "198.51.100.7", "")
    clock_of(app).advance(2)
    if email == ANA:
        assert await app.sessions.sign_in(email, PASSWORD, "198.51.100.7", "")
    else:
        await _fail(app.sessions, email, "198.51.100.7")


async def test_after_five_failures_an_address_waits_whomever_it_tries(app: App, site: Site) -> None:
    for number in range(MOST_FAILURES):
        await _fail(app.sessions, f"someone{number}@example.com", f"2001:db8:1:2:{number}::1")
    with pytest.raises(Throttled):
        await app.sessions.sign_in(ANA, PASSWORD, "2001:db8:1:2:ffff::9", "")
    assert await app.sessions.sign_in(ANA, PASSWORD, "2001:db8:1:3::1", "")


async def test_guesses_made_at_once_are_counted_one_by_one(app: App, site: Site) -> None:
    outcomes = await asyncio.gather(
        *(app.sessions.sign_in(ANA, f"guess {n}", f"203.0.113.{n}", "") for n in range(20)),
        return_exceptions=True,
    )
    assert sum(isinstance(each, Refused) for each in outcomes) == MOST_FAILURES
    assert sum(isinstance(each, Throttled) for each in outcomes) == 20 - MOST_FAILURES


async def test_an_attempt_waits_for_one_that_is_being_counted(app: App, database_url: str) -> None:
    """The fifth is counted in a transaction that has not ended: the sixth must not be looked at beside it."""
    take = "SELECT attempt_take(ARRAY['x'::bytea], now(), 5, interval '15 min') AS wait"
    connect = psycopg.AsyncConnection.connect
    async with (
        await connect(database_url) as fifth,
        await connect(database_url) as sixth,
        await connect(database_url, autocommit=True) as looking,
    ):
        for _ in range(4):
            await fifth.execute(take)
            await fifth.commit()
        await fifth.execute(take)
        trying = asyncio.create_task(sixth.execute(take))

        async def waits() -> bool:
            found = await looking.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            row = await found.fetchone()
            return trying.done() or (row is not None and row[0] > 0)

        await until("waiting", waits)
        assert not trying.done()
        await fifth.commit()
        row = await (await trying).fetchone()
        assert row is not None
        assert row[0] is not None


async def test_ones_own_account_does_not_buy_an_address_more_guesses(app: App, site: Site) -> None:
    await make_user(app, "eva@example.com", {"demo": Role.ANALYST})
    for _ in range(MOST_FAILURES - 1):
        await _fail(app.sessions, ANA, "203.0.113.1")
        await app.sessions.sign_in("eva@example.com", PASSWORD, "203.0.113.1", "")
    clock_of(app).advance(1)
    await _fail(app.sessions, "carla@example.com", "203.0.113.1")
    with pytest.raises(Throttled):
        await app.sessions.sign_in("eva@example.com", PASSWORD, "203.0.113.1", "")


async def test_a_stranger_is_refused_with_the_same_work_and_words(
    app: App, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same hashing with the same parameters, the same calls of the database, the same page."""
    hashed: list[str] = []
    verify = passwords._HASHER.verify

    def watched(password: bytes, kept: str) -> bool:
        hashed.append(kept)
        return verify(password, kept)

    monkeypatch.setattr(passwords._HASHER, "verify", watched)
    await app.links.invite("invited@example.com", ProjectId("demo"), Role.ANALYST)
    pages = []
    for email in (ANA, "nobody@example.com", "invited@example.com", "no address"):
        answer = await browser.sign_in(email, "not the password")
        headers = {
            name: each
            for name, each in answer.headers.items()
            if name not in ("date", "content-length", "x-request-id")
        }
        pages.append((answer.status_code, answer.text.replace(email, "…"), headers))
    assert pages[0][0] == 401
    assert [page for page in pages if page != pages[0]] == []
    assert len(hashed) == 4
    assert len({kept.rpartition("$")[0].rpartition("$")[0] for kept in hashed}) == 1


async def test_the_event_loop_goes_on_while_passwords_are_hashed(
    app: App, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requests are answered between the beginning of a hash and its end, which waits for them."""
    begun, go_on = threading.Event(), threading.Event()

    def slow(password: bytes, kept: str) -> bool:
        begun.set()
        assert go_on.wait(60)
        return False

    monkeypatch.setattr(passwords._HASHER, "verify", slow)
    trying = asyncio.create_task(app.sessions.sign_in(ANA, "x", "203.0.113.9", ""))
    assert await asyncio.to_thread(begun.wait, 60)
    assert (await site.client.get("/healthz")).status_code == 200
    assert not trying.done()
    go_on.set()
    with pytest.raises(Refused):
        await trying


async def test_a_flood_of_sign_ins_is_turned_away_before_it_fills_the_memory(
    app: App, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "MOST_HASHING", 0)
    assert (await browser.sign_in(ANA)).status_code == 503


async def test_asking_for_a_new_password_tells_nobody_who_has_an_account(open_installation: OpenApp) -> None:
    async with mail_server() as server:
        app = await open_installation(
            smtp_url=server.url, smtp_from="care@example.com", public_url="https://care.example.com"
        )
        app.settings = app.settings.model_copy(update={"public_url": None})  # the test speaks plain http
        await make_user(app, ANA, {"demo": Role.OWNER})
        async with served(app) as site, Browser(site.url) as browser:
            pages = []
            for email in ("nobody@example.com", ANA):
                answer = await browser.submit("/reset", email=email)
                pages.append((answer.status_code, answer.text))
            assert pages[0] == pages[1]
            await asyncio.wait_for(server.arrived.wait(), 30)
        assert [letter["To"] for letter in server.letters] == [ANA]


async def test_letters_lead_to_our_own_address_whatever_the_request_says(open_installation: OpenApp) -> None:
    async with mail_server() as server:
        app = await open_installation(smtp_url=server.url, smtp_from="care@example.com", port=8123)
        await make_user(app, ANA, {"demo": Role.OWNER})
        async with served(app) as site, Browser(site.url, Host="evil.example") as browser:
            hidden = await browser.form("/reset")
            await browser.client.post("/reset", data={**hidden, "email": ANA})
            await asyncio.wait_for(server.arrived.wait(), 30)
        text = server.letters[0].get_content()
        assert "evil.example" not in text
        assert re.search(r"http://localhost:8123/reset/[\w-]{43}\s", text)


async def test_new_passwords_can_be_asked_for_five_times_only(open_installation: OpenApp) -> None:
    async with mail_server() as server:
        app = await open_installation(smtp_url=server.url, smtp_from="care@example.com")
        async with served(app) as site, Browser(site.url) as browser:
            answers = [(await browser.submit("/reset", email=ANA)).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]


@pytest.mark.parametrize("purpose", ["reset", "invitation"])
async def test_a_one_time_link_opens_once_even_when_used_twice_at_once(
    app: App, site: Site, purpose: str
) -> None:
    token = (
        await app.links.reset(ANA)
        if purpose == "reset"
        else await app.links.invite("new@example.com", ProjectId("demo"), Role.ANALYST)
    )
    assert token is not None
    used = await asyncio.gather(
        *(app.links.use(token, f"one of the passwords {n}") for n in range(6)), return_exceptions=True
    )
    assert sum(not isinstance(each, BaseException) for each in used) == 1
    assert sum(isinstance(each, Refused) for each in used) == 5
    with pytest.raises(Refused):
        await app.links.use(token, "one more password")


async def test_a_link_expires_and_another_takes_its_place(app: App, site: Site) -> None:
    token = await app.links.reset(ANA)
    assert token is not None
    clock_of(app).advance(3600)
    with pytest.raises(Refused):
        await app.links.use(token, "a new password of mine")
    first, second = await app.links.reset(ANA), await app.links.reset(ANA)
    assert first is not None
    assert second is not None
    await app.links.use(second, "a new password of mine")
    with pytest.raises(Refused):
        await app.links.use(first, "another new password")


async def test_a_new_password_ends_every_session(app: App, browser: Browser) -> None:
    await browser.sign_in(ANA)
    assert (await browser.get("/account")).status_code == 200
    token = await app.links.reset(ANA)
    assert token is not None
    await app.links.use(token, "a new password of mine")
    assert (await browser.get("/account")).status_code == 303
    assert (await browser.sign_in(ANA)).status_code == 401
    assert (await browser.sign_in(ANA, "a new password of mine")).status_code == 303


async def test_an_invitation_does_not_take_an_account_over(app: App, site: Site) -> None:
    """Whoever may invite into a project sees the link: it must not set the password of who has one."""
    await create_project(app.database, ProjectId("other"), "music", "Other")
    token = await app.links.invite(ANA, ProjectId("other"), Role.OWNER)
    await app.links.use(token, "the inviter's password")
    with pytest.raises(Refused):
        await app.sessions.sign_in(ANA, "the inviter's password", "203.0.113.5", "")
    assert await app.sessions.sign_in(ANA, PASSWORD, "203.0.113.5", "")


async def test_a_reset_link_is_no_invitation(app: App, browser: Browser) -> None:
    token = await app.links.reset(ANA)
    answer = await browser.get(f"/invitation/{token}")
    assert answer.status_code == 404
    unknown = await browser.get("/invitation/" + "x" * 43)
    assert answer.text.replace(str(token), "") == unknown.text.replace("x" * 43, "")
    assert (await browser.get(f"/reset/{token}")).status_code == 200


async def test_looking_at_a_link_does_not_use_it(browser: Browser, app: App) -> None:
    token = await app.links.reset(ANA)
    for _ in range(3):
        assert (await browser.get(f"/reset/{token}")).status_code == 200
    done = await browser.submit(f"/reset/{token}", password="a new password of mine")
    assert done.headers["location"] == "/sign-in?done=done_reset"


async def test_nothing_that_opens_is_kept_as_it_is(app: App, browser: Browser, demo_admin_url: str) -> None:
    """A copy of the database opens no session and no link, and shows no password."""
    await browser.sign_in(ANA)
    session = browser.client.cookies["relevo_session"]
    link = await app.links.reset(ANA)
    assert link is not None
    with psycopg.connect(demo_admin_url) as admin:
        rows = "".join(
            str(admin.execute(SQL("SELECT * FROM {}").format(Identifier(table))).fetchall())
            for table in ("users", "user_sessions", "user_links", "user_attempts")
        )
    assert "$argon2id$" in rows
    assert not [secret for secret in (session, link, PASSWORD) if secret in rows]


async def test_a_session_ends_by_silence_and_by_age(app: App, site: Site) -> None:
    clock, day = clock_of(app), 86_400
    token = await app.sessions.sign_in(ANA, PASSWORD, "203.0.113.1", "")
    clock.advance(IDLE_DAYS * day - 1)
    assert await app.sessions.account(token) is not None
    clock.advance(IDLE_DAYS * day - 1)
    assert await app.sessions.account(token) is not None
    clock.advance(IDLE_DAYS * day + 1)
    assert await app.sessions.account(token) is None
    token = await app.sessions.sign_in(ANA, PASSWORD, "203.0.113.1", "")
    for _ in range(LONGEST_DAYS):
        assert await app.sessions.account(token) is not None
        clock.advance(day)
    assert await app.sessions.account(token) is None


async def test_who_signs_out_everywhere_is_out_everywhere_at_once(app: App, site: Site) -> None:
    async with Browser(site.url) as one, Browser(site.url) as two:
        await one.sign_in(ANA)
        await two.sign_in(ANA)
        bearer = {"Authorization": f"Bearer {await two.access_token()}"}
        assert (await site.client.post("/api/chats", headers=bearer)).status_code == 201
        await one.submit("/sign-out", everywhere="yes")
        assert (await two.get("/account")).status_code == 303
        assert (await two.get("/api/account")).status_code == 401
        assert (await site.client.post("/api/chats", headers=bearer)).status_code == 401


async def test_a_stream_ends_soon_after_its_reader_is_thrown_out(
    app: App, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relevo.api.sse.RECHECK_SECONDS", 0.0)
    async with Browser(site.url) as browser:
        await browser.sign_in(ANA)
        bearer = {"Authorization": f"Bearer {await browser.access_token()}"}
    chat = (await site.client.post("/api/chats", headers=bearer)).json()["chat_id"]
    async with site.client.stream("GET", f"/api/chats/{chat}/events", headers=bearer) as stream:
        assert stream.status_code == 200
        account = (await known_users(app.database))[0]
        await app.sessions.sign_out_everywhere(account["user_id"])
        await site.client.post(f"/api/chats/{chat}/messages", json={"content": "secreto"})
        assert "secreto" not in (await stream.aread()).decode()


async def test_a_removed_user_is_gone_at_once(app: App, browser: Browser) -> None:
    await browser.sign_in(ANA)
    bearer = {"Authorization": f"Bearer {await browser.access_token()}"}
    assert await remove_user(app.database, ANA)
    assert (await browser.get("/api/account")).status_code == 401
    assert (await browser.client.post("/api/chats", headers=bearer)).status_code == 401
    assert (await browser.sign_in(ANA)).status_code == 401


async def test_a_session_that_was_planted_before_is_not_the_one_after(browser: Browser) -> None:
    browser.client.cookies.set("relevo_session", "planted by somebody else", domain="127.0.0.1")
    await browser.sign_in(ANA)
    tokens = [each.value for each in browser.client.cookies.jar if each.name == "relevo_session"]
    assert "planted by somebody else" not in tokens


FORMS = ("/sign-in", "/sign-out", "/account/project", "/reset")


@pytest.mark.parametrize("path", FORMS)
async def test_another_site_cannot_send_our_forms(app: App, browser: Browser, path: str) -> None:
    await browser.sign_in(ANA)
    token = await browser.csrf()
    fields = {"email": ANA, "password": PASSWORD, "project": "demo"}
    attacks: list[tuple[dict[str, str], dict[str, str]]] = [
        ({}, {"Origin": browser.url}),
        ({"csrf": ""}, {"Origin": browser.url}),
        ({"csrf": "0" * 64}, {"Origin": browser.url}),
        ({"csrf": token}, {"Origin": "https://evil.example"}),
        ({"csrf": token}, {"Origin": "null"}),
        ({"csrf": token}, {"Origin": browser.url.replace("http:", "https:")}),
        ({"csrf": token}, {"Sec-Fetch-Site": "cross-site"}),
        ({"csrf": token}, {"Sec-Fetch-Site": "same-site"}),
    ]
    for form, headers in attacks:
        answer = await browser.client.post(path, data={**fields, **form}, headers=headers)
        assert answer.status_code in ((403, 200) if path == "/reset" else (403,)), (form, headers)
    assert (await browser.get("/account")).status_code == 200


async def test_a_forms_token_is_of_one_browser_and_one_session(site: Site) -> None:
    async with Browser(site.url) as victim, Browser(site.url) as attacker:
        before = (await victim.form("/sign-in"))["csrf"]
        await victim.sign_in(ANA)
        theirs = (await attacker.form("/sign-in"))["csrf"]
        for token in (before, theirs):
            answer = await victim.client.post("/sign-out", data={"csrf": token}, headers={"Origin": site.url})
            assert answer.status_code == 403
            answer = await victim.client.post("/api/session", headers={"X-CSRF-Token": token})
            assert answer.status_code == 403
        assert (await victim.client.post("/api/session")).status_code == 403


async def test_cookies_are_for_this_host_over_https_alone(app: App, site: Site) -> None:
    app.settings = app.settings.model_copy(update={"public_url": "https://care.example.com"})
    async with Browser(site.url) as browser:
        asked = await browser.get("/sign-in")
        cookies = {"__Host-relevo_form": asked.cookies["__Host-relevo_form"]}
        token = re.findall(r'name="csrf" value="(\w+)"', asked.text)[0]
        answer = await browser.client.post(
            "/sign-in",
            data={"csrf": token, "email": ANA, "password": PASSWORD},
            headers={
                "Origin": "https://care.example.com",
                "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
            },
        )
        assert answer.status_code == 303
        for cookie in [*asked.headers.get_list("set-cookie"), *answer.headers.get_list("set-cookie")]:
            assert cookie.startswith("__Host-relevo_")
            assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
            assert "Domain" not in cookie
        session = answer.cookies["__Host-relevo_session"]
        plain = await browser.client.get("/account", headers={"Cookie": f"relevo_session={session}"})
        assert plain.status_code == 303
        assert asked.headers["strict-transport-security"]


@pytest.mark.parametrize("path", ["/sign-in", "/reset", "/reset/x", "/invitation/x", "/account", "/sign-out"])
async def test_pages_are_closed_to_frames_scripts_and_caches(browser: Browser, path: str) -> None:
    await browser.sign_in(ANA)
    headers = (await browser.get(path, follow_redirects=False)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self'" in policy
    assert "unsafe" not in policy
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "next",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nb", ""],
)
async def test_nobody_is_sent_elsewhere_after_signing_in(browser: Browser, next: str) -> None:
    hidden = await browser.form("/sign-in")
    answer = await browser.client.post(
        "/sign-in", data={**hidden, "next": next, "email": ANA, "password": PASSWORD}
    )
    assert answer.headers["location"] == "/account"


async def test_what_somebody_types_comes_back_as_text(browser: Browser) -> None:
    evil = '"><script>alert(1)</script>'
    answer = await browser.sign_in(evil)
    assert "<script>" not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert "<script>" not in (await browser.get("/sign-in", params={"next": "/" + evil, "done": evil})).text


async def test_a_scope_holds_on_every_method(app: App, site: Site) -> None:
    reading = await create_key(app.database, ProjectId("demo"), "r", ["read"])
    writing = await create_key(app.database, ProjectId("demo"), "w", ["write"])
    chat = await site.open_chat()
    for key, method, path, status in (
        (reading, "GET", f"/api/chats/{chat}/messages", 200),
        (reading, "POST", "/api/chats", 403),
        (reading, "POST", f"/api/chats/{chat}/messages", 403),
        (writing, "GET", f"/api/chats/{chat}/messages", 403),
        (writing, "POST", "/api/chats", 201),
    ):
        body = {"content": "hola"} if path.endswith("messages") and method == "POST" else None
        answer = await httpx.AsyncClient(base_url=site.url).request(
            method, path, json=body, headers={"Authorization": f"Bearer {key}"}
        )
        assert answer.status_code == status, (method, path)


async def test_an_analyst_only_reads(app: App, site: Site) -> None:
    await make_user(app, "eva@example.com", {"demo": Role.ANALYST})
    chat = await site.open_chat()
    async with Browser(site.url) as browser:
        await browser.sign_in("eva@example.com")
        bearer = {"Authorization": f"Bearer {await browser.access_token()}"}
        path = f"/api/chats/{chat}/messages"
        assert (await browser.get(path, headers=bearer)).status_code == 200
        refused = await browser.client.post(path, json={"content": "hola"}, headers=bearer)
        assert refused.status_code == 403
