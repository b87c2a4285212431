"""WhatsApp over real HTTP: forged, repeated, early and late webhooks; a provider and a model that fail."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import psycopg
import pytest
from prometheus_client import REGISTRY
from pydantic import SecretStr
from tests.conftest import OpenApp
from tests.support.http import served
from tests.support.model_protocol import Fault
from tests.support.model_server import ModelServer
from tests.support.processes import until
from tests.support.twilio_server import (
    ACCOUNT,
    CUSTOMER,
    OUR_NUMBER,
    TOKEN,
    TwilioServer,
    inbound_params,
    post_webhook,
    sign,
    status_params,
)

from relevo.app import App
from relevo.channels.whatsapp import WhatsAppChannel
from relevo.domain.ids import ChannelName, ConversationId
from relevo.domain.message import Wake
from relevo.pipeline.deliver import deliver

WHATSAPP = ChannelName("whatsapp")
ANA = "whatsapp:+5215550000001"


@dataclass(slots=True)
class Line:
    """A served installation with its WhatsApp number, Twilio on the other side."""

    app: App
    url: str
    twilio: TwilioServer
    session: aiohttp.ClientSession
    count: int = 0

    async def write(self, text: str = "hola", **fields: Any) -> int:
        """Posts one genuine message; returns the status of its acknowledgement."""
        self.count += 1
        fields = {"body": text, "sid": f"SM{self.count:032x}"} | fields
        status, _ = await post_webhook(self.session, self.url, **fields)
        return status

    async def report(self, sid: str, state: str) -> int:
        status, _ = await post_webhook(self.session, self.url, status_params(sid, state))
        return status

    async def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        async with self.app.database.project(self.app.default_project) as connection:
            return await (await connection.execute(query, values)).fetchall()

    async def outbox(self) -> list[str]:
        rows = await self.rows("SELECT state FROM outbox ORDER BY id")
        return [row["state"] for row in rows]

    async def at_rest(self) -> None:
        """Waits until nothing is due now: no turn, and no part that is not resting before its next try."""

        async def look() -> bool:
            left = await self.rows(
                "SELECT (SELECT count(*) FROM conversations WHERE due_at IS NOT NULL)"
                " + (SELECT count(*) FROM outbox WHERE state = 'sending' OR due_at <= now()"
                "    AND NOT EXISTS (SELECT FROM outbox before WHERE before.id < outbox.id"
                "                    AND before.conversation_id = outbox.conversation_id"
                "                    AND before.state = 'due')) AS n"
            )
            return bool(left[0]["n"] == 0)

        await until("at rest", look)

    async def retry_now(self) -> None:
        """Lets the rests of all parts be over, and sends."""
        await self.rows("UPDATE outbox SET due_at = now() WHERE due_at IS NOT NULL RETURNING id")
        for row in await self.rows("SELECT DISTINCT conversation_id AS id FROM outbox"):
            wake = Wake(self.app.default_project, ConversationId(row["id"]))
            await deliver(self.app.database, self.app.channels, wake)


SETTINGS: dict[str, Any] = {
    "twilio_account_sid": ACCOUNT,
    "twilio_auth_token": SecretStr(TOKEN),
    "twilio_whatsapp_from": OUR_NUMBER,
}
OpenLine = Callable[..., Awaitable[Line]]


@pytest.fixture
async def twilio() -> AsyncIterator[TwilioServer]:
    async with TwilioServer() as running:
        yield running


@pytest.fixture
async def line(open_installation: OpenApp, twilio: TwilioServer) -> AsyncIterator[Line]:
    app = await open_installation(twilio_api_base=twilio.base, **SETTINGS)
    channel = app.channels[WHATSAPP]
    assert isinstance(channel, WhatsAppChannel)
    channel.settings = channel.settings.model_copy(update={"timeout": 1.0})
    async with served(app) as site, aiohttp.ClientSession() as session:
        yield Line(app, site.url, twilio, session)


def _refused() -> float:
    return REGISTRY.get_sample_value("relevo_webhooks_refused_total", {"channel": "whatsapp"}) or 0.0


def _forgeries(url: str) -> dict[str, tuple[dict[str, str], dict[str, str]]]:
    """Forms and headers that Twilio did not send."""
    genuine = inbound_params(body="quiero retirar mi saldo", sender=ANA)
    signature = sign(f"{url}/webhooks/whatsapp", genuine)
    return {
        "no signature": (genuine, {}),
        "empty signature": (genuine, {"X-Twilio-Signature": ""}),
        "garbage": (genuine, {"X-Twilio-Signature": "no signature at all"}),
        "another token": (
            genuine,
            {"X-Twilio-Signature": sign(f"{url}/webhooks/whatsapp", genuine, "guess")},
        ),
        "another address": (
            genuine,
            {"X-Twilio-Signature": sign("https://evil.example/webhooks/whatsapp", genuine)},
        ),
        "another sender": (genuine | {"From": CUSTOMER}, {"X-Twilio-Signature": signature}),
        "another text": (genuine | {"Body": "confirmo"}, {"X-Twilio-Signature": signature}),
        "one field more": (genuine | {"Extra": "x"}, {"X-Twilio-Signature": signature}),
        "another host": (
            genuine,
            {
                "X-Twilio-Signature": sign("https://care.example.com/webhooks/whatsapp", genuine),
                "X-Forwarded-Host": "care.example.com",
                "X-Forwarded-Proto": "https",
            },
        ),
        "another account": (
            genuine | {"AccountSid": "AC" + "9" * 32},
            {
                "X-Twilio-Signature": sign(
                    f"{url}/webhooks/whatsapp", genuine | {"AccountSid": "AC" + "9" * 32}
                )
            },
        ),
    }


async def test_what_twilio_did_not_sign_is_refused_counted_and_not_stored(line: Line) -> None:
    before = _refused()
    forgeries = _forgeries(line.url)
    for name, (form, headers) in forgeries.items():
        async with line.session.post(f"{line.url}/webhooks/whatsapp", data=form, headers=headers) as answer:
            assert answer.status == 403, name
            assert "error" in await answer.json()
    async with line.session.post(f"{line.url}/webhooks/whatsapp", json={"Body": "hola"}) as answer:
        assert answer.status == 403
    assert _refused() == before + len(forgeries) + 1
    for table in ("messages", "conversations", "persons", "outbox"):
        assert await line.rows(f"SELECT * FROM {table}") == []  # noqa: S608
    async with line.session.get(f"{line.url}/metrics") as answer:
        assert "relevo_webhooks_refused_total" in await answer.text()


async def test_ten_identical_webhooks_at_once_are_one_message_one_turn_one_reply(line: Line) -> None:
    acknowledged = await asyncio.gather(*(line.write(sid="SM" + "a" * 32) for _ in range(10)))
    assert acknowledged == [200] * 10
    await line.at_rest()
    assert await line.write(sid="SM" + "a" * 32) == 200
    await line.at_rest()
    counted = await line.rows(
        "SELECT (SELECT count(*) FROM messages WHERE role = 'customer') AS messages,"
        " (SELECT count(*) FROM turns) AS turns, (SELECT count(*) FROM outbox) AS parts"
    )
    assert counted == [{"messages": 1, "turns": 1, "parts": 1}]
    assert len(line.twilio.sent) == 1
    assert line.twilio.sent[0]["To"] == CUSTOMER and line.twilio.sent[0]["From"] == OUR_NUMBER


async def test_a_redelivery_with_other_words_changes_nothing(line: Line) -> None:
    await line.write("hola", sid="SM" + "a" * 32)
    await line.at_rest()
    await line.write("quiero retirar mi saldo", sid="SM" + "a" * 32, sender=ANA)
    await line.at_rest()
    assert [row["body"] for row in await line.rows("SELECT body FROM messages WHERE role = 'customer'")] == [
        "hola"
    ]
    assert len(line.twilio.sent) == 1


async def test_a_long_reply_leaves_in_parts_in_order(line: Line) -> None:
    await line.write("quiero hablar con una persona")
    await line.at_rest()
    before = len(line.twilio.sent)
    text = " ".join(f"palabra{number} 🎵" for number in range(260))
    project = line.app.default_project
    ticket = (await line.app.operator.list(project))[0].ticket.number
    await line.app.operator.take(project, ticket, "eva")
    await line.app.operator.say(project, ticket, "eva", text)
    await line.at_rest()
    parts = line.twilio.bodies()[before:]
    assert len(parts) > 2
    assert all(len(part.encode("utf-16-le")) // 2 <= 1_600 for part in parts)
    assert "".join(parts) == text


async def test_reports_move_a_message_on_and_never_back(line: Line) -> None:
    await line.write()
    await line.at_rest()
    sid = line.twilio.sent[0]["sid"]
    for state, expected in (
        ("queued", "sent"), ("sent", "sent"), ("delivered", "delivered"), ("sent", "delivered"),
        ("read", "read"), ("delivered", "read"), ("read", "read"), ("undelivered", "read"),
        ("failed", "read"),
    ):  # fmt: skip
        assert await line.report(sid, state) == 200
        assert await line.outbox() == [expected], state


async def test_a_failure_reported_after_sending_stands(line: Line) -> None:
    await line.write()
    await line.at_rest()
    sid = line.twilio.sent[0]["sid"]
    for state in ("undelivered", "delivered", "sent"):
        assert await line.report(sid, state) == 200
        assert await line.outbox() == ["failed"]
    assert line.twilio.requests == 1


async def test_forty_reports_at_once_leave_the_last_state(line: Line) -> None:
    await line.write()
    await line.at_rest()
    sid = line.twilio.sent[0]["sid"]
    states = ["sent", "delivered", "read", "delivered"] * 10
    assert set(await asyncio.gather(*(line.report(sid, state) for state in states))) == {200}
    assert await line.outbox() == ["read"]


@pytest.mark.parametrize("state", ["delivered", "read", "failed"])
async def test_a_report_that_overtakes_our_own_record_is_kept(
    line: Line, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    """Twilio may tell that a message has arrived before we have written that it was sent."""
    channel = line.app.channels[WHATSAPP]
    send = channel.send

    async def overtaken(sender: str, recipient: str, text: str) -> str:
        sid = await send(sender, recipient, text)
        assert await line.report(sid, "sent") == 200
        assert await line.report(sid, state) == 200
        return sid

    monkeypatch.setattr(channel, "send", overtaken)
    await line.write()
    await line.at_rest()
    assert await line.outbox() == [state]
    assert await line.rows("SELECT * FROM delivery_news") == []


async def test_a_report_of_a_message_that_is_not_ours_changes_nothing(line: Line) -> None:
    await line.write()
    await line.at_rest()
    assert await line.report("SM" + "f" * 32, "failed") == 200
    assert await line.outbox() == ["sent"]


LATER = ["429", "500", "503", "21611"]
"""Twilio did not take it: it is sent again."""
NOBODY_KNOWS = ["hang", "close", "accept-close", "502", "504", "garbage"]
"""It may have been taken: it is never sent again by itself."""
NEVER = ["21211", "21610", "63016"]


async def _first_to(line: Line, person: str) -> tuple[str, int]:
    """The state of the first part to a person, and how often Twilio was asked to send anything."""
    row = (await line.rows("SELECT state FROM outbox WHERE address = %s ORDER BY id LIMIT 1", person))[0]
    return row["state"], line.twilio.requests


async def test_what_twilio_did_not_take_is_sent_again_once(line: Line) -> None:
    for number, behaviour in enumerate(LATER):
        person, before = f"{CUSTOMER}{number}", line.twilio.requests
        line.twilio.next(behaviour, behaviour)
        await line.write(sender=person)
        await line.at_rest()
        assert await _first_to(line, person) == ("due", before + 1), behaviour
        await line.retry_now()
        assert await _first_to(line, person) == ("due", before + 2), behaviour
        await line.retry_now()
        await line.retry_now()
        assert await _first_to(line, person) == ("sent", before + 3), behaviour
        assert len(line.twilio.bodies(person)) == 1


async def test_what_twilio_may_have_taken_is_not_sent_again_and_what_follows_goes_on(line: Line) -> None:
    for number, behaviour in enumerate(NOBODY_KNOWS):
        person, before = f"{CUSTOMER}{number}", line.twilio.requests
        line.twilio.next(behaviour)
        await line.write(sender=person)
        await line.at_rest()
        await line.retry_now()
        assert await _first_to(line, person) == ("unknown", before + 1), behaviour
        await line.write("¿cuánto cuesta el plan Pro?", sender=person)
        await line.at_rest()
        assert "49.99" in line.twilio.bodies(person)[-1], behaviour
        assert await _first_to(line, person) == ("unknown", line.twilio.requests), behaviour


async def test_what_cannot_be_sent_has_failed(line: Line) -> None:
    for number, behaviour in enumerate(NEVER):
        person, before = f"{CUSTOMER}{number}", line.twilio.requests
        line.twilio.next(behaviour)
        await line.write(sender=person)
        await line.at_rest()
        await line.retry_now()
        assert await _first_to(line, person) == ("failed", before + 1), behaviour


async def test_a_part_that_waits_holds_back_those_after_it(line: Line) -> None:
    line.twilio.next("429")
    await line.write("hola")
    await line.at_rest()
    await line.write("¿cuánto cuesta el plan Pro?")
    await line.at_rest()
    assert set(await line.outbox()) == {"due"}
    await line.retry_now()
    assert set(await line.outbox()) == {"sent"}
    assert "49.99" in line.twilio.bodies()[-1] and "49.99" not in line.twilio.bodies()[0]


async def test_a_sender_that_died_while_sending_does_not_send_twice(line: Line) -> None:
    await line.write()
    await line.at_rest()
    await line.rows("UPDATE outbox SET state = 'sending', due_at = now() RETURNING id")
    await line.retry_now()
    assert (await line.outbox(), line.twilio.requests) == (["unknown"], 1)


async def test_the_webhook_is_answered_while_the_model_hangs(
    open_installation: OpenApp, twilio: TwilioServer
) -> None:
    """That it is answered at all shows it: the model never does. In the end the playbook speaks."""
    async with ModelServer() as model:
        model.fail(*[Fault("never")] * 20)
        app = await open_installation(
            twilio_api_base=twilio.base, llm_provider="compatible", llm_base_url=model.url,
            llm_call_timeout=2, triage="local", **SETTINGS,
        )  # fmt: skip
        async with served(app) as site, aiohttp.ClientSession() as session:
            line = Line(app, site.url, twilio, session)

            async def asked() -> list[dict[str, Any]]:
                return model.requests

            assert await line.write("¿cuánto cuesta el plan Pro?") == 200
            await until("the model asked", asked)
            assert twilio.requests == 0
            acknowledged = [
                await line.write("¿cuánto cuesta el plan Pro?", sender=f"{CUSTOMER}{n}") for n in range(5)
            ]
            assert acknowledged == [200] * 5
            assert twilio.requests == 0
            await line.at_rest()
            assert sum("49.99" in body for body in twilio.bodies()) == 6


async def test_without_the_database_nothing_is_acknowledged(line: Line, demo_admin_url: str) -> None:
    line.app.database._pool.timeout = 0.5
    async with await psycopg.AsyncConnection.connect(demo_admin_url, autocommit=True) as admin:
        row = await (await admin.execute("SELECT current_database()")).fetchone()
        assert row is not None
        name = row[0]
        elsewhere = demo_admin_url.replace(f"/{name}?", "/postgres?")
        async with await psycopg.AsyncConnection.connect(elsewhere, autocommit=True) as other:
            await other.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            await other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
            )
            for _ in range(3):
                assert await line.write(sid="SM" + "a" * 32) == 503
            async with line.session.get(f"{line.url}/readyz") as answer:
                assert answer.status == 503
            for path in ("/healthz", "/metrics"):
                async with line.session.get(f"{line.url}{path}") as answer:
                    assert answer.status == 200
            await other.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')

            async def again() -> bool:
                return await line.write(sid="SM" + "a" * 32) == 200

            await until("taken", again)
    await line.at_rest()
    assert len(await line.rows("SELECT id FROM messages WHERE role = 'customer'")) == 1
    assert len(line.twilio.sent) == 1


async def test_the_number_says_who_it_is(line: Line) -> None:
    await line.write("¿cuál es mi saldo?", sender=ANA)
    await line.at_rest()
    assert "182.40" in line.twilio.bodies(ANA)[-1]
    await line.write("¿cuál es mi saldo?")
    await line.at_rest()
    assert "182.40" not in " ".join(line.twilio.bodies(CUSTOMER))


async def test_a_number_that_changes_hands_opens_nothing_of_its_last_owner(line: Line) -> None:
    """Neither what was said, nor the account, nor an answer that was still on its way."""
    await line.write("¿cuál es mi saldo?", sender=ANA)
    await line.at_rest()
    await line.write("quiero retirar 60", sender=ANA)
    await line.at_rest()
    line.twilio.next("429")
    await line.write("¿cuánto tengo?", sender=ANA)
    await line.at_rest()
    sent = len(line.twilio.sent)
    await line.rows("UPDATE music_customers SET phone = '+5215559999999' WHERE id = 'ana' RETURNING id")
    await line.write("sí, confirmo", sender=ANA)
    await line.at_rest()
    await line.retry_now()
    await line.write("¿cuál es mi saldo?", sender=ANA)
    await line.at_rest()
    assert not [body for body in line.twilio.bodies()[sent:] if "182" in body or "60" in body]
    assert await line.rows("SELECT number FROM music_payouts WHERE customer_id = 'ana'") == []
    owners = await line.rows(
        "SELECT p.customer_ref FROM conversations c JOIN persons p ON p.id = c.person_id ORDER BY c.id"
    )
    assert [row["customer_ref"] for row in owners] == ["ana", None]


async def test_a_stranger_who_becomes_a_customer_goes_on(line: Line) -> None:
    await line.write("¿cuál es mi saldo?")
    await line.at_rest()
    await line.rows(
        "UPDATE music_customers SET phone = %s WHERE id = 'ana' RETURNING id",
        CUSTOMER.removeprefix("whatsapp:"),
    )
    await line.write("¿cuál es mi saldo?")
    await line.at_rest()
    assert "182.40" in line.twilio.bodies(CUSTOMER)[-1]
    assert len(await line.rows("SELECT id FROM conversations")) == 1


async def test_more_than_may_be_sent_in_a_minute_is_kept_without_an_answer(
    open_installation: OpenApp, twilio: TwilioServer
) -> None:
    app = await open_installation(twilio_api_base=twilio.base, max_messages_per_minute=3, **SETTINGS)
    async with served(app) as site, aiohttp.ClientSession() as session:
        line = Line(app, site.url, twilio, session)
        for _ in range(5):
            assert await line.write() == 200
        assert await line.write(sender=ANA) == 200
        await line.at_rest()
        states = await line.rows("SELECT state FROM messages WHERE role = 'customer' ORDER BY id")
        assert [row["state"] for row in states] == ["done"] * 3 + ["limited"] * 2 + ["done"]
        assert len(twilio.bodies(ANA)) == 1
