"""A stored turn runs again from its snapshot: nothing is done, and what differs is shown."""

from dataclasses import replace
from typing import Any

import pytest
from tests.journeys.conftest import OpenDesk
from tests.journeys.scripts import MODEL, PLAYBOOK, Desk
from tests.journeys.talk import Talk, rows

from relevo.pipeline.replay import Replayed, replay
from relevo.triage.local import LocalTriage

WORDS = [
    "hola",
    "¿cuánto cuesta el plan Pro?",
    "me rechazaron la portada de Luz de Enero",
    "¿cuál es mi saldo?",
    "quiero retirar 60",
    "sí, confirmo",
    "hazme una cotización del plan Pro mensual para 1 artista y 4 lanzamientos",
    "quiero hablar con una persona",
    "¿y mi portada?",
]
STORED = (
    "SELECT (SELECT count(*) FROM turns) AS turns, (SELECT count(*) FROM messages) AS messages,"
    " (SELECT count(*) FROM music_payouts) AS payouts, (SELECT count(*) FROM music_quotes) AS quotes,"
    " (SELECT count(*) FROM tickets) AS tickets, (SELECT sum(version) FROM conversations) AS version"
)


async def talked(desk: Desk) -> Talk:
    talk = await Talk.begin(desk)
    for text in WORDS:
        await talk.say(text)
    return talk


async def replayed(desk: Desk) -> list[Replayed]:
    app = desk.site.app
    engine, _ = await app.staff(app.default_project)
    turns: list[Any] = await rows(desk, "SELECT * FROM turns ORDER BY id")
    return [await replay(engine, turn) for turn in turns]


async def test_the_same_comes_of_every_turn_and_nothing_is_done(new_desk: OpenDesk) -> None:
    async with new_desk(PLAYBOOK) as desk:
        await talked(desk)
        before = await rows(desk, STORED)
        again = await replayed(desk)
        assert await rows(desk, STORED) == before
        assert [each.asked for each in again] == WORDS
        balance_changed = {"¿cuál es mi saldo?", "quiero retirar 60"}  # by what was withdrawn afterwards
        for each in again:
            if each.asked in balance_changed:
                assert each.differences.keys() <= {"content"}, each.differences
            else:
                assert each.differences == {}, each.asked
        paid = next(each for each in again if each.asked == "sí, confirmo")
        assert "P-" in paid.now.content and paid.now.tools == paid.then.tools


async def test_what_differs_is_named(new_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    async with new_desk(PLAYBOOK) as desk:
        await talked(desk)
        read = LocalTriage.read

        def all_sales(self: LocalTriage, text: str, **more: Any) -> Any:
            return replace(read(self, text, **more), intent="sales", confidence=0.99)

        monkeypatch.setattr(LocalTriage, "read", all_sales)
        changed = {each.asked: each.differences for each in await replayed(desk)}
        assert changed["¿cuánto cuesta el plan Pro?"] == {}
        assert changed["¿cuál es mi saldo?"]["intent"] == ("royalties", "sales")


async def test_a_model_that_says_otherwise_is_seen(new_desk: OpenDesk) -> None:
    async with new_desk(MODEL) as desk:
        talk = await Talk.begin(desk)
        desk.model.script(lambda request: "Uno.")
        await talk.say("¿cuánto cuesta el plan Pro?")
        desk.model.script(lambda request: "Dos.")
        [again] = await replayed(desk)
        assert again.differences == {"content": ("Uno.", "Dos.")}
