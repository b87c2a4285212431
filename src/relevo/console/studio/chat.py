"""Chats with the team: opened, gone on with, and answered before one's eyes."""

import asyncio
import secrets
from contextlib import suppress
from typing import Any

from fastapi import Request
from nicegui import context, ui

from relevo.api.principal import API
from relevo.console.frame import empty, frame, named
from relevo.console.seat import Seat
from relevo.domain.ids import ConversationId, MessageId
from relevo.domain.message import InboundMessage
from relevo.pipeline.receive import TooMany, receive_in_chat
from relevo.queue.live import Event
from relevo.storage.chats import open_chat, read_chat
from relevo.storage.history import read_after
from relevo.storage.studio_chats import as_customer, list_chats

LOOK_SECONDS = 1.5
PAGE = 200


@ui.page("/studio/chat")
async def chat(request: Request, chat: str = "") -> None:
    async with frame(request, "chat") as seat:
        if seat is None:
            return
        async with seat.app.database.project(seat.project) as connection:
            chats = await list_chats(connection, seat.project, seat.account.user)
        known = {each.id: each.title or seat.say("new_chat") for each in chats}
        here = next((each for each in known if each == chat), next(iter(known), None) if not chat else None)
        _choose(seat, known, here)
        await _Talk(seat, here).draw()


def _choose(seat: Seat, known: dict[ConversationId, str], here: ConversationId | None) -> None:
    with ui.row().classes("bar"):
        if known:
            ui.select(
                dict(known),
                value=here,
                label=seat.say("chats"),
                on_change=lambda event: ui.navigate.to(f"/studio/chat?chat={event.value}"),
            ).classes("grow").props("data-testid=chats")
        ui.button(
            seat.say("new_chat"), icon="add", on_click=lambda: ui.navigate.to("/studio/chat?chat=new")
        ).props("outline no-caps")


class _Talk:
    """One chat on the page: what was said, what is being written, and where to write."""

    def __init__(self, seat: Seat, chat: ConversationId | None) -> None:
        self._seat = seat
        self._chat = chat
        self._seen = MessageId(0)
        self._preview: ui.label | None = None
        self._watching: asyncio.Task[None] | None = None
        self._looking = asyncio.Lock()

    async def draw(self) -> None:
        seat = self._seat
        self._said = ui.element("div").classes("talk").props("role=log aria-live=polite data-testid=talk")
        self._working = ui.label("").classes("soft").props("aria-live=polite data-testid=working")
        if self._chat is None:
            with self._said, empty(seat.say("chat_empty")):
                for name in ("say_first", "say_persona", "say_analysis", "say_content"):
                    text = seat.say(name)
                    ui.button(text, on_click=seat.doing(lambda text=text: self._send(text))).props(
                        "flat no-caps"
                    )
        with ui.element("div").classes("write"):
            self._text = ui.textarea(placeholder=seat.say("write")).classes("grow")
            self._text.props('autogrow outlined dense input-style="max-height: 30vh" data-testid=write')
            named(self._text, seat.say("write"))
            send = seat.doing(lambda: self._send(str(self._text.value or "")))
            self._text.on("keydown.enter.exact.prevent", lambda _: send())
            named(ui.button(icon="send", on_click=send).props("round"), seat.say("send"))
        self._text.set_enabled(seat.may_change)
        if self._chat is not None:
            await self._look()
            self._watch(self._chat)
        ui.timer(LOOK_SECONDS, self._look)
        context.client.on_delete(self._stop)

    async def _send(self, text: str) -> None:
        seat = self._seat
        text = text.strip()
        if not text:
            return
        most = seat.app.settings.max_message_chars
        if len(text) > most:
            raise ValueError(seat.say("too_long", most=most))
        chat = self._chat or await self._open()
        message = InboundMessage(
            seat.project, API, f"{seat.account.user}/", f"{chat}:{secrets.token_hex(16)}", text
        )
        try:
            await receive_in_chat(
                seat.app.database,
                seat.app.wakeups,
                message,
                chat,
                per_minute=seat.app.settings.max_messages_per_minute,
                lease=seat.app.settings.lease_seconds,
            )
        except TooMany as error:
            raise ValueError(seat.say("too_many")) from error
        self._text.value = ""
        self._working.text = seat.say("working")
        await self._look()

    async def _open(self) -> ConversationId:
        seat = self._seat
        draft = InboundMessage(
            seat.project, API, seat.account.user, "", "", seat.account.name, as_customer(seat.account.user)
        )
        async with seat.app.database.project(seat.project) as connection:
            chat = self._chat = await open_chat(connection, draft)
        self._said.clear()
        self._watch(chat)
        ui.run_javascript(f"history.replaceState(null, '', '/studio/chat?chat={chat}')")
        return chat

    async def _look(self) -> None:
        """Shows what was said since, once."""
        async with self._looking:
            if self._chat is not None:
                await self._catch_up(self._chat)

    async def _catch_up(self, chat_id: ConversationId) -> None:
        seat = self._seat
        async with seat.app.database.project(seat.project) as connection:
            rows = await read_after(connection, seat.project, chat_id, self._seen, PAGE)
            chat = await read_chat(connection, seat.project, chat_id)
        for row in rows:
            self._seen = MessageId(row["id"])
            self._show(row)
        if rows:
            ui.run_javascript("window.scrollTo({top: document.body.scrollHeight})")
        if rows and rows[-1]["role"] != "customer":
            self._working.text = ""
        if chat is not None and chat.owner:
            self._working.text = seat.say("with_person", owner=chat.owner)

    def _show(self, row: dict[str, Any]) -> None:
        self._drop_preview()
        mine = row["role"] == "customer"
        who = self._seat.say("you") if mine else self._agent(row["name"])
        with self._said, ui.element("div").classes("said-by me" if mine else "said-by"):
            ui.label(who).classes("who")
            ui.label(row["body"]).classes("text")

    def _agent(self, name: str | None) -> str:
        team = self._seat.app.teams["marketing"]
        agent = next((each for each in team.agents.values() if each.name == name), None)
        return agent.title[self._seat.language] if agent is not None else name or ""

    def _watch(self, chat: ConversationId) -> None:
        client = context.client

        async def follow() -> None:
            async with self._seat.app.live.watch(self._seat.project, chat) as news:
                while True:
                    event = await news.get()
                    with client:
                        await self._told(event)

        self._watching = asyncio.create_task(follow())

    async def _told(self, event: Event) -> None:
        if event.kind == "delta":
            if self._preview is None:
                with self._said, ui.element("div").classes("said-by preview"):
                    self._preview = ui.label("").classes("text")
            self._preview.text += str(event.data["text"])
        elif event.kind == "reset":
            self._drop_preview()
        elif event.kind == "turn":
            self._working.text = self._seat.say("works", agent=self._agent(event.data.get("agent")))
        elif event.kind == "progress":
            self._working.text = self._progress(event.data)
        elif event.kind in ("committed", "message"):
            await self._look()

    def _progress(self, data: dict[str, Any]) -> str:
        step = self._seat.say(f"step_{data['step']}") if data["step"] else ""
        return f"{step} {data['done']}/{data['of']}".strip()

    def _drop_preview(self) -> None:
        if self._preview is not None:
            parent = self._preview.parent_slot
            if parent is not None:
                parent.parent.delete()
            self._preview = None

    async def _stop(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
            with suppress(asyncio.CancelledError):
                await self._watching
