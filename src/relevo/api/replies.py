"""Waits for the reply to a message: told by the live news, and by looking when they do not come."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from relevo.app import App
from relevo.domain.ids import ConversationId, MessageId, ProjectId
from relevo.queue.live import Event
from relevo.storage.chats import read_answer

LOOK_SECONDS = 1.0
GRACE_SECONDS = 5.0
"""Beyond the turn's deadline: an answer that is just being committed is still waited for."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """A message whose reply is waited for."""

    project: ProjectId
    conversation: ConversationId
    message: MessageId


async def news(app: App, awaited: Awaited, queue: "asyncio.Queue[Event]") -> AsyncIterator[Event]:
    """The live events of the conversation until the message is answered; the last is ``committed``.

    Ends without one when the turn's deadline has passed. A burst's messages share one answer.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + app.settings.turn_deadline + GRACE_SECONDS
    while (left := end - loop.time()) > 0:
        try:
            async with asyncio.timeout(min(LOOK_SECONDS, left)):  # not wait_for: it makes a task of each wait
                event = await queue.get()
        except TimeoutError:
            reply = await stored_reply(app, awaited)
            if reply is not None:
                yield Event("committed", None, {"answered": [awaited.message], "reply": reply})
                return
            continue
        if event.kind != "committed":
            yield event
        elif awaited.message in event.data["answered"]:
            yield event
            return


async def stored_reply(app: App, awaited: Awaited) -> dict[str, Any] | None:
    """The reply as PostgreSQL has it; None while there is none."""
    async with app.database.project(awaited.project) as connection:
        turn = await read_answer(connection, awaited.project, awaited.message)
    return _reply(turn) if turn else None


def _reply(turn: dict[str, Any]) -> dict[str, Any]:
    trace = turn["trace"]
    return {
        "content": "\n\n".join(text for _, text in turn["messages"]),
        "agent": turn["agent"],
        "signals": trace["signals"],
        "mode": turn["mode"],
        "route": turn["route"],
        "handoffs": [
            {"from": each["giver"], "to": each["receiver"], "kind": each["kind"], "reason": each["reason"]}
            for each in trace["handoffs"]
        ],
        "ticket": trace["ticket"],
        "escalated": trace.get("escalated", False),
        "tools": [{"name": call["name"], "ok": call["ok"]} for call in trace["tools"]],
        "cost_usd": float(turn["cost_usd"]),
        "milliseconds": round(turn["milliseconds"], 2),
        "turn": turn["id"],
        "message_ids": [id for id, _ in turn["messages"]],
    }
