"""The studio's door: without a session nothing is loaded, and no other site's page talks with ours."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import websockets
from tests.support.accounts import CHEAP, Browser
from tests.support.studio import ANALYST, MARKETER, OPERATOR, Studio, served_studio
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from relevo.storage.embedded import Cluster

PATHS = ("/studio", "/studio/chat", "/studio/documents", "/studio/persona", "/studio/no-such-page")
OURS = ("/_nicegui/client/x/upload/1", "/_nicegui_ws/socket.io/?EIO=4&transport=polling")


@pytest.fixture
async def studio(
    cluster: Cluster, demo_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Studio]:
    monkeypatch.setattr("relevo.accounts.passwords._HASHER", CHEAP)
    async with served_studio(cluster.url("relevo_app", demo_name), tmp_path) as running:
        yield running


async def test_who_may_come_in(studio: Studio) -> None:
    async with httpx.AsyncClient(base_url=studio.url) as nobody:
        for path in PATHS:
            answer = await nobody.get(path)
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/sign-in?next=")
        assert (await nobody.get("/_nicegui/3/static/nicegui.css")).status_code == 404
        for path in OURS:
            for method in ("GET", "POST"):
                assert (await nobody.request(method, path)).status_code == 401, path
    for who, status in ((MARKETER, 200), (ANALYST, 200), (OPERATOR, 303)):
        async with Browser(studio.url) as browser:
            await browser.sign_in(who)
            answer = await browser.get("/studio")
            assert answer.status_code == status, who
            if status == 303:
                assert answer.headers["location"] == "/account"
                assert (await browser.get(OURS[1])).status_code == 403
            else:
                policy = answer.headers["content-security-policy"]
                assert "default-src 'none'" in policy
                assert "frame-ancestors 'none'" in policy
                assert answer.headers["cache-control"] == "no-store"


async def test_no_other_site_talks_with_our_pages(studio: Studio) -> None:
    """A socket or an upload from another site's page is refused, though the browser sends the cookie."""
    async with Browser(studio.url) as browser:
        await browser.sign_in(MARKETER)
        cookie = "; ".join(f"{name}={value}" for name, value in browser.client.cookies.items())
        address = studio.url.replace("http", "ws") + "/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
        async with websockets.connect(
            address, additional_headers={"Cookie": cookie}, origin=Origin(studio.url)
        ) as socket:
            assert str(await socket.recv()).startswith("0{")
        for origin, sent in (("https://evil.example", cookie), ("null", cookie), (studio.url, "x=1")):
            with pytest.raises(InvalidStatus) as refused:
                async with websockets.connect(
                    address, additional_headers={"Cookie": sent}, origin=Origin(origin)
                ):
                    pass
            assert refused.value.response.status_code == 403
        for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            answer = await browser.client.post(OURS[0], headers=headers, files={"file": ("a.txt", b"x")})
            assert answer.status_code in (401, 403)
        elsewhere = studio.url.replace("http", "ws") + "/api/chats"
        with pytest.raises(InvalidStatus):
            async with websockets.connect(elsewhere, additional_headers={"Cookie": cookie}):
                pass


async def test_a_choice_of_language_leads_nowhere_else(studio: Studio) -> None:
    async with httpx.AsyncClient(base_url=studio.url) as client:
        for next in ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:x"):
            answer = await client.get("/preferences", params={"language": "en", "next": next})
            assert answer.headers["location"] == "/account"
        kept = await client.get("/preferences", params={"language": "en", "next": "/studio"})
        assert kept.headers["location"] == "/studio"
        assert 'lang="en"' in (await client.get("/sign-in")).text
        assert (await client.get("/preferences", params={"theme": "<x>"})).status_code == 422
