"""What a proved request says: a person's message, or news of one of ours.

Fields: https://www.twilio.com/docs/messaging/guides/webhook-request and, for the status of messages sent,
https://www.twilio.com/docs/messaging/guides/track-outbound-message-status
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_pascal

from relevo.channels.port import ChannelMessage, DeliveryUpdate, Unreadable, Webhook

NO_REPLY = "<Response></Response>"
"""TwiML for: say nothing now; the answer leaves through the REST API."""

MAX_TEXT = 65_536
"""WhatsApp's longest message, in characters."""

_STATES = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "failed": "failed",
    "undelivered": "failed",
    "canceled": "failed",
}
"""Twilio's states that are news to us; queued, sending and the like are not."""


def _tame(value: object) -> object:
    """Numbers in JSON become text; NUL, which PostgreSQL's text cannot hold, is left out.

    Raises UnicodeEncodeError for half an emoji, which JSON can write and UTF-8 cannot.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str):
        value.encode()
        return value.replace("\0", "")
    return value


Short = Annotated[str, BeforeValidator(_tame), Field(max_length=1_024)]
Long = Annotated[str, BeforeValidator(_tame), Field(max_length=MAX_TEXT)]


class _Fields(BaseModel):
    """Names are Twilio's, which are ours in PascalCase. Fields not named here are let pass and not read."""

    model_config = ConfigDict(alias_generator=to_pascal, extra="ignore", frozen=True)


class Inbound(_Fields):
    message_sid: Short
    sender: Annotated[Short, Field(alias="From")]
    recipient: Annotated[Short, Field(alias="To")]
    body: Long = ""
    profile_name: Short = ""
    num_media: Annotated[int, Field(ge=0, le=10)] = 0
    button_text: Short = ""
    button_payload: Short = ""
    list_title: Short = ""
    list_id: Short = ""
    latitude: Short = ""
    longitude: Short = ""
    address: Short = ""
    label: Short = ""
    original_replied_message_sid: Short = ""
    messaging_service_sid: Short = ""


class Medium(BaseModel):
    """An attachment: nothing is fetched here."""

    model_config = ConfigDict(frozen=True)

    url: Annotated[Short, Field(pattern="^https?://")]
    content_type: Annotated[Short, Field(max_length=255)] = ""


class Status(_Fields):
    message_sid: Short
    message_status: Short
    sender: Annotated[Short, Field(alias="From")] = ""
    messaging_service_sid: Short = ""
    error_code: Short = ""
    error_message: Short = ""
    channel_status_message: Short = ""


def parse(fields: Mapping[str, object]) -> Webhook:
    """Reads the fields of a proved request. Raises Unreadable, naming the fields that are wrong."""
    try:
        if fields.get("MessageStatus", "received") != "received":
            updates = _updates(Status.model_validate(fields))
            return Webhook(updates=updates, answer=NO_REPLY, answer_type="text/xml")
        inbound = Inbound.model_validate(fields)
        media = [_medium(fields, index) for index in range(inbound.num_media)]
    except ValidationError as error:
        wrong = sorted({".".join(map(str, item["loc"])) for item in error.errors()})
        raise Unreadable(f"missing, malformed or too long: {', '.join(wrong)}") from error
    return Webhook(messages=(_message(inbound, media),), answer=NO_REPLY, answer_type="text/xml")


def _medium(fields: Mapping[str, object], index: int) -> Medium:
    return Medium.model_validate(
        {"url": fields.get(f"MediaUrl{index}"), "content_type": fields.get(f"MediaContentType{index}", "")}
    )


def _message(inbound: Inbound, media: list[Medium]) -> ChannelMessage:
    attached = [_kind(medium.content_type) for medium in media] + ["location"] * bool(inbound.latitude)
    text = inbound.body or inbound.button_text or inbound.list_title
    meta: dict[str, Any] = {
        "attached": attached,
        "media": [{"url": medium.url, "type": medium.content_type} for medium in media],
        "location": {
            name: value
            for name in ("latitude", "longitude", "address", "label")
            if (value := getattr(inbound, name))
        },
        "choice": inbound.button_payload or inbound.list_id,
        "replied_to": inbound.original_replied_message_sid,
        "messaging_service": inbound.messaging_service_sid,
    }
    return ChannelMessage(
        recipient=inbound.recipient,
        sender=inbound.sender,
        provider_id=inbound.message_sid,
        text=text or " ".join(f"[{kind}]" for kind in attached),
        sender_name=inbound.profile_name or None,
        proves_identity=True,
        meta={name: value for name, value in meta.items() if value},
    )


def _kind(content_type: str) -> str:
    main = content_type.partition("/")[0].lower()
    return main if main in ("image", "audio", "video") else "file"


def _updates(status: Status) -> tuple[DeliveryUpdate, ...]:
    state = _STATES.get(status.message_status.lower())
    if state is None:
        return ()
    reasons = (status.error_code, status.error_message or status.channel_status_message)
    error = " ".join(reason for reason in reasons if reason) if state == "failed" else ""
    return (
        DeliveryUpdate(
            recipient=status.sender or status.messaging_service_sid,
            provider_id=status.message_sid,
            state=state,
            error=error or None,
        ),
    )
