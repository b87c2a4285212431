"""What every channel keeps: it reads what is proved, splits without loss, sends or says how it failed.

A new channel adds a ``Case`` here.
"""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from urllib.parse import urlencode

import pytest
from aiohttp import web
from pydantic import SecretStr
from tests.support.twilio_server import ACCOUNT, TOKEN, TwilioServer, inbound_params, sign
from tests.support.twilio_server import OUR_NUMBER as WHATSAPP_NUMBER

from relevo.channels.hello_world import HelloWorldChannel
from relevo.channels.hello_world.settings import HelloWorldSettings
from relevo.channels.hello_world.verify import sign as sign_hello
from relevo.channels.port import (
    Channel,
    Refused,
    SendFailed,
    SendLater,
    Unreadable,
    WebhookRequest,
)
from relevo.channels.whatsapp import WhatsAppChannel
from relevo.channels.whatsapp.settings import WhatsAppSettings
from relevo.domain.clock import ManualClock


@dataclass
class Case:
    """A channel before its provider. ``receive`` makes the genuine request for (text, our address, sender);
    ``taken`` lists the texts the provider took; ``refuse`` and ``rest`` say how it answers next."""

    channel: Channel
    ours: str
    theirs: str
    receive: Callable[[str], WebhookRequest]
    unreadable: Callable[[], WebhookRequest]
    taken: Callable[[], list[str]]
    answer_next: Callable[[int], None]
    stop: Callable[[], object]
    split_limit: int


async def whatsapp() -> AsyncIterator[Case]:
    async with TwilioServer() as twilio:
        channel = WhatsAppChannel(
            WhatsAppSettings(account_sid=ACCOUNT, auth_tokens=(SecretStr(TOKEN),), api_base=twilio.base)
        )
        url = "https://care.example.com/webhooks/whatsapp"
        theirs = "whatsapp:+5215512345678"

        def receive(text: str, **more: str) -> WebhookRequest:
            params = inbound_params(text, sender=theirs, **more)
            headers = {
                "content-type": "application/x-www-form-urlencoded",
                "x-twilio-signature": sign(url, params),
            }
            return WebhookRequest(url, headers, urlencode(params).encode())

        yield Case(
            channel=channel,
            ours=WHATSAPP_NUMBER,
            theirs=theirs,
            receive=receive,
            unreadable=lambda: receive("hola", NumMedia="many"),
            taken=twilio.bodies,
            answer_next=lambda status: twilio.next({400: "21211", 429: "429"}[status]),
            stop=twilio.stop,
            split_limit=1_600,
        )
        await channel.close()


async def hello_world() -> AsyncIterator[Case]:
    taken: list[str] = []
    answers: list[int] = []

    async def take(request: web.Request) -> web.Response:
        if answers:
            return web.Response(status=answers.pop(0))
        taken.append((await request.json())["text"])
        return web.json_response({"id": f"m{len(taken)}"})

    app = web.Application()
    app.router.add_post("/messages", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/messages"
    clock = ManualClock()
    channel = HelloWorldChannel(HelloWorldSettings(secret=SecretStr("shared"), url=url), clock)

    def receive(text: str, **more: str) -> WebhookRequest:
        message = {"id": "m-1", "from": "ana", "to": "care", "text": text, **more}
        body = json.dumps(message).encode()
        headers = {"x-hello-signature": sign_hello(body, "shared", clock.now())}
        return WebhookRequest("https://care.example.com/webhooks/hello_world", headers, body)

    yield Case(
        channel=channel,
        ours="care",
        theirs="ana",
        receive=receive,
        unreadable=lambda: receive("hola", id=""),
        taken=lambda: taken,
        answer_next=answers.append,
        stop=runner.cleanup,
        split_limit=1_000,
    )
    await channel.close()
    await runner.cleanup()


@pytest.fixture(params=[whatsapp, hello_world], ids=["whatsapp", "hello_world"])
async def case(request: pytest.FixtureRequest) -> AsyncIterator[Case]:
    async for built in request.param():
        yield built


async def test_a_genuine_message_is_read(case: Case) -> None:
    webhook = case.channel.read(case.receive("¿Cuánto cuesta Pro? 👩‍🎤"))
    (message,) = webhook.messages
    assert (message.recipient, message.sender, message.text) == (
        case.ours,
        case.theirs,
        "¿Cuánto cuesta Pro? 👩‍🎤",
    )
    assert message.provider_id


async def test_reading_is_pure_so_a_redelivery_has_the_same_id(case: Case) -> None:
    request = case.receive("hola")
    assert case.channel.read(request) == case.channel.read(request)


async def test_nothing_unproved_is_read(case: Case) -> None:
    genuine = case.receive("hola")
    (signature,) = [name for name in genuine.headers if name.endswith("signature")]
    without = {name: value for name, value in genuine.headers.items() if name != signature}
    for forged in (
        replace(genuine, headers=without),
        replace(genuine, headers={**genuine.headers, signature: ""}),
        replace(genuine, headers={**genuine.headers, signature: "ñandú"}),
        replace(genuine, headers={**genuine.headers, signature: genuine.headers[signature][:-2] + "0="}),
        replace(genuine, doubled=frozenset({signature})),
        replace(genuine, body=genuine.body.replace(b"hola", b"hole")),
        replace(genuine, body=b""),
        replace(genuine, body=b"\xff\x00"),
    ):
        with pytest.raises(Refused):
            case.channel.read(forged)


async def test_genuine_but_not_as_documented_is_unreadable(case: Case) -> None:
    with pytest.raises(Unreadable):
        case.channel.read(case.unreadable())


async def test_a_long_text_is_split_and_sent_whole_and_in_order(case: Case) -> None:
    text = "Tu pago de regalías está en camino. 👩‍🎤\n\n" * 200
    parts = case.channel.split(text)
    assert len(parts) > 1 and all(len(part) <= case.split_limit for part in parts)
    identifiers = [await case.channel.send(case.ours, case.theirs, part) for part in parts]
    assert "".join(case.taken()) == text
    assert len(set(identifiers)) == len(parts)


async def test_a_refusal_is_final_and_a_busy_provider_is_not(case: Case) -> None:
    case.answer_next(400)
    with pytest.raises(SendFailed):
        await case.channel.send(case.ours, case.theirs, "hola")
    case.answer_next(429)
    with pytest.raises(SendLater):
        await case.channel.send(case.ours, case.theirs, "hola")
    assert case.taken() == []


async def test_a_provider_that_is_away_loses_nothing(case: Case) -> None:
    stopping = case.stop()
    await stopping  # type: ignore[misc]
    with pytest.raises(SendLater):
        await case.channel.send(case.ours, case.theirs, "hola")


async def test_check_asks_or_says_nothing(case: Case) -> None:
    await case.channel.check()
    assert case.taken() == []


async def test_closing_is_harmless_before_after_and_twice(case: Case) -> None:
    await case.channel.close()
    await case.channel.send(case.ours, case.theirs, "hola")
    await case.channel.close()
    await case.channel.close()
    assert case.taken() == ["hola"]


async def test_what_no_database_can_hold_does_not_pass(case: Case) -> None:
    (message,) = case.channel.read(case.receive("ho\0la")).messages
    assert message.text == "hola"
