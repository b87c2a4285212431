"""What a proved request says: ``{"id": …, "from": …, "to": …, "text": …, "name": …}`` in JSON."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from relevo.channels.port import ChannelMessage, Unreadable, Webhook

Name = Annotated[str, Field(pattern=r"^[^\x00-\x1f]{1,100}$")]


class Message(BaseModel):
    """Every field has a limit, so that nothing wild passes this door."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: Name
    sender: Annotated[Name, Field(alias="from")]
    recipient: Annotated[Name, Field(alias="to")]
    text: Annotated[str, Field(max_length=10_000)]
    name: Name | None = None


def parse(body: bytes) -> Webhook:
    """Reads the body of a proved request. Raises Unreadable, naming the fields that are wrong."""
    try:
        message = Message.model_validate_json(body)
    except ValidationError as error:
        wrong = sorted({".".join(map(str, item["loc"])) or "JSON" for item in error.errors()})
        raise Unreadable(f"missing, malformed or too long: {', '.join(wrong)}") from error
    return Webhook(
        messages=(
            ChannelMessage(
                recipient=message.recipient,
                sender=message.sender,
                provider_id=message.id,
                text=message.text.replace("\0", ""),  # PostgreSQL's text cannot hold it
                sender_name=message.name,
            ),
        ),
        answer='{"ok": true}',
        answer_type="application/json",
    )
