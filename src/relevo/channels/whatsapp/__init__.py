"""WhatsApp through Twilio."""

import asyncio
from importlib import import_module
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
        self._sender: Sender | None = None

    def read(self, request: WebhookRequest) -> Webhook:
        return parse(verify(request, self.settings))

    def split(self, text: str) -> list[str]:
        return split_text(text, LIMIT, utf16_units)

    async def send(self, sender: str, recipient: str, text: str) -> str:
        return await (await self._ready()).send(sender, recipient, text)

    async def check(self) -> None:
        await (await self._ready()).check()

    async def close(self) -> None:
        if self._sender is not None:
            await self._sender.close()

    async def _ready(self) -> "Sender":
        """Loads Twilio's SDK at the first need, in a thread: it takes 0.5 to 1 s and 15 MB (measured)."""
        if self._sender is None:
            loaded = await asyncio.to_thread(import_module, "relevo.channels.whatsapp.send")
            self._sender = self._sender or loaded.Sender(self.settings)
        return self._sender


def build(settings: ApplicationSettings, clock: Clock) -> WhatsAppChannel | None:
    """The channel, or None when no Twilio account is set. Raises ValueError naming a wrong variable."""
    found = from_application(settings)
    return WhatsAppChannel(found) if found else None
