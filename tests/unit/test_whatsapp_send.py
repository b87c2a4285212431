"""Messages on the wire to a loopback Twilio, and what each way of failing means."""

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr
from tests.support.twilio_server import ACCOUNT, CUSTOMER, OUR_NUMBER, TOKEN, TwilioServer

from relevo.channels.port import SendError, SendFailed, SendLater, SendUnknown
from relevo.channels.whatsapp.send import Sender
from relevo.channels.whatsapp.settings import WhatsAppSettings

SERVICE = "MG" + "5" * 32


@pytest.fixture
async def twilio() -> AsyncIterator[TwilioServer]:
    async with TwilioServer() as server:
        yield server


@pytest.fixture
async def sender(twilio: TwilioServer) -> AsyncIterator[Sender]:
    built = sender_to(twilio.base)
    yield built
    await built.close()


def sender_to(base: str, *tokens: str, service: str | None = None, public_url: str | None = None) -> Sender:
    return Sender(
        WhatsAppSettings(
            account_sid=ACCOUNT,
            auth_tokens=tuple(SecretStr(token) for token in tokens or (TOKEN,)),
            messaging_service_sid=service,
            public_url=public_url,
            api_base=base,
            timeout=0.5,
        )
    )


async def test_a_message_leaves_as_twilio_documents(twilio: TwilioServer, sender: Sender) -> None:
    text = "Tu saldo es 12,50 € + IVA & más\n👩‍🎤"
    sid = await sender.send(OUR_NUMBER, CUSTOMER, text)
    assert twilio.sent == [{"To": CUSTOMER, "From": OUR_NUMBER, "Body": text, "sid": sid}]


async def test_the_messaging_service_and_the_callback_are_named(twilio: TwilioServer) -> None:
    sender = sender_to(twilio.base, service=SERVICE, public_url="https://care.example.com/")
    await sender.send(OUR_NUMBER, CUSTOMER, "hola")
    await sender.send(SERVICE, CUSTOMER, "hola")
    await sender.close()
    first, second = twilio.sent
    assert (first["From"], first["MessagingServiceSid"]) == (OUR_NUMBER, SERVICE)
    assert "From" not in second and second["MessagingServiceSid"] == SERVICE
    assert first["StatusCallback"] == "https://care.example.com/webhooks/whatsapp"


@pytest.mark.parametrize(
    ("behaviour", "meaning"),
    [
        ("429", SendLater),
        ("500", SendLater),
        ("503", SendLater),
        ("21611", SendLater),
        ("21211", SendFailed),
        ("21610", SendFailed),
        ("63016", SendFailed),
        ("502", SendUnknown),
        ("504", SendUnknown),
        ("hang", SendUnknown),
        ("close", SendUnknown),
        ("accept-close", SendUnknown),
        ("garbage", SendUnknown),
    ],
)
async def test_each_failure_means_one_thing_and_is_tried_once(
    twilio: TwilioServer, sender: Sender, behaviour: str, meaning: type[SendError]
) -> None:
    twilio.next(behaviour)
    with pytest.raises(SendError) as caught:
        await sender.send(OUR_NUMBER, CUSTOMER, "hola")
    assert type(caught.value) is meaning, caught.value
    assert twilio.requests == 1
    await sender.send(OUR_NUMBER, CUSTOMER, "otra")
    assert twilio.bodies()[-1] == "otra"


async def test_a_busy_twilio_says_when_to_come_back(twilio: TwilioServer, sender: Sender) -> None:
    twilio.next("429", "500")
    with pytest.raises(SendLater) as busy:
        await sender.send(OUR_NUMBER, CUSTOMER, "hola")
    assert busy.value.after == 7
    with pytest.raises(SendLater) as broken:
        await sender.send(OUR_NUMBER, CUSTOMER, "hola")
    assert broken.value.after is None


async def test_a_message_that_was_never_written_can_be_sent_later(twilio: TwilioServer) -> None:
    base = twilio.base
    await twilio.stop()
    sender = sender_to(base)
    with pytest.raises(SendLater, match="reached"):
        await sender.send(OUR_NUMBER, CUSTOMER, "hola")
    with pytest.raises(SendLater, match="reached"):
        await sender.check()
    await sender.close()


async def test_during_a_rotation_the_valid_token_is_found(twilio: TwilioServer) -> None:
    sender = sender_to(twilio.base, "old-token", TOKEN)
    await sender.send(OUR_NUMBER, CUSTOMER, "hola")
    await sender.check()
    await sender.close()
    assert twilio.bodies() == ["hola"]


async def test_wrong_credentials_name_the_setting_and_lose_nothing(twilio: TwilioServer) -> None:
    sender = sender_to(twilio.base, "wrong")
    for attempt in (sender.send(OUR_NUMBER, CUSTOMER, "hola"), sender.check()):
        with pytest.raises(SendLater, match="TWILIO_AUTH_TOKEN"):
            await attempt
    await sender.close()
    assert twilio.sent == []


async def test_text_that_cannot_be_written_never_will(twilio: TwilioServer, sender: Sender) -> None:
    with pytest.raises(SendFailed):
        await sender.send(OUR_NUMBER, CUSTOMER, "half an emoji \ud83d")
    assert twilio.sent == []


async def test_errors_never_hold_the_token(twilio: TwilioServer) -> None:
    sender = sender_to(twilio.base, "a-wrong-secret")
    with pytest.raises(SendLater) as caught:
        await sender.send(OUR_NUMBER, CUSTOMER, "hola")
    await sender.close()
    assert "a-wrong-secret" not in f"{caught.value!r} {caught.value.__cause__!r}"
