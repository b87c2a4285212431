"""What a channel is: it proves and reads what comes in, and sends what goes out.

A channel is a folder under channels/ whose ``__init__`` offers ``build(settings, clock) -> Channel | None``
(None: not configured). The web and API doors need no channel object: people read their replies there.

ChannelError
├── Refused        the request is not proved to come from the provider: 403, nothing is stored
├── Unreadable     it is genuine but not what the provider documents: 400, nothing is stored
└── SendError
    ├── SendLater      try again after ``after`` seconds
    ├── SendFailed     it will never work (blocked, no such number): do not try again
    └── SendUnknown    it may or may not have gone out: never resent by itself
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from relevo.domain.ids import ChannelName


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """An HTTP request as the provider signed it: ``url`` is the public one, query string included.

    ``headers`` have lower-case names; a header sent twice is in ``doubled``.
    """

    url: str
    headers: Mapping[str, str]
    body: bytes
    doubled: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ChannelMessage:
    """One message read from a webhook. ``recipient`` is our address: it tells the project."""

    recipient: str
    sender: str
    provider_id: str
    text: str
    sender_name: str | None = None
    proves_identity: bool = False
    """Whether the sender's address itself proves who is speaking (a phone number on WhatsApp)."""
    meta: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeliveryUpdate:
    """News of a message sent earlier. ``state`` is sent, delivered, read or failed."""

    recipient: str
    provider_id: str
    state: str
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Webhook:
    """What one webhook held, and what to answer the provider with."""

    messages: tuple[ChannelMessage, ...] = ()
    updates: tuple[DeliveryUpdate, ...] = ()
    answer: str = ""
    answer_type: str = "text/plain"


class ChannelError(Exception):
    pass


class Refused(ChannelError):
    pass


class Unreadable(ChannelError):
    pass


class SendError(ChannelError):
    pass


class SendLater(SendError):
    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


class SendFailed(SendError):
    pass


class SendUnknown(SendError):
    pass


class Channel(Protocol):
    name: ChannelName

    def read(self, request: WebhookRequest) -> Webhook:
        """Proves and reads one webhook; pure. Raises Refused or Unreadable."""
        ...

    def split(self, text: str) -> list[str]:
        """Cuts ``text`` into parts the channel can carry; joined, they equal ``text``."""
        ...

    async def send(self, sender: str, recipient: str, text: str) -> str:
        """Sends one part from our address to the person's; returns the provider's id. Raises SendError."""
        ...

    async def check(self) -> None:
        """Asks the provider whether the credentials work, for ``relevo doctor``. Raises ChannelError."""
        ...

    async def close(self) -> None: ...
