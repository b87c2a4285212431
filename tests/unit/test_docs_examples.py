"""What README and docs show is run: the conversation, the API's calls, the agents, the tool, the channel."""

import argparse
import asyncio
import hmac
import json
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from string import Template
from typing import Any

import httpx
import pytest
from aiohttp import web
from tests.conftest import OpenApp
from tests.support.http import Site, served

import relevo.channels
from relevo.app import App
from relevo.domain.ids import ChannelName
from relevo.storage.projects import claim_address

ROOT = Path(__file__).parents[2]
MUSIC = ROOT / "src/relevo/teams/music"
FENCE = re.compile(r"```(\w*)\n(.*?)```", re.DOTALL)
NAMED = re.compile(r"^`([\w./]+)`[^\n]*:\n\n```\w+\n(.*?)```", re.DOTALL | re.MULTILINE)


def read(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


def section(page: str, heading: str) -> str:
    """The text under a heading, up to the next one of its rank."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", read(page), re.DOTALL | re.MULTILINE)
    assert found, f"{page} has no section {heading!r}"
    return found[1]


def fits(shown: str, said: str) -> bool:
    """Whether ``said`` is what is shown, where … stands for anything."""
    return re.fullmatch(".*".join(map(re.escape, shown.split("…"))), said, re.DOTALL) is not None


async def test_the_first_conversation_of_the_readme(app: App) -> None:
    [talk] = [
        text for kind, text in FENCE.findall(section("README.md", "A first conversation")) if kind == "text"
    ]
    steps = re.findall(r"^> (.+)\n(\w+): (.+)$", talk, re.MULTILINE)
    assert len(steps) == talk.count("> ")
    async with served(app) as site:
        chat = await site.open_chat("ana")
        for asked, agent, shown in steps:
            reply = await site.say(chat, asked)
            assert reply["agent"] == agent, asked
            assert fits(f"{shown}…", reply["content"].replace("\n", " ")), reply["content"]


def team_with(tmp_path: Path, agent: str, files: dict[str, str]) -> Path:
    """A folder of teams in which the music team has one more agent."""
    shutil.copytree(MUSIC, tmp_path / "teams/music", ignore=shutil.ignore_patterns("__pycache__"))
    folder = tmp_path / "teams/music/agents" / agent
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    return tmp_path / "teams"


async def test_the_fourth_agent_of_the_guide(open_installation: OpenApp, tmp_path: Path) -> None:
    files = dict(NAMED.findall(section("docs/agents.md", "A fourth agent, from nothing")))
    assert set(files) == {"agent.toml", "examples.es.txt", "examples.en.txt", "tools.py", "playbook.toml"}
    app = await open_installation(teams_path=team_with(tmp_path, "merch", files))
    async with served(app) as site:
        chat = await site.open_chat("ana")
        prices = await site.say(chat, "¿cuánto cuestan las camisetas?")
        assert (prices["agent"], prices["tools"]) == ("merch", [{"name": "get_merch", "ok": True}])
        assert "7.50 USD (desde 50 unidades)" in prices["content"]
        assert "15.00 USD" in (await site.say(chat, "mándame una muestra"))["content"]
        assert "va en camino (M-" in (await site.say(chat, "sí, confirmo"))["content"]
        assert (await site.say(chat, "¿cuál es mi saldo?"))["handoffs"][0]["from"] == "merch"
        stranger = await site.open_chat()
        assert (await site.say(stranger, "send me a sample"))["tools"] == [
            {"name": "send_sample", "ok": False}
        ]


async def test_the_agent_and_the_tool_of_the_readme(open_installation: OpenApp, tmp_path: Path) -> None:
    files = dict(NAMED.findall(section("README.md", "Add an agent")))
    assert set(files) == {"agent.toml", "examples.es.txt", "playbook.toml"}
    added = dict(FENCE.findall(section("README.md", "Add a tool")))
    files |= {"tools.py": added["python"], "playbook.toml": f"{files['playbook.toml']}\n{added['toml']}"}
    app = await open_installation(teams_path=team_with(tmp_path, "lyrics", files))
    async with served(app) as site:
        chat = await site.open_chat()
        sent = await site.say(chat, "¿cómo subo la letra de mi canción?")
        assert (sent["agent"], "Catálogo → Letras" in sent["content"]) == ("lyrics", True)
        rules = await site.say(chat, "¿cuáles son las reglas de las letras?")
        assert (rules["tools"], "5000" in rules["content"]) == ([{"name": "lyrics_rules", "ok": True}], True)


def call_of(line: str, values: dict[str, str]) -> tuple[str, str, dict[str, str], bytes | None]:
    """A curl command as (method, address, headers, body)."""
    curl = argparse.ArgumentParser()
    curl.add_argument("url")
    for flag in ("-s", "-N"):
        curl.add_argument(flag, action="store_true")
    curl.add_argument("-H", action="append", default=[])
    curl.add_argument("-d")
    words = shlex.split(line.replace("\\\n", " "))[1:]
    given = curl.parse_args([Template(word).safe_substitute(values) for word in _apart(words)])
    headers = dict(each.split(": ", 1) for each in given.H)
    method = "POST" if given.d is not None else "GET"
    return method, given.url, headers, given.d.encode() if given.d is not None else None


def _apart(words: list[str]) -> Iterator[str]:
    """``-sN`` as ``-s -N``."""
    for word in words:
        yield from (f"-{flag}" for flag in word[1:]) if re.fullmatch("-[sN]{2}", word) else (word,)


def agrees(shown: Any, got: Any) -> bool:
    """Whether ``got`` holds everything that is shown; it may hold more."""
    if isinstance(shown, dict):
        return all(name in got and agrees(value, got[name]) for name, value in shown.items())
    if isinstance(shown, list):
        return len(shown) == len(got) and all(map(agrees, shown, got))
    return fits(shown, got) if isinstance(shown, str) else bool(shown == got)


async def test_the_calls_of_the_api_guide(app: App) -> None:
    steps = re.findall(r"```sh\n(curl .*?)```\s*(?:```json\n(.*?)```)?", read("docs/api.md"), re.DOTALL)
    assert len(steps) == 6
    async with served(app) as site:
        key = site.client.headers["authorization"].split()[1]
        values = {"RELEVO": site.url, "KEY": key}
        async with httpx.AsyncClient(timeout=90) as client:
            for line, shown in steps:
                method, url, headers, body = call_of(line, values)
                answer = await client.request(method, url, headers=headers, content=body)
                if "event-stream" in headers.get("Accept", ""):
                    kinds = re.findall(r"^event: (\w+)$", answer.text, re.MULTILINE)
                    assert kinds[-1] == "reply"
                    assert set(kinds) <= set(re.findall(r"^\| `(\w+)` \|", read("docs/api.md"), re.MULTILINE))
                    continue
                got = answer.json()
                assert agrees(json.loads(shown), got), got
                values |= {"CHAT": got["chat_id"]} if "chat_id" in got else {}
                values |= {"TURN": got["turn"]} if "turn" in got else {}


async def test_the_customer_token_of_the_guide(open_installation: OpenApp) -> None:
    secret = "a secret of thirty-two characters"
    app = await open_installation(customer_token_secret=secret)
    [snippet] = [text for kind, text in FENCE.findall(read("docs/identity.md")) if kind == "python"]
    made: dict[str, Any] = {}
    exec(snippet, made)  # noqa: S102 - the snippet is ours
    async with served(app) as site:
        token = made["customer_token"](secret, "ana", "Ana Torres")
        opened = await site.client.post("/api/chats", json={"customer_token": token})
        assert opened.json()["customer"] == {"name": "Ana Torres"}
        assert "182.40" in (await site.say(opened.json()["chat_id"], "¿cuál es mi saldo?"))["content"]
        refused = await site.client.post("/api/chats", json={"customer_token": token + "x"})
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, "bad_token")


async def test_a_channel_of_your_own(
    open_installation: OpenApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guide = section("docs/channels.md", "A channel of your own")
    [commands] = [text for kind, text in FENCE.findall(guide) if kind == "sh"]
    assert commands in read("README.md")
    channels = tmp_path / "src/relevo/channels"
    shutil.copytree(ROOT / "src/relevo/channels/hello_world", channels / "hello_world")
    await asyncio.to_thread(subprocess.run, ["/bin/sh", "-ec", commands], cwd=tmp_path, check=True)
    [(named, text)] = re.findall(r"`(src/[\w./]+)`:\n\n```python\n(.*?)```", guide, re.DOTALL)
    (tmp_path / named).write_text(text, "utf-8")
    monkeypatch.setattr(relevo.channels, "__path__", [*relevo.channels.__path__, str(channels)])
    taken: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def provider(request: web.Request) -> web.Response:
        await taken.put(await request.json())
        return web.json_response({"id": "sent-1"})

    server = web.Application()
    server.router.add_post("/", provider)
    runner = web.AppRunner(server)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    monkeypatch.setenv("BULLETIN_SECRET", "shared")
    monkeypatch.setenv("BULLETIN_URL", f"http://127.0.0.1:{runner.addresses[0][1]}/")
    app = await open_installation()
    assert "bulletin" in app.channels
    await claim_address(app.database, app.default_project, ChannelName("bulletin"), "care")
    body = json.dumps(
        {"id": "1", "from": "ana", "to": "care", "text": "¿Cuánto cuesta el plan Pro?"}
    ).encode()
    async with served(app) as site:
        for _ in range(2):
            assert (await written(site, body)).json() == {"ok": True}
        reply = await asyncio.wait_for(taken.get(), 60)
        forged = await written(site, body, sealed=body + b" ")
    assert (reply["from"], reply["to"], "49.99" in reply["text"]) == ("care", "ana", True)
    assert (forged.status_code, taken.qsize()) == (403, 0)
    await runner.cleanup()


async def written(site: Site, body: bytes, sealed: bytes | None = None) -> httpx.Response:
    """Posts ``body`` as the provider of the example would; ``sealed`` is what it signs."""
    at = int(time.time())
    mac = hmac.new(b"shared", f"{at}.".encode() + (sealed or body), "sha256").hexdigest()
    headers = {"X-Hello-Signature": f"t={at},v1={mac}"}
    return await site.client.post("/webhooks/bulletin", content=body, headers=headers)
