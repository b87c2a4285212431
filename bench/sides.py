"""The two sides as a load sees them: started, talked with, stopped."""

import asyncio
import contextlib
import itertools
import re
import secrets
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import jwt

from bench.processes import Program, free_port
from bench.script import ANSWER, turn
from bench.services import HOME, ROOT, START_SECONDS, Services, ready
from relevo.bootstrap import DEMO_PROJECT

RELEVO, PEER = "relevo", "peer"
TWILIO_ACCOUNT, TWILIO_TOKEN = "AC" + "0123456789abcdef" * 2, secrets.token_hex(16)
OUR_NUMBER = "whatsapp:+14155238886"
TOKEN_SECRET = secrets.token_hex(32)
PRICED = "gpt-4o-mini"
"""The model's name: one that has a price, so that ceilings set aside and give back as they do in earnest."""


class Side(Protocol):
    """A running server that answers people."""

    @property
    def name(self) -> str: ...
    @property
    def pid(self) -> int: ...
    @property
    def ready_seconds(self) -> float:
        """From its start to its first answer."""
        ...

    async def open(self) -> str:
        """A new conversation's id."""
        ...

    async def say(self, conversation: str, text: str) -> str:
        """One turn; returns the reply."""
        ...

    async def long(self, turns: int) -> str:
        """A conversation with so many turns behind it."""
        ...


@dataclass(slots=True)
class Relevo:
    """``relevo serve`` with everything on. Each conversation is another customer's of the demo data."""

    services: Services
    program: Program
    url: str
    key: str
    customers: list[str]
    ready_seconds: float
    name: str = RELEVO
    known: bool = True
    """Whether those who write are customers whose identity was proved, or strangers."""
    _turn: Any = field(default_factory=itertools.count)

    @property
    def pid(self) -> int:
        return self.program.pid

    async def open(self) -> str:
        if not self.known:
            return str((await self._post("/api/chats", {}))["chat_id"])
        customer = self.customers[next(self._turn) % len(self.customers)]
        claims = {"sub": customer, "aud": DEMO_PROJECT, "exp": int(time.time()) + 3600}
        made = await self._post(
            "/api/chats", {"customer_token": jwt.encode(claims, TOKEN_SECRET, algorithm="HS256")}
        )
        return str(made["chat_id"])

    async def say(self, conversation: str, text: str) -> str:
        reply = await self._post(f"/api/chats/{conversation}/messages", {"content": text})
        if reply["mode"] != "model" or not reply["content"]:
            raise RuntimeError(f"not answered by the model: {reply}")
        return str(reply["content"])

    async def long(self, turns: int) -> str:
        chat = await self.open()
        for number in range(turns):
            await self.say(chat, turn(number))
        return chat

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.key}"}
        async with self.services.web.post(f"{self.url}{path}", json=body, headers=headers) as answer:
            if answer.status not in (200, 201):
                raise RuntimeError(f"{path}: {answer.status} {await answer.text()}")
            found: dict[str, Any] = await answer.json()
            return found


def relevo_settings(services: Services) -> dict[str, str]:
    """What is set for Relevo: where its services are, and no limit on how much one person writes."""
    return {
        "DATABASE_URL": services.database_url(RELEVO),
        "DATA_DIR": str(HOME / "relevo"),
        "REDIS_URL": services.redis_url,
        "LLM_PROVIDER": "compatible",
        "LLM_BASE_URL": f"{services.stub_url}/v1",
        "LLM_MODEL": PRICED,
        "LLM_API_KEY": "none",
        "MAX_MESSAGES_PER_MINUTE": "1000000",
        "CUSTOMER_TOKEN_SECRET": TOKEN_SECRET,
        "TWILIO_ACCOUNT_SID": TWILIO_ACCOUNT,
        "TWILIO_AUTH_TOKEN": TWILIO_TOKEN,
        "TWILIO_WHATSAPP_FROM": OUR_NUMBER,
        "TWILIO_API_BASE": services.stub_url,
    }


@contextlib.asynccontextmanager
async def relevo(services: Services, name: str = RELEVO, *, redis: bool = True) -> AsyncIterator[Relevo]:
    """Relevo while the block lasts; without ``redis`` its short memory is kept in the process."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [str(Path(sys.executable).with_name("relevo")), "serve", "--port", str(port)]
    begun = time.monotonic()
    settings = relevo_settings(services) if redis else relevo_settings(services) | {"REDIS_URL": ""}
    program = Program("relevo serve", command, HOME / f"{name}.log", settings, HOME)
    async with program:
        await ready(services.web, f"{url}/readyz", program)
        seconds = time.monotonic() - begun
        key = await _printed_key(program)
        yield Relevo(services, program, url, key, await services.customers(), seconds, name)


async def _printed_key(program: Program) -> str:
    """The API key that `relevo serve` prints once it is ready. Raises TimeoutError when it does not."""
    async with asyncio.timeout(START_SECONDS):
        while True:
            found = re.search(r"Demo API key: (\S+)", program.log.read_text())
            if found is not None:
                return found[1]
            await asyncio.sleep(0.01)


@dataclass(slots=True)
class Peer:
    """The LangGraph swarm behind FastAPI."""

    services: Services
    program: Program
    url: str
    ready_seconds: float
    name: str = PEER

    @property
    def pid(self) -> int:
        return self.program.pid

    async def open(self) -> str:
        return secrets.token_hex(16)

    async def say(self, conversation: str, text: str) -> str:
        return str((await self._post("/chat", {"conversation": conversation, "content": text}))["content"])

    async def long(self, turns: int) -> str:
        conversation = await self.open()
        past = [(turn(number), ANSWER) for number in range(turns)]
        await self._post("/past", {"conversation": conversation, "turns": past})
        return conversation

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        async with self.services.web.post(f"{self.url}{path}", json=body) as answer:
            if answer.status != 200:
                raise RuntimeError(f"{path}: {answer.status} {await answer.text()}")
            found: dict[str, Any] = await answer.json()
            return found


@contextlib.asynccontextmanager
async def peer(services: Services) -> AsyncIterator[Peer]:
    """The peer while the block lasts."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    uvicorn = HOME / "venv" / "bin" / "uvicorn"
    command = [str(uvicorn), "server:app", "--port", str(port), "--no-access-log", "--log-level", "warning"]
    env = {
        "DATABASE_URL": services.database_url(PEER),
        "MODEL_URL": f"{services.stub_url}/v1",
        "LANGSMITH_TRACING": "false",
    }
    begun = time.monotonic()
    program = Program("the peer", command, HOME / "peer.log", env, ROOT / "bench" / "peer")
    async with program:
        await ready(services.web, f"{url}/ready", program)
        yield Peer(services, program, url, time.monotonic() - begun)


SIDES: dict[str, Callable[[Services], AbstractAsyncContextManager[Side]]] = {RELEVO: relevo, PEER: peer}
