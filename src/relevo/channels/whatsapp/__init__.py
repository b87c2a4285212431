"""WhatsApp through Twilio."""

from functools import cached_property
from typing import TYPE_CHECKING

from relevo.channels.port import Webhook, WebhookRequest
from relevo.channels.split import split_text, utf16_units
from relevo.channels.whatsapp.parse import parse
from relevo.channels.whatsapp.settings import ApplicationSettings, WhatsAppSettings, from_application
from relevo.channels.whatsapp.verify import verify
from relevo.domain.clock import Clock
from relevo.domain.ids import ChannelName

if TYPE_CHECKING:
    from relevo.channels.whatsapp.send import Sender

LIMIT = 1_600
"""Characters Twilio takes in one body (error 21617). It counts an emoji as more than one character, so parts
are measured in UTF-16 units, which are never fewer."""


class WhatsAppChannel:
    name = ChannelName("whatsapp")

    def __init__(self, settings: WhatsAppSettings) -> None:
        self.settings = settings

    @cached_property
    def _sender(self) -> "Sender":
        from relevo.channels.whatsapp.send import Sender

        return Sender(self.settings)

    def read(self, request: WebhookRequest) -> Webhook:
        return parse(verify(request, self.settings))

    def split(self, text: str) -> list[str]:
        return split_text(text, LIMIT, utf16_units)

    async def send(self, sender: str, recipient: str, text: str) -> str:
        return await self._sender.send(sender, recipient, text)

    async def check(self) -> None:
        await self._sender.check()

    async def close(self) -> None:
        if "_sender" in self.__dict__:
            await self._sender.close()


def build(settings: ApplicationSettings, clock: Clock) -> WhatsAppChannel | None:
    """The channel, or None when no Twilio account is set. Raises ValueError naming a wrong variable."""
    found = from_application(settings)
    return WhatsAppChannel(found) if found else None
