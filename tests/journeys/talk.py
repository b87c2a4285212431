"""A chat as a test tells it: what is said, who answers, what is shown; and what it left in the database."""

import re
from dataclasses import dataclass
from typing import Any

import httpx
from tests.conftest import DEMO
from tests.journeys.scripts import Desk
from tests.support.music_matters import bare

Reply = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Talk:
    """One chat at a desk."""

    desk: Desk
    chat: str

    @classmethod
    async def begin(cls, desk: Desk, speak_as: str = "ana") -> "Talk":
        return cls(desk, await desk.site.open_chat(speak_as))

    async def say(self, text: str, *shows: str, agent: str | None = None) -> Reply:
        """Writes ``text``; the reply must show each of ``shows`` and come from ``agent``, where given."""
        reply = await self.desk.site.say(self.chat, text)
        for wanted in shows:
            assert bare(wanted) in bare(reply["content"]), f"> {text}\n< {reply['content']}\nno {wanted!r}"
        if agent is not None:
            assert reply["agent"] == agent, f"> {text}\n< {reply['content']}\nby {reply['agent']}"
        return reply

    async def send(self, text: str, **headers: str) -> httpx.Response:
        """Writes ``text`` and returns the bare HTTP answer."""
        return await self.desk.site.client.post(
            f"/api/chats/{self.chat}/messages", json={"content": text}, headers=headers
        )

    async def messages(self) -> list[dict[str, Any]]:
        """The whole chat as the API gives it."""
        answer = await self.desk.site.client.get(f"/api/chats/{self.chat}/messages")
        messages: list[dict[str, Any]] = answer.json()["messages"]
        return messages

    async def trace(self, reply: Reply) -> dict[str, Any]:
        """How the reply came about."""
        answer = await self.desk.site.client.get(f"/api/chats/{self.chat}/turns/{reply['turn']}")
        trace: dict[str, Any] = answer.json()
        return trace


async def rows(desk: Desk, query: str, *values: object) -> list[dict[str, Any]]:
    """What the query finds in the demo project, as the application's own role."""
    async with desk.site.app.database.project(DEMO) as connection:
        return await (await connection.execute(query, values)).fetchall()


async def payouts(desk: Desk) -> list[str]:
    """The amounts of the withdrawals asked for since the demo was loaded, oldest first."""
    found = await rows(
        desk, "SELECT amount FROM music_payouts WHERE state = 'requested' AND idempotency_key LIKE '%%:%%'"
        " ORDER BY requested_at",
    )  # fmt: skip
    return [str(row["amount"]) for row in found]


def number_in(text: str, prefix: str) -> str:
    """The first number such as ``Q-1001`` in ``text``."""
    found = re.search(rf"\b{prefix}-?\d+\b", text)
    assert found is not None, f"no number {prefix}… in {text!r}"
    return found.group()
