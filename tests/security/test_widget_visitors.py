"""The widget's visitors: who gets a token, what it opens, and which sites a browser lets show the chat."""

import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import jwt
import pytest
from tests.support.http import Site, served

from relevo.app import App
from relevo.domain.ids import ProjectId
from relevo.storage.projects import add_origin, create_project, remove_origin

SHOP = "https://shop.example"
OTHER = ProjectId("other")
DEMO = ProjectId("demo")


@pytest.fixture
async def site(app: App) -> AsyncIterator[Site]:
    await create_project(app.database, OTHER, "music", "Other")
    await add_origin(app.database, OTHER, SHOP)
    async with served(app) as running:
        yield running


@pytest.fixture
async def nobody(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """A client without any credential."""
    async with httpx.AsyncClient(base_url=site.url, timeout=90) as client:
        yield client


async def become(client: httpx.AsyncClient, project: str, host: str, **headers: str) -> httpx.Response:
    return await client.post(f"/api/widget/{project}/session", json={"host": host}, headers=headers)


async def visitor(client: httpx.AsyncClient, project: str = "other", host: str = SHOP) -> dict[str, str]:
    """The headers of a visitor who has just come."""
    answer = await become(client, project, host)
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Visitor {answer.json()['visitor']}"}


async def test_only_an_allowed_site_gets_a_visitor(nobody: httpx.AsyncClient, site: Site) -> None:
    refused = await become(nobody, "other", "https://evil.example")
    assert refused.status_code == 403
    for project, host in [
        ("other", "http://localhost:3000"),
        ("other", "http://shop.example"), ("other", "null"), ("other", ""),
        ("other", site.url), ("demo", SHOP), ("unknown", SHOP), ("unknown", site.url), ("other", f"{SHOP} *"),
        ("other", f"{SHOP}/"), ("other", f"{SHOP};"),
    ]:  # fmt: skip
        answer = await become(nobody, project, host)
        assert (answer.status_code, answer.content) == (403, refused.content), (project, host)
    assert (await become(nobody, "other", SHOP)).json()["project"] == "other"


async def test_the_page_may_be_shown_by_the_asking_site_alone(nobody: httpx.AsyncClient, site: Site) -> None:
    page = await nobody.get("/widget/other", params={"host": SHOP})
    policy = page.headers["content-security-policy"]
    assert page.status_code == 200
    assert policy.endswith(f"; frame-ancestors {SHOP}")
    own = (await nobody.get("/")).headers["content-security-policy"]
    assert policy.replace(SHOP, "'none'") == own
    assert "set-cookie" not in page.headers
    for path in ("/widget/other?host=https://evil.example", "/widget/other", "/widget/unknown?host=" + SHOP):
        refused = await nobody.get(path)
        assert refused.status_code == 403
        assert "frame-ancestors 'none'" in refused.headers["content-security-policy"]
        assert SHOP not in refused.headers["content-security-policy"]
    await remove_origin(site.app.database, OTHER, SHOP)
    assert (await nobody.get("/widget/other", params={"host": SHOP})).status_code == 403


async def test_the_demos_machine_is_allowed_in_the_demo_only(nobody: httpx.AsyncClient, site: Site) -> None:
    for host in ("http://localhost:5173", "http://127.0.0.1:8080", site.url):
        assert (await become(nobody, "demo", host)).status_code == 200
    site.app.settings = site.app.settings.model_copy(update={"demo": False})
    for host in ("http://localhost:5173", "http://127.0.0.1:8080", site.url):
        assert (await become(nobody, "demo", host)).status_code == 403
    assert (await nobody.get("/widget-demo")).status_code == 404


async def test_another_sites_page_cannot_ask_for_a_visitor(nobody: httpx.AsyncClient) -> None:
    """Only the frame does, which is a page of ours."""
    answer = await become(nobody, "other", SHOP, Origin=SHOP)
    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.startswith("access-control-")]


async def test_a_visitor_sees_their_own_chats_alone(nobody: httpx.AsyncClient, site: Site) -> None:
    mine, theirs = await visitor(nobody), await visitor(nobody)
    chat = (await nobody.post("/api/chats", json={}, headers=mine)).json()["chat_id"]
    said = await nobody.post(f"/api/chats/{chat}/messages", json={"content": "hola"}, headers=mine)
    assert said.status_code == 200
    path = f"/api/chats/{chat}/messages"
    assert (await nobody.get(path, headers=mine)).status_code == 200
    key = {"Authorization": site.client.headers["Authorization"]}
    for who in (theirs, await visitor(nobody, "demo", "http://localhost:1"), key):
        answer = await nobody.get(path, headers=who)
        unknown = await nobody.get("/api/chats/c_unknown/messages", headers=who)
        assert (answer.status_code, answer.content) == (404, unknown.content)
    async with httpx.AsyncClient(base_url=site.url) as page:
        await page.get("/api/session")
        assert (await page.get(path)).status_code == 404


async def test_a_token_works_from_our_own_pages_alone(nobody: httpx.AsyncClient, site: Site) -> None:
    mine = await visitor(nobody)
    for origin in (SHOP, "https://evil.example", "null"):
        answer = await nobody.post("/api/chats", json={}, headers=mine | {"Origin": origin})
        assert answer.status_code == 403
        assert not [name for name in answer.headers if name.startswith("access-control-")]
    own = await nobody.post("/api/chats", json={}, headers=mine | {"Origin": site.url})
    assert own.status_code == 201


def _tokens(app: App, good: str) -> dict[str, str]:
    claims: dict[str, Any] = {"sub": "v_" + "0" * 32, "project": "other", "exp": int(time.time()) + 600}
    widget, secret = claims | {"aud": "widget"}, app.visitor_secret
    return {
        "a cookie": jwt.encode(claims, secret),
        "another audience": jwt.encode(claims | {"aud": "other"}, secret),
        "another secret": jwt.encode(widget, "x" * 40),
        "unsigned": jwt.encode(widget, None, "none"),
        "the customers' secret": jwt.encode(widget, app.customer_token_secret),
        "another algorithm": jwt.encode(widget, secret, "HS512"),
        "expired": jwt.encode(widget | {"exp": 1}, secret),
        "for ever": jwt.encode({name: widget[name] for name in ("sub", "project", "aud")}, secret),
        "cut short": good[:-2],
        "garbage": "a.b.c",
    }


async def test_a_token_that_we_did_not_give_is_refused(nobody: httpx.AsyncClient, site: Site) -> None:
    good = (await visitor(nobody))["Authorization"].split()[1]
    for name, token in _tokens(site.app, good).items():
        bearer = {"Authorization": f"Visitor {token}"}
        assert (await nobody.post("/api/chats", json={}, headers=bearer)).status_code == 401, name
        renewed = await become(nobody, "other", SHOP, **bearer)
        assert renewed.json()["visitor"] != token, name
    for wrong in (f"Bearer {good}", f"Basic {good}"):
        answer = await nobody.post("/api/chats", json={}, headers={"Authorization": wrong})
        assert answer.status_code == 401
    cookie = await nobody.post("/api/chats", json={}, headers={"Cookie": f"relevo_visitor_demo={good}"})
    assert cookie.status_code == 401


async def test_a_bad_token_does_not_fall_back_to_the_cookie(site: Site) -> None:
    async with httpx.AsyncClient(base_url=site.url) as page:
        await page.get("/api/session")
        assert (await page.post("/api/chats", json={})).status_code == 201
        answer = await page.post("/api/chats", json={}, headers={"Authorization": "Visitor x"})
        assert answer.status_code == 401


async def test_a_good_token_stays_and_another_projects_does_not(nobody: httpx.AsyncClient) -> None:
    mine = await visitor(nobody)
    token = mine["Authorization"].split()[1]
    assert (await become(nobody, "other", SHOP, **mine)).json()["visitor"] == token
    elsewhere = (await become(nobody, "demo", "http://localhost:1", **mine)).json()["visitor"]
    assert elsewhere != token
    claims = jwt.decode(elsewhere, options={"verify_signature": False})
    assert claims["project"] == "demo"
    assert claims["sub"] != jwt.decode(token, options={"verify_signature": False})["sub"]


async def test_a_visitor_proves_a_customer_of_their_own_project_alone(
    nobody: httpx.AsyncClient, site: Site
) -> None:
    mine = await visitor(nobody)
    claims = {"sub": "ana", "exp": int(time.time()) + 600}
    for project, status in (("other", 201), ("demo", 422)):
        token = jwt.encode(claims | {"aud": project}, site.app.customer_token_secret)
        answer = await nobody.post("/api/chats", json={"customer_token": token}, headers=mine)
        assert answer.status_code == status


async def test_the_widget_hides_what_is_the_demos_and_gives_no_cookie(nobody: httpx.AsyncClient) -> None:
    answer = await become(nobody, "demo", "http://localhost:1")
    assert (answer.json()["demo"], answer.json()["trace"], answer.json()["people"]) == (False, False, [])
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"


async def test_where_the_widget_is_allowed_is_told_to_nobody(nobody: httpx.AsyncClient, site: Site) -> None:
    for path in ("/widget.js", "/widget/other", "/widget/demo?host=http://localhost:1", "/api/session"):
        answer = await nobody.get(path)
        assert SHOP not in answer.text + str(answer.headers)


async def test_the_demo_shop_signs_for_the_demos_people_alone(nobody: httpx.AsyncClient) -> None:
    assert 'data-customer-token=""' in (await nobody.get("/widget-demo?as=nobody")).text
    shop = await nobody.get('/widget-demo?as="><script>alert(1)</script>')
    assert "alert(1)" not in shop.text
    assert "script-src 'self'" in shop.headers["content-security-policy"]
    assert 'data-customer-token="ey' in (await nobody.get("/widget-demo?as=ana")).text


async def test_pages_answer_a_monitor_too(nobody: httpx.AsyncClient) -> None:
    for path in ("/", "/widget.js"):
        answer = await nobody.head(path)
        assert (answer.status_code, answer.content) == (200, b"")


async def test_the_script_is_small_and_any_site_may_load_it(nobody: httpx.AsyncClient) -> None:
    answer = await nobody.get("/widget.js")
    assert len(answer.content) < 8 * 1024
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


async def test_a_strange_host_header_is_no_way_in(nobody: httpx.AsyncClient) -> None:
    for name in ("[", "evil.example", "shop.example; frame-ancestors *", "evil.example/"):
        answer = await nobody.get("/widget/other?host=https://evil.example", headers={"Host": name})
        assert answer.status_code in (400, 403), name
