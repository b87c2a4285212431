"""The distributor's own system slow, wrong, empty and down: conversations that get a true sentence."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr
from tests.conftest import DEMO, settings_for
from tests.journeys.scripts import MODEL, PLAYBOOK, Desk, open_desk
from tests.journeys.talk import Talk, payouts, rows
from tests.support.label_server import KEY, MUTATIONS, LabelServer
from tests.support.music_matters import bare
from tests.support.twilio_server import ACCOUNT, OUR_NUMBER, TOKEN, TwilioServer, post_webhook

from relevo.storage.database import Database
from relevo.storage.embedded import Cluster
from relevo.teams.music.backend.postgres import PostgresLabelBackend

CANNOT = {"ana": "no puedo consultar el sistema", "carla": "can't reach the system"}
UNDONE = {"ana": "no se cambió nada", "carla": "nothing was changed"}
NOBODY_KNOWS = {"ana": "puede que sí y puede que no", "carla": "may or may not have been"}
FIGURE = re.compile(r"\d[\d.,]*\s*USD")
WRONG_ANSWERS = (*(set(MUTATIONS) - {"unknown"}), "html", "huge", "zipped", "redirect", "cut")
NO_ANSWER = ("hang", "close", "400", "401", "403", "404", "409", "422", "429", "500", "502", "503", "204")


@dataclass(frozen=True, slots=True)
class Outside:
    """A desk that asks ``label``."""

    desk: Desk
    label: LabelServer


OpenOutside = Callable[..., Awaitable[Outside]]


@pytest.fixture
async def outside(cluster: Cluster, demo_name: str, tmp_path: Path) -> AsyncIterator[OpenOutside]:
    """Opens a desk whose customers, releases and money are at a server of their own."""
    url = cluster.url("relevo_app", demo_name)
    async with AsyncExitStack() as stack:
        database = Database(url, 4)
        await database.open()
        stack.push_async_callback(database.close)
        label = await stack.enter_async_context(LabelServer(PostgresLabelBackend(database, DEMO)))

        async def begin(mode: str = PLAYBOOK, **changes: Any) -> Outside:
            wanted = {
                "label_api_url": label.url, "label_api_key": SecretStr(KEY), "label_api_timeout": 0.5,
                "max_messages_per_minute": 1000,
            }  # fmt: skip
            settings = settings_for(url, tmp_path / "data", **(wanted | changes))
            return Outside(await stack.enter_async_context(open_desk(settings, mode)), label)

        yield begin


async def test_the_same_conversation_over_the_distributors_own_system(outside: OpenOutside) -> None:
    there = await outside(label_api_timeout=20.0)
    talk = await Talk.begin(there.desk)
    await talk.say("¿cuál es mi saldo?", "182.40 USD")
    await talk.say("¿en qué estado está Nocturna?", "disponible en todas las tiendas")
    await talk.say("quiero retirar 60", "60.00 USD")
    await talk.say("sí, confirmo", "Listo", "122.40 USD")
    assert await payouts(there.desk) == ["60.00"]
    assert "POST /customers/ana/withdrawals" in there.label.asked


@pytest.mark.parametrize("behaviours", [WRONG_ANSWERS, NO_ANSWER], ids=["wrong", "none"])
async def test_no_figure_is_told_from_a_wrong_answer(
    outside: OpenOutside, behaviours: tuple[str, ...]
) -> None:
    """Each of them at every path; then all is well again, in the same conversation."""
    there = await outside()
    asks = {"ana": "¿cuál es mi saldo?", "carla": "what's my balance?"}
    talks = {customer: await Talk.begin(there.desk, customer) for customer in asks}
    for behaviour in behaviours:
        for customer, talk in talks.items():
            there.label.behave(behaviour)
            reply = await talk.say(asks[customer], CANNOT[customer])
            assert not FIGURE.search(reply["content"]) and not reply["escalated"], behaviour
    there.label.behave("ok")
    for customer, talk in talks.items():
        assert FIGURE.search((await talk.say(asks[customer]))["content"])


async def test_a_balance_that_cannot_be_is_not_told(outside: OpenOutside) -> None:
    """The customer themself is read well; the balance alone is wrong."""
    there = await outside()
    for behaviour in ("negative", "currency", "other", "float", "extra", "missing", "infinite"):
        there.label.behave(behaviour, at="/balance")
        for asks in ("¿cuál es mi saldo?", "quiero retirar 60"):
            reply = await (await Talk.begin(there.desk)).say(asks, CANNOT["ana"])
            assert not FIGURE.search(reply["content"]), behaviour


@pytest.mark.parametrize(
    "asks", ["¿cómo va Nocturna?", "quiero dar de baja Nocturna", "cuánto gané en Spotify"]
)
async def test_what_is_named_cannot_be_looked_up(outside: OpenOutside, asks: str) -> None:
    """Also where the message's slots, not the tool, would have asked."""
    there = await outside()
    for behaviour in ("hang", "close", "500", "html", "other"):
        there.label.behave(behaviour)
        reply = await (await Talk.begin(there.desk)).say(asks, CANNOT["ana"])
        assert "No encuentro" not in reply["content"] and not FIGURE.search(reply["content"])


async def test_what_needs_no_look_up_is_answered_while_it_is_down(outside: OpenOutside) -> None:
    there = await outside()
    await there.label.stop()
    talk = await Talk.begin(there.desk)
    await talk.say("hola", "Soy el asistente")
    await talk.say("revisa porfa el ISRC USRC17607839", "USRC17607839")
    await talk.say("¿cuál es mi saldo?", CANNOT["ana"])
    await talk.say("quiero hablar con una persona", "ticket")


async def test_a_turn_waits_for_it_once(outside: OpenOutside) -> None:
    there = await outside()
    there.label.behave("hang")
    await (await Talk.begin(there.desk)).say("¿cuál es mi saldo? ¿y cómo va Nocturna?", CANNOT["ana"])
    assert len(there.label.asked) <= 4  # the account's two reads, at the turn's beginning; a retry at most


async def test_a_read_is_tried_again_once(outside: OpenOutside) -> None:
    there = await outside(label_api_timeout=20.0)
    talk = await Talk.begin(there.desk)
    there.label.behave("503", at="/balance", times=1)
    await talk.say("¿cuál es mi saldo?", "182.40 USD")
    there.label.asked.clear()
    there.label.behave("503", at="/balance")
    await talk.say("¿cuál es mi saldo?", CANNOT["ana"])
    assert there.label.asked.count("GET /customers/ana/balance") == 2


async def test_it_is_not_asked_beyond_the_turns_time(outside: OpenOutside) -> None:
    """Half of what is left is kept for saying so, however long LABEL_API_TIMEOUT is."""
    there = await outside(label_api_timeout=30.0, turn_deadline=3.0)
    there.label.behave("hang")
    await (await Talk.begin(there.desk)).say("¿cuál es mi saldo?", CANNOT["ana"])


async def _asked(there: Outside) -> Talk:
    """A chat in which a takedown waits for the customer's yes."""
    talk = await Talk.begin(there.desk)
    await talk.say(*TAKE_DOWN)
    return talk


TAKE_DOWN = ("quiero dar de baja Nocturna", "Nocturna")
YES = "sí, confirmo"


async def _takedowns(there: Outside) -> int:
    return len(
        await rows(there.desk, "SELECT number FROM music_takedowns WHERE idempotency_key LIKE '%%:%%'")
    )


async def test_what_was_surely_not_done_is_told_so(outside: OpenOutside) -> None:
    there = await outside()
    for behaviour in ("400", "401", "403", "429"):
        there.label.behave("ok")
        talk = await _asked(there)
        there.label.behave(behaviour, at="/takedowns")
        reply = await talk.say(YES, UNDONE["ana"])
        assert not reply["escalated"] and await _takedowns(there) == 0
    there.label.behave("ok")
    await talk.say(*TAKE_DOWN)
    await talk.say(YES, "Hecho")
    assert await _takedowns(there) == 1


async def test_nothing_was_done_where_nobody_listens(outside: OpenOutside) -> None:
    there = await outside()
    talk = await _asked(there)
    await there.label.stop()
    reply = await talk.say(YES, UNDONE["ana"])
    assert not reply["escalated"] and await _takedowns(there) == 0


async def _as_before(there: Outside) -> None:
    """Nocturna is in the stores, and nobody has asked for anything."""
    there.label.behave("ok")
    there.label.keys.clear()
    await rows(there.desk, "DELETE FROM music_takedowns RETURNING number")
    await rows(there.desk, "UPDATE music_releases SET state = 'live' WHERE title = 'Nocturna' RETURNING id")


MAY_BE_DONE = (
    ("hang", "close", "500", "204", "html", "huge", "redirect"),
    ("done-500", "done-close", "done-hang", "done-html", "other", "empty", "cut"),
)


@pytest.mark.parametrize("behaviours", MAY_BE_DONE, ids=["not done", "done"])
async def test_what_may_have_been_done_is_told_so_and_a_person_looks(
    outside: OpenOutside, behaviours: tuple[str, ...]
) -> None:
    there = await outside()
    for at, behaviour in enumerate(behaviours, 1):
        await _as_before(there)
        talk = await _asked(there)
        there.label.behave(behaviour, at="/takedowns")
        reply = await talk.say(YES, NOBODY_KNOWS["ana"], "ticket")
        assert reply["escalated"] and "Hecho" not in reply["content"], behaviour
        assert len(set(there.label.keys)) == 1, "it was tried again with another key"
        done = await _takedowns(there)
        assert done == (behaviours is MAY_BE_DONE[1])
        there.label.behave("ok")
        again = await talk.say(*TAKE_DOWN[:1])
        assert "comprobando si quedó hecho" in again["content"] and await _takedowns(there) == done
        await there.desk.site.app.operator.take(DEMO, at, "eva")
        events = await rows(there.desk, "SELECT body FROM ticket_events WHERE kind = 'unsettled'")
        assert ["request_takedown" in event["body"] for event in events] == [True] * at


async def test_the_same_in_english_for_money(outside: OpenOutside) -> None:
    there = await outside()
    talk = await Talk.begin(there.desk)
    await talk.say("I want to withdraw 60", "60.00 USD")
    there.label.behave("done-500", at="/withdrawals")
    reply = await talk.say("yes, I confirm", NOBODY_KNOWS["carla"])
    assert "Done" not in reply["content"]
    assert await payouts(there.desk) == ["60.00"]
    await talk.say("I want to withdraw 60", "checking whether it was done")
    assert await payouts(there.desk) == ["60.00"]


async def test_a_second_try_with_the_same_key_settles_it(outside: OpenOutside) -> None:
    there = await outside(label_api_timeout=20.0)
    for behaviour in ("done-500", "done-close", "500", "close", "cut"):
        await _as_before(there)
        talk = await _asked(there)
        there.label.behave(behaviour, at="/takedowns", times=1)
        await talk.say(YES, "Hecho")
        assert await _takedowns(there) == 1
        first, second = there.label.keys
        assert first == second


async def test_it_is_told_as_done_where_only_the_rest_cannot_be_looked_up(outside: OpenOutside) -> None:
    there = await outside()
    talk = await Talk.begin(there.desk)
    await talk.say("quiero retirar 60", "60.00 USD")
    there.label.behave("500", at="/balance")
    reply = await talk.say("sí, confirmo", "Listo: pedí el retiro de 60.00 USD")
    assert "Te quedan" not in reply["content"] and await payouts(there.desk) == ["60.00"]


async def test_once_the_ticket_is_closed_it_can_be_asked_for_again(outside: OpenOutside) -> None:
    there = await outside()
    talk = await _asked(there)
    there.label.behave("500", at="/takedowns")
    await talk.say(YES, NOBODY_KNOWS["ana"])
    there.label.behave("ok")
    operator = there.desk.site.app.operator
    number = (await rows(there.desk, "SELECT number FROM tickets"))[0]["number"]
    await operator.take(DEMO, number, "eva")
    await operator.close(DEMO, number, "eva", "it had not been done")
    await talk.say(*TAKE_DOWN)
    await talk.say(YES, "Hecho")
    assert await _takedowns(there) == 1


async def test_a_model_cannot_make_it_sound_better(outside: OpenOutside) -> None:
    """What waits for a yes is settled by code; the model sees that there is no answer, and no figure."""
    there = await outside(MODEL)
    talk = await Talk.begin(there.desk)
    there.label.behave("hang")
    reply = await talk.say("¿cuál es mi saldo?")
    assert not FIGURE.search(reply["content"])
    there.label.behave("ok")
    await talk.say("quiero dar de baja Nocturna", "Nocturna")
    there.label.behave("done-close", at="/takedowns")
    await talk.say(YES, NOBODY_KNOWS["ana"])


async def test_an_unknown_customer_is_nobody(outside: OpenOutside) -> None:
    """A 404 of the contract is an answer: no such customer. It is not the system's absence."""
    there = await outside()
    there.label.behave("gone")
    reply = await (await Talk.begin(there.desk)).say("¿cuál es mi saldo?")
    assert "necesito saber quien eres" in bare(reply["content"])


async def test_readiness_tells_it_and_work_goes_on(outside: OpenOutside) -> None:
    there = await outside()
    site = there.desk.site
    assert (await site.client.get("/readyz")).json()["checks"]["label_api"] == "ok"
    await there.label.stop()
    answer = await site.client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["checks"]["label_api"].startswith("down")


async def test_who_writes_on_whatsapp_stays_who_they_were_while_it_is_down(outside: OpenOutside) -> None:
    """The message is kept; a number that was proved to be Ana's is still hers, and nobody else's."""
    async with TwilioServer() as twilio, aiohttp.ClientSession() as session:
        there = await outside(
            twilio_account_sid=ACCOUNT, twilio_auth_token=SecretStr(TOKEN),
            twilio_whatsapp_from=OUR_NUMBER, twilio_api_base=twilio.base,
        )  # fmt: skip

        async def write(sid: str, sender: str) -> None:
            status, _ = await post_webhook(
                session, there.desk.site.url, body="hola", sid="SM" + sid * 32, sender=f"whatsapp:{sender}"
            )
            assert status == 200

        await write("1", "+5215550000001")
        there.label.behave("500")
        await write("2", "+5215550000001")
        await write("3", "+5215559999999")
    found = await rows(
        there.desk, "SELECT i.address, p.customer_ref FROM person_identities i JOIN persons p"
        " ON p.project_id = i.project_id AND p.id = i.person_id WHERE i.channel = 'whatsapp' ORDER BY 1",
    )  # fmt: skip
    assert [(row["address"][-4:], row["customer_ref"]) for row in found] == [("0001", "ana"), ("9999", None)]
    said = await rows(
        there.desk, "SELECT m.id FROM messages m JOIN conversations c ON c.project_id = m.project_id"
        " AND c.id = m.conversation_id WHERE c.channel = 'whatsapp' AND m.role = 'customer'",
    )  # fmt: skip
    assert len(said) == 3
