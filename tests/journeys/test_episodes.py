"""After a day of silence a conversation begins anew: with a summary of what was, not with its words."""

from datetime import UTC, datetime

from tests.journeys.conftest import OpenDesk
from tests.journeys.scripts import MODEL, PLAYBOOK
from tests.journeys.talk import Talk, rows

from relevo.domain.clock import ManualClock
from relevo.pipeline.replay import replay

HOUR = 3600


async def test_a_day_later_the_summary_is_known_and_the_words_are_not(new_desk: OpenDesk) -> None:
    clock = ManualClock(datetime.now(UTC))
    async with new_desk(PLAYBOOK, clock=clock) as desk:
        talk = await Talk.begin(desk)
        await talk.say("me rechazaron la portada de Luz de Enero", agent="support")
        await talk.say("hazme una cotización del plan Pro mensual para 1 artista y 4 lanzamientos", "Q-")
        clock.advance(23 * HOUR)
        soon = await talk.say("¿cuánto cuesta el plan Label?", agent="sales")
        memory = (await talk.trace(soon))["memory"]
        assert memory["session_messages"] == 5 and memory["last_episode"] is None

        clock.advance(25 * HOUR)
        later = await talk.say("hola")
        memory = (await talk.trace(later))["memory"]
        assert memory["session_messages"] == 0 and memory["history_messages"] == 0
        assert memory["facts"]["plan_of_interest"] == "Label"
        for kept in ("support", "sales", "me rechazaron la portada", "create_quote Q-", "plan Label?"):
            assert kept in memory["last_episode"]

        again = await talk.say("¿cuál es mi saldo?", "182.40")
        memory = (await talk.trace(again))["memory"]
        assert memory["session_messages"] == 2  # the greeting and its answer
        assert "create_quote Q-" in memory["last_episode"]
        assert len(await talk.messages()) >= 10  # nothing is lost: the page shows all of it

        app = desk.site.app
        engine, _ = await app.staff(app.default_project)
        stored = await rows(desk, "SELECT * FROM turns ORDER BY id")
        assert [turn["id"] for turn in stored if (await replay(engine, turn)).differences] == []


async def test_a_question_left_open_is_not_answered_a_day_later(new_desk: OpenDesk) -> None:
    clock = ManualClock(datetime.now(UTC))
    async with new_desk(PLAYBOOK, clock=clock) as desk:
        talk = await Talk.begin(desk)
        await talk.say("hazme una cotización", "artistas", agent="sales")
        clock.advance(25 * HOUR)
        later = await talk.say("3")
        assert "lanzamientos al año" not in later["content"]
        clock.advance(60)
        await talk.say("¿qué planes tienen?", "Label")


async def test_a_model_reads_the_summary_instead_of_the_talk(new_desk: OpenDesk) -> None:
    clock = ManualClock(datetime.now(UTC))
    async with new_desk(MODEL, clock=clock) as desk:
        talk = await Talk.begin(desk)
        await talk.say("I'd like to see the statement for 2026-Q1 please, line by line")
        answered = (await talk.messages())[-1]["content"]
        clock.advance(25 * HOUR)
        await talk.say("how much does the Pro plan cost?")
        asked = desk.model.requests[-1]["messages"]
        assert "I'd like to see the statement" in asked[0]["content"]
        assert answered not in [message["content"] for message in asked]
        assert [message["role"] for message in asked if message["role"] == "user"] == ["user"]
