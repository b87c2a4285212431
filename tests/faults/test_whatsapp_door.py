"""WhatsApp over real HTTP: proved, stored once, answered once, delivered in order, come what may."""

import asyncio
from collections.abc import AsyncIterator
from typing import LiteralString

import aiohttp
import pytest
from pydantic import SecretStr
from tests.conftest import OpenApp
from tests.support.http import Site, served
from tests.support.model_server import ModelServer
from tests.support.processes import until
from tests.support.twilio_server import (
    ACCOUNT,
    OUR_NUMBER,
    TOKEN,
    TwilioServer,
    inbound_params,
    post_webhook,
    status_params,
)

from relevo.domain.ids import ProjectId
from relevo.storage.database import Connection, Database

DEMO = ProjectId("demo")
ANA = "whatsapp:+5215550000001"
STRANGER = "whatsapp:+34600000009"


@pytest.fixture
async def twilio() -> AsyncIterator[TwilioServer]:
    async with TwilioServer() as server:
        yield server


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


def account(twilio: TwilioServer) -> dict[str, object]:
    return {
        "twilio_account_sid": ACCOUNT,
        "twilio_auth_token": SecretStr(TOKEN),
        "twilio_whatsapp_from": OUR_NUMBER,
        "twilio_api_base": twilio.base,
    }


@pytest.fixture
async def site(open_installation: OpenApp, twilio: TwilioServer) -> AsyncIterator[Site]:
    async with served(await open_installation(**account(twilio))) as running:
        yield running


async def column(database: Database, query: LiteralString) -> list[object]:
    """The first column of what a query finds in the demo project."""

    async def read(connection: Connection) -> list[object]:
        rows = await (await connection.execute(query)).fetchall()
        return [next(iter(row.values())) for row in rows]

    async with database.project(DEMO) as connection:
        return await read(connection)


async def sent(twilio: TwilioServer, number: int) -> None:
    async def enough() -> bool:
        return len(twilio.sent) >= number

    await until(enough, f"{number} messages at Twilio")


async def state_is(site: Site, *states: str) -> None:
    async def so() -> bool:
        return await column(site.app.database, "SELECT state FROM outbox ORDER BY id") == list(states)

    await until(so, f"the outbox being {states}")


async def test_a_customer_known_by_number_gets_an_answer(
    site: Site, twilio: TwilioServer, session: aiohttp.ClientSession
) -> None:
    status, text = await post_webhook(session, site.url, body="¿cuál es mi saldo?", sender=ANA)
    assert status == 200
    assert "<Response" in text
    await sent(twilio, 1)
    assert "182.40" in twilio.sent[0]["Body"]
    assert (twilio.sent[0]["From"], twilio.sent[0]["To"]) == (OUR_NUMBER, ANA)


async def test_a_stranger_is_told_how_to_identify(
    site: Site, twilio: TwilioServer, session: aiohttp.ClientSession
) -> None:
    await post_webhook(session, site.url, body="¿cuál es mi saldo?", sender=STRANGER)
    await sent(twilio, 1)
    assert "182.40" not in twilio.sent[0]["Body"]
    assert "WhatsApp" in twilio.sent[0]["Body"]


async def test_a_forged_webhook_is_refused_counted_and_leaves_nothing(
    site: Site, session: aiohttp.ClientSession
) -> None:
    for forged in (
        {"token": "wrong"},
        {"headers": {"X-Twilio-Signature": ""}},
        {"public_url": "https://else.where"},
    ):
        status, _ = await post_webhook(session, site.url, body="hola", sender=ANA, **forged)
        assert status == 403
    async with session.post(f"{site.url}/webhooks/whatsapp", data=inbound_params()) as unsigned:
        assert unsigned.status == 403
    assert await column(site.app.database, "SELECT id FROM messages") == []
    async with session.get(f"{site.url}/metrics") as metrics:
        assert 'relevo_webhooks_refused_total{channel="whatsapp"}' in await metrics.text()


async def test_ten_identical_webhooks_have_one_effect(
    site: Site, twilio: TwilioServer, session: aiohttp.ClientSession
) -> None:
    answers = await asyncio.gather(
        *(post_webhook(session, site.url, body="¿cuánto cuesta el plan Pro?", sender=ANA) for _ in range(10))
    )
    assert {status for status, _ in answers} == {200}
    await sent(twilio, 1)
    await state_is(site, "sent")
    database = site.app.database
    assert len(await column(database, "SELECT id FROM messages WHERE role = 'customer'")) == 1
    assert len(await column(database, "SELECT id FROM turns")) == 1
    assert len(await column(database, "SELECT id FROM messages WHERE role = 'agent'")) == 1
    assert len(twilio.sent) == 1


async def test_long_replies_arrive_whole_in_parts_and_in_order(
    site: Site, twilio: TwilioServer, session: aiohttp.ClientSession
) -> None:
    await post_webhook(session, site.url, body="quiero hablar con una persona", sender=ANA)
    await sent(twilio, 1)
    text = "\n\n".join(f"{number}. " + "Lo vemos contigo paso a paso. " * 20 for number in range(1, 9))
    await site.app.operator.take(DEMO, 1, "Lucía")
    await site.app.operator.say(DEMO, 1, "Lucía", text)
    parts = len(site.app.channels[next(iter(site.app.channels))].split(text))
    assert parts > 1
    await sent(twilio, 1 + parts)
    bodies = [message["Body"] for message in twilio.sent[1:]]
    assert "".join(bodies) == text
    assert all(len(body) <= 1600 for body in bodies)


async def test_delivery_reports_move_the_state_forward_only(
    site: Site, twilio: TwilioServer, session: aiohttp.ClientSession
) -> None:
    await post_webhook(session, site.url, body="hola", sender=ANA)
    await sent(twilio, 1)
    await state_is(site, "sent")
    sid = twilio.sent[0]["sid"]
    reports = {"delivered": "delivered", "read": "read", "sent": "read"}
    for report, expected in (*reports.items(), ("delivered", "read")):
        status, _ = await post_webhook(session, site.url, status_params(sid, report, to=ANA))
        assert status == 200
        assert await column(site.app.database, "SELECT state FROM outbox") == [expected]


@pytest.mark.parametrize(
    ("behaviour", "state"),
    [("429", "due"), ("500", "due"), ("21211", "failed"), ("close", "unknown"), ("accept-close", "unknown")],
)
async def test_what_the_provider_does_decides_what_becomes_of_a_part(
    site: Site, twilio: TwilioServer, session: aiohttp.ClientSession, behaviour: str, state: str
) -> None:
    twilio.next(behaviour)
    await post_webhook(session, site.url, body="hola", sender=ANA)
    await state_is(site, state)
    assert twilio.requests == 1
    assert len(twilio.sent) == (1 if behaviour == "accept-close" else 0)


async def test_a_part_that_had_to_wait_is_sent_later_once(
    site: Site, twilio: TwilioServer, session: aiohttp.ClientSession
) -> None:
    twilio.next("429")
    await post_webhook(session, site.url, body="hola", sender=ANA)
    await state_is(site, "due")
    async with site.app.database.project(DEMO) as connection:
        await connection.execute("UPDATE outbox SET due_at = now()")
    await sent(twilio, 1)
    await state_is(site, "sent")
    assert twilio.requests == 2


async def test_the_webhook_is_answered_while_the_model_hangs(
    open_installation: OpenApp, twilio: TwilioServer, session: aiohttp.ClientSession
) -> None:
    async with ModelServer() as model:
        model.fail("never")
        app = await open_installation(
            llm_provider="compatible", llm_base_url=model.url, llm_api_key=SecretStr("k"), **account(twilio)
        )
        async with served(app) as site:
            status, _ = await asyncio.wait_for(
                post_webhook(session, site.url, body="¿cuánto cuesta Pro?", sender=ANA), 10
            )
            assert status == 200
            assert await column(app.database, "SELECT state FROM messages") == ["pending"]


async def test_without_the_database_nothing_is_acknowledged(
    site: Site, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    from psycopg_pool import PoolTimeout

    def gone(*_: object) -> None:
        raise PoolTimeout("the database is gone")

    monkeypatch.setattr(site.app.database, "door", gone)
    status, text = await post_webhook(session, site.url, body="hola", sender=ANA)
    assert status == 503
    assert "unavailable" in text


async def test_a_number_that_passes_to_someone_else_keeps_its_talk_to_itself(
    site: Site, twilio: TwilioServer, session: aiohttp.ClientSession
) -> None:
    await post_webhook(session, site.url, body="quiero retirar mi saldo", sender=ANA, sid="SM" + "1" * 32)
    await sent(twilio, 1)
    async with site.app.database.project(DEMO) as connection:
        await connection.execute("UPDATE music_customers SET phone = NULL WHERE id = 'ana'")
    await post_webhook(session, site.url, body="sí, confirmo", sender=ANA, sid="SM" + "2" * 32)
    await sent(twilio, 2)
    assert "182.40" not in twilio.sent[1]["Body"]
    assert await column(site.app.database, "SELECT number FROM music_payouts WHERE customer_id = 'ana'") == []
    assert len(await column(site.app.database, "SELECT id FROM conversations")) == 2
