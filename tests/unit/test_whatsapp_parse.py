"""What Twilio's fields say, within limits."""

import pytest
from tests.support.twilio_server import CUSTOMER, OUR_NUMBER, inbound_params, status_params

from relevo.channels.port import DeliveryUpdate, Unreadable
from relevo.channels.whatsapp.parse import MAX_TEXT, parse

SID = "SM" + "1" * 32


def test_a_message() -> None:
    webhook = parse(inbound_params("¿Cuánto cuesta Pro? 👩‍🎤"))
    (message,) = webhook.messages
    assert (message.recipient, message.sender, message.provider_id) == (OUR_NUMBER, CUSTOMER, SID)
    assert message.text == "¿Cuánto cuesta Pro? 👩‍🎤"
    assert message.sender_name == "Ana"
    assert message.proves_identity
    assert message.meta == {}
    assert (webhook.answer, webhook.answer_type) == ("<Response></Response>", "text/xml")
    assert webhook.updates == ()


def test_attachments_are_named_and_not_fetched() -> None:
    media = {
        "NumMedia": "2",
        "MediaUrl0": "https://api.twilio.com/a",
        "MediaContentType0": "image/jpeg",
        "MediaUrl1": "https://api.twilio.com/b",
        "MediaContentType1": "application/pdf",
    }
    (message,) = parse(inbound_params("", **media)).messages
    assert message.text == "[image] [file]"
    assert message.meta["attached"] == ["image", "file"]
    assert message.meta["media"][1] == {"url": "https://api.twilio.com/b", "type": "application/pdf"}
    (captioned,) = parse(inbound_params("mi portada", **media)).messages
    assert captioned.text == "mi portada"


def test_a_location_a_button_a_list_and_an_answer() -> None:
    (place,) = parse(inbound_params("", Latitude="19.43", Longitude="-99.13", Label="Estudio")).messages
    assert place.text == "[location]"
    assert place.meta["location"] == {"latitude": "19.43", "longitude": "-99.13", "label": "Estudio"}
    (button,) = parse(inbound_params("", ButtonText="Sí, confirmo", ButtonPayload="confirm")).messages
    assert (button.text, button.meta) == ("Sí, confirmo", {"choice": "confirm"})
    (item,) = parse(inbound_params("", ListTitle="Plan Pro", ListId="pro")).messages
    assert (item.text, item.meta) == ("Plan Pro", {"choice": "pro"})
    (answer,) = parse(inbound_params("sí", OriginalRepliedMessageSid=SID)).messages
    assert answer.meta == {"replied_to": SID}


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("sent", "sent"),
        ("delivered", "delivered"),
        ("read", "read"),
        ("failed", "failed"),
        ("undelivered", "failed"),
    ],
)
def test_news_of_a_message_of_ours(said: str, state: str) -> None:
    webhook = parse(status_params(SID, said))
    assert webhook.updates == (DeliveryUpdate(recipient=OUR_NUMBER, provider_id=SID, state=state),)
    assert webhook.messages == ()


def test_a_failure_says_why() -> None:
    fields = status_params(
        SID, "undelivered", ErrorCode="63016", ChannelStatusMessage="Re-engagement message"
    )
    (update,) = parse(fields).updates
    assert (update.state, update.error) == ("failed", "63016 Re-engagement message")


@pytest.mark.parametrize("said", ["queued", "accepted", "scheduled", "sending", "something-new"])
def test_what_is_no_news_is_acknowledged(said: str) -> None:
    webhook = parse(status_params(SID, said))
    assert (webhook.messages, webhook.updates, webhook.answer_type) == ((), (), "text/xml")


def test_a_status_without_a_sender_is_the_messaging_services() -> None:
    service = "MG" + "5" * 32
    (update,) = parse(status_params(SID, "failed", sender="", MessagingServiceSid=service)).updates
    assert update.recipient == service


@pytest.mark.parametrize(
    "change",
    [
        {"Body": "x" * (MAX_TEXT + 1)},
        {"ProfileName": "x" * 1_025},
        {"NumMedia": "11"},
        {"NumMedia": "-1"},
        {"NumMedia": "uno"},
        {"NumMedia": "1"},
        {"NumMedia": "1", "MediaUrl0": "file:///etc/passwd"},
        {"Body": {"nested": "object"}},
        {"Body": "half an emoji \ud83d"},
    ],
)
def test_what_is_not_as_documented_is_unreadable(change: dict[str, object]) -> None:
    with pytest.raises(Unreadable, match="too long"):
        parse({**inbound_params(), **change})


def test_json_numbers_are_read_and_nul_is_left_out() -> None:
    (message,) = parse({**inbound_params(), "Body": "ho\0la", "NumMedia": 0, "ProfileName": 7}).messages
    assert (message.text, message.sender_name) == ("hola", "7")
