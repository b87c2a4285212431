"""How a message leaves through Twilio's REST API, and what each way of failing means.

Loaded at the first send, with Twilio's SDK: starting without it saves its time and memory.
"""

from collections.abc import Mapping
from typing import Any

import aiohttp
import twilio.rest.api  # type: ignore[import-untyped]  # noqa: F401  (the client would load it at the first call)
from twilio.base.exceptions import (  # type: ignore[import-untyped]
    TwilioRestException,
    TwilioServiceException,
)
from twilio.http.response import Response  # type: ignore[import-untyped]
from twilio.rest import Client

from relevo.channels.port import SendError, SendFailed, SendLater, SendUnknown
from relevo.channels.whatsapp.settings import WhatsAppSettings

TWILIO = "https://api.twilio.com"

LATER = frozenset({20429, 21611, 30001, 63018})
"""Twilio's error codes that time cures: too many requests, queue full (twice), WhatsApp's rate limit."""

UNAUTHORISED = 401
AMBIGUOUS = frozenset({502, 504})
"""A gateway lost the answer: the message may have been taken."""

KEEP_ALIVE = 4.0
"""Seconds an idle connection is used again. Short: one that Twilio has just closed would lose a message."""


class Sender:
    """Sends through one Twilio account, with each of its tokens in turn where one is no longer valid."""

    def __init__(self, settings: WhatsAppSettings) -> None:
        self._settings = settings
        self._wire = Wire(settings.api_base, settings.timeout)
        self._clients = [
            Client(settings.account_sid, token.get_secret_value(), http_client=self._wire)
            for token in settings.auth_tokens
        ]

    async def send(self, sender: str, recipient: str, text: str) -> str:
        """Sends ``text`` from our address (a number or a messaging service); returns Twilio's SID.

        Raises SendLater, SendFailed or SendUnknown.
        """
        message: dict[str, str] = {"to": recipient, "body": text}
        if sender.startswith("MG"):
            message["messaging_service_sid"] = sender
        else:
            message["from_"] = sender
            if self._settings.messaging_service_sid:
                message["messaging_service_sid"] = self._settings.messaging_service_sid
        if self._settings.status_callback:
            message["status_callback"] = self._settings.status_callback
        created = await self._with_a_valid_token(lambda client: client.messages.create_async(**message))
        if not created.sid:
            raise SendUnknown("Twilio took the message but gave no SID")
        return str(created.sid)

    async def check(self) -> None:
        """Reads the account. Raises SendError where Twilio cannot be reached or refuses the credentials."""
        sid = self._settings.account_sid
        await self._with_a_valid_token(lambda client: client.api.v2010.accounts(sid).fetch_async())

    async def close(self) -> None:
        await self._wire.close()

    async def _with_a_valid_token(self, call: Any) -> Any:
        refused: SendError | None = None
        for client in self._clients:
            try:
                return await call(client)
            except (TwilioRestException, TwilioServiceException) as error:
                if error.status != UNAUTHORISED:
                    raise _meaning(error) from error
                refused = SendLater("Twilio refuses the credentials: check TWILIO_AUTH_TOKEN")
            except UnicodeEncodeError as error:
                raise SendFailed("the text holds characters that UTF-8 cannot carry") from error
            except ValueError as error:
                raise SendUnknown("Twilio's answer cannot be read") from error
        raise refused or SendLater("no token is set: check TWILIO_AUTH_TOKEN")


def _meaning(error: Any) -> SendError:
    text = f"Twilio {error.code} ({error.status}): {getattr(error, 'msg', None) or error}"
    if error.status in AMBIGUOUS:
        return SendUnknown(text)
    if error.status >= 500 or error.code in LATER:
        return SendLater(text)
    return SendFailed(text)


class Wire:
    """The HTTP client that Twilio's SDK is given: with time limits, another base address where one is set,
    and the distinction between "never arrived" and "nobody knows", which its own client does not make.
    """

    is_async = True

    def __init__(self, base: str, timeout: float) -> None:
        self._base = base
        self._timeout = aiohttp.ClientTimeout(total=timeout, connect=timeout / 2)
        self._session: aiohttp.ClientSession | None = None

    async def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Any:
        """As Twilio's SDK calls it; returns their ``Response``."""
        sent = dict(headers or {})
        if auth:
            sent["Authorization"] = aiohttp.encode_basic_auth(*auth)
        url = self._base + uri.removeprefix(TWILIO) if uri.startswith(TWILIO) else uri
        try:
            async with self._open().request(
                method, url, params=params, data=data or None, headers=sent, allow_redirects=allow_redirects
            ) as response:
                text = await response.text(errors="replace")
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise SendLater(f"Twilio cannot be reached: {error}") from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise SendUnknown(f"the connection to Twilio broke: {type(error).__name__}") from error
        if response.status in (429, 503):
            raise SendLater(
                f"Twilio is busy ({response.status})", _seconds(response.headers.get("Retry-After"))
            )
        return Response(response.status, text, response.headers)

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(keepalive_timeout=KEEP_ALIVE)
            self._session = aiohttp.ClientSession(connector=connector, timeout=self._timeout)
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def _seconds(retry_after: str | None) -> float | None:
    return float(retry_after) if retry_after and retry_after.isascii() and retry_after.isdigit() else None
