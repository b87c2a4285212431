"""The smallest whole channel: copy this folder to begin a new one.

The same four files stand in every channel. ``verify`` proves that a request comes from the provider,
``parse`` reads it, ``send`` answers, ``settings`` says what must be configured; this file joins them into a
``Channel``. The contract tests in tests/contracts/test_channels.py run over it: add your channel there.
"""

from relevo.channels.hello_world.parse import parse
from relevo.channels.hello_world.settings import ApplicationSettings, HelloWorldSettings, from_application
from relevo.channels.hello_world.verify import verify
from relevo.channels.port import Webhook, WebhookRequest
from relevo.channels.split import split_text
from relevo.domain.clock import Clock
from relevo.domain.ids import ChannelName

LIMIT = 1_000
"""Characters the provider takes in one message."""


class HelloWorldChannel:
    name = ChannelName("hello_world")

    def __init__(self, settings: HelloWorldSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    def read(self, request: WebhookRequest) -> Webhook:
        verify(request, self._settings.secret.get_secret_value(), self._clock.now())
        return parse(request.body)

    def split(self, text: str) -> list[str]:
        return split_text(text, LIMIT)

    async def send(self, sender: str, recipient: str, text: str) -> str:
        from relevo.channels.hello_world.send import send  # with its HTTP client, at the first send

        return await send(self._settings, self._clock, {"from": sender, "to": recipient, "text": text})

    async def check(self) -> None:
        """Nothing to ask: this provider has no call that changes nothing."""

    async def close(self) -> None:
        """Nothing is kept open."""


def build(settings: ApplicationSettings, clock: Clock) -> HelloWorldChannel | None:
    """The channel, or None when it is not configured. Raises ValueError naming a wrong variable."""
    found = from_application(settings)
    return HelloWorldChannel(found, clock) if found else None
