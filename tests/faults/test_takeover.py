"""A person at the desk steps in while a turn works: nothing outdated is said, and nothing stays open."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tests.conftest import OpenApp
from tests.support.http import Site, served

from relevo.app import App
from relevo.domain.clock import Deadline
from relevo.llm.port import ModelReply, ModelRequest, ToolRequest

Step = Callable[[], Awaitable[object]]


class Interrupting:
    """A model during whose thinking something happens, once."""

    def __init__(self, reply: ModelReply) -> None:
        self.reply = reply
        self.meanwhile: Step | None = None
        self.asked = 0

    async def ask(
        self, request: ModelRequest, deadline: Deadline, on_text: Callable[[str], None] | None = None
    ) -> ModelReply:
        self.asked += 1
        if self.meanwhile is not None:
            step, self.meanwhile = self.meanwhile, None
            await step()
        if on_text is not None and self.reply.text:
            on_text(self.reply.text)
        return self.reply

    async def close(self) -> None: ...


Open = Callable[[ModelReply], Awaitable[tuple[App, Interrupting]]]


@pytest.fixture
def open_with(open_installation: OpenApp, monkeypatch: pytest.MonkeyPatch) -> Open:
    async def begin(reply: ModelReply) -> tuple[App, Interrupting]:
        model = Interrupting(reply)
        monkeypatch.setattr("relevo.bootstrap.model_of", lambda *_: model)
        return await open_installation(triage="local"), model

    return begin


async def _ticket(site: Site) -> tuple[str, int]:
    chat = await site.open_chat("ana")
    reply = await site.say(chat, "quiero hablar con una persona")
    return chat, reply["ticket"]["number"]


async def _conversation(app: App, chat: str) -> dict[str, Any]:
    async with app.database.project(app.default_project) as connection:
        row = await (
            await connection.execute(
                "SELECT state, owner, due_at, (SELECT count(*) FROM messages m WHERE m.conversation_id = c.id"
                " AND m.state = 'pending') AS waiting FROM conversations c WHERE id = %s",
                (chat,),
            )
        ).fetchone()
    assert row is not None
    return row


async def _contents(site: Site, chat: str) -> list[str]:
    return [
        row["content"] for row in (await site.client.get(f"/api/chats/{chat}/messages")).json()["messages"]
    ]


async def test_taken_over_while_the_model_thinks_nothing_is_said(open_with: Open) -> None:
    app, model = await open_with(ModelReply("Yo sé la respuesta."))
    async with served(app) as site:
        chat, ticket = await _ticket(site)
        model.meanwhile = lambda: app.operator.take(app.default_project, ticket, "eva")
        reply = await site.say(chat, "¿qué planes hay?")
        assert (reply["content"], reply["mode"]) == ("", "silence")
        assert "Yo sé la respuesta." not in await _contents(site, chat)
        stands = await _conversation(app, chat)
        assert (stands["owner"], stands["due_at"], stands["waiting"]) == ("eva", None, 0)


async def test_a_question_the_person_never_saw_is_not_open(open_with: Open) -> None:
    """A "sí" said to Eva, and after her, moves no money."""
    app, model = await open_with(ModelReply("", (ToolRequest("1", "request_withdrawal", {"amount": 60}),)))
    async with served(app) as site:
        chat, ticket = await _ticket(site)
        model.meanwhile = lambda: app.operator.take(app.default_project, ticket, "eva")
        await site.say(chat, "quiero retirar 60")
        await _nothing_is_confirmed(app, site, chat, ticket)


async def test_a_question_asked_before_a_person_came_is_open_no_more(open_with: Open) -> None:
    app, _ = await open_with(ModelReply("", (ToolRequest("1", "request_withdrawal", {"amount": 60}),)))
    async with served(app) as site:
        chat, ticket = await _ticket(site)
        assert "60" in (await site.say(chat, "quiero retirar 60"))["content"]
        await app.operator.take(app.default_project, ticket, "eva")
        await _nothing_is_confirmed(app, site, chat, ticket)


async def _nothing_is_confirmed(app: App, site: Site, chat: str, ticket: int) -> None:
    project = app.default_project
    await app.operator.say(project, ticket, "eva", "¿Te llamo mañana?")
    await site.say(chat, "sí, confirmo")
    await app.operator.give_back(project, ticket, "eva", "la llamo mañana", "Te dejo con el asistente.")
    assert (await _conversation(app, chat))["state"].get("pending") is None
    app_model = app.model
    assert isinstance(app_model, Interrupting)
    app_model.reply = ModelReply("De nada.")
    await site.say(chat, "sí")
    async with app.database.project(project) as connection:
        found = await connection.execute("SELECT number FROM music_payouts WHERE customer_id = 'ana'")
        rows = await found.fetchall()
    assert rows == []


async def test_what_was_agreed_while_a_turn_worked_is_kept_and_known(open_with: Open) -> None:
    """The ticket is closed during the turn: the turn runs again on what holds now."""
    app, model = await open_with(ModelReply("Claro."))
    async with served(app) as site:
        chat, ticket = await _ticket(site)
        agreed = "se le devuelve la cuota"
        model.meanwhile = lambda: app.operator.close(app.default_project, ticket, "eva", agreed)
        reply = await site.say(chat, "¿qué planes hay?")
        assert reply["content"] == "Claro."
        assert model.asked == 2
        stands = await _conversation(app, chat)
        assert stands["state"]["facts"]["agreed_with_person"] == agreed
        assert (await _contents(site, chat)).count("Claro.") == 1


async def test_two_people_cannot_take_the_same_conversation(app: App) -> None:
    async with served(app) as site:
        _, ticket = await _ticket(site)
        takes = [
            app.operator.take(app.default_project, ticket, name) for name in ("eva", "luz", "ana", "sol")
        ]
        outcomes = await asyncio.gather(*takes, return_exceptions=True)
    assert len([each for each in outcomes if not isinstance(each, BaseException)]) == 1
