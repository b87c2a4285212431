"""A loopback server that speaks the part of Twilio's REST API that Relevo uses, and Twilio's signed webhooks.

In a test::

    async with TwilioServer() as twilio:          # twilio.base is what TWILIO_API_BASE takes
        twilio.next("429", "ok")                  # how the next messages are answered; then ok again
        await post_webhook(session, "http://127.0.0.1:8000", body="hola")
        twilio.sent[0]["Body"]

As a process: ``python -m tests.support.twilio_server --port 8090``; ``GET /_sent`` lists what was sent,
``POST /_next`` with ``{"behaviours": ["429"]}`` says how to answer, ``POST /_reset`` forgets both.
"""

import argparse
import asyncio
import contextlib
from collections import deque
from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import urlencode

import aiohttp
from aiohttp import web
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

ACCOUNT = "AC" + "0123456789abcdef" * 2
TOKEN = "test-auth-token"
OUR_NUMBER = "whatsapp:+14155238886"
CUSTOMER = "whatsapp:+5215512345678"

ERRORS: dict[str, tuple[int, int, str]] = {
    "429": (429, 20429, "Too Many Requests"),
    "500": (500, 20500, "Internal Server Error"),
    "503": (503, 20503, "Service unavailable"),
    "401": (401, 20003, "Authenticate"),
    "21211": (400, 21211, "The 'To' number is not a valid phone number."),
    "21610": (400, 21610, "Attempt to send to unsubscribed recipient"),
    "21611": (400, 21611, "This 'From' number has exceeded the maximum number of queued messages"),
    "63016": (400, 63016, "Failed to send freeform message: outside the allowed window"),
}
"""Behaviours answered with Twilio's error JSON. Others: ok, 502 and 504 (a gateway's HTML), garbage
(201 with no JSON), hang (reads, never answers), close (reads, then closes), accept-close (takes the message,
then closes)."""


class TwilioServer:
    def __init__(self, account: str = ACCOUNT, tokens: tuple[str, ...] = (TOKEN,), port: int = 0) -> None:
        self.sent: list[dict[str, str]] = []
        """The form of every message taken, in order, with its ``sid``."""
        self.requests = 0
        """Requests to send, whatever came of them."""
        self._account = account
        self._logins = {aiohttp.encode_basic_auth(account, token) for token in tokens}
        self._next: deque[str] = deque()
        self._port = port
        self._runner: web.AppRunner | None = None
        self._stopping = asyncio.Event()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def next(self, *behaviours: str) -> None:
        """How the next messages are answered, one each; after them: ok."""
        self._next.extend(behaviours)

    def bodies(self, to: str | None = None) -> list[str]:
        """The texts taken, in order, to everybody or to one address."""
        return [form.get("Body", "") for form in self.sent if to is None or form.get("To") == to]

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/2010-04-01/Accounts/{account}/Messages.json", self._create)
        app.router.add_get("/2010-04-01/Accounts/{account}.json", self._account_json)
        app.router.add_get("/_sent", self._list_sent)
        app.router.add_post("/_next", self._set_next)
        app.router.add_post("/_reset", self._reset)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        self._stopping.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _create(self, request: web.Request) -> web.StreamResponse:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.requests += 1
        behaviour = self._next.popleft() if self._next else "ok"
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        if behaviour in ERRORS:
            return _error(behaviour)
        if behaviour in ("502", "504"):
            return web.Response(status=int(behaviour), text="<html>gateway</html>", content_type="text/html")
        if behaviour == "hang":
            await self._stopping.wait()
        if behaviour in ("hang", "close"):
            return _cut(request)
        if not form.get("To") or not (form.get("From") or form.get("MessagingServiceSid")):
            return _error("21211")
        sid = f"SM{len(self.sent):032x}"
        self.sent.append({**form, "sid": sid})
        if behaviour == "accept-close":
            return _cut(request)
        if behaviour == "garbage":
            return web.Response(status=201, text="<html></html>", content_type="text/html")
        answer = {"sid": sid, "account_sid": self._account, "status": "queued", "direction": "outbound-api"}
        named = {"to": form["To"], "from": form.get("From"), "body": form.get("Body"), "error_code": None}
        return web.json_response({**answer, **named}, status=201)

    async def _account_json(self, request: web.Request) -> web.StreamResponse:
        refusal = self._refusal(request)
        return refusal or web.json_response({"sid": self._account, "status": "active", "type": "Full"})

    def _refusal(self, request: web.Request) -> web.Response | None:
        right = request.match_info["account"] == self._account
        return None if right and request.headers.get("Authorization") in self._logins else _error("401")

    async def _list_sent(self, request: web.Request) -> web.Response:
        return web.json_response(self.sent)

    async def _set_next(self, request: web.Request) -> web.Response:
        self.next(*(await request.json())["behaviours"])
        return web.json_response({})

    async def _reset(self, request: web.Request) -> web.Response:
        self.sent.clear()
        self._next.clear()
        return web.json_response({})


def _error(name: str) -> web.Response:
    status, code, message = ERRORS[name]
    body = {
        "code": code,
        "message": message,
        "status": status,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
    }
    return web.json_response(body, status=status, headers={"Retry-After": "7"} if status == 429 else None)


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def sign(url: str, params: Mapping[str, str], token: str = TOKEN) -> str:
    """The X-Twilio-Signature for a form with these parameters, posted to this public URL."""
    return str(RequestValidator(token).compute_signature(url, dict(params)))


def inbound_params(
    body: str = "hola", sid: str = "SM" + "1" * 32, sender: str = CUSTOMER, to: str = OUR_NUMBER, **more: str
) -> dict[str, str]:
    """The parameters Twilio sends for a WhatsApp message; ``more`` replaces or adds to them."""
    return {
        "SmsMessageSid": sid,
        "NumMedia": "0",
        "ProfileName": "Ana",
        "MessageType": "text",
        "SmsSid": sid,
        "WaId": sender.removeprefix("whatsapp:+"),
        "SmsStatus": "received",
        "Body": body,
        "To": to,
        "NumSegments": "1",
        "ReferralNumMedia": "0",
        "MessageSid": sid,
        "AccountSid": ACCOUNT,
        "From": sender,
        "ApiVersion": "2010-04-01",
        **more,
    }


def status_params(
    sid: str, status: str, sender: str = OUR_NUMBER, to: str = CUSTOMER, **more: str
) -> dict[str, str]:
    """The parameters Twilio sends when a message of ours is queued, sent, delivered, read, failed…"""
    return {
        "ChannelPrefix": "whatsapp",
        "ApiVersion": "2010-04-01",
        "MessageStatus": status,
        "SmsSid": sid,
        "SmsStatus": status,
        "ChannelInstallSid": "XE" + "2" * 32,
        "To": to,
        "From": sender,
        "MessageSid": sid,
        "AccountSid": ACCOUNT,
        **more,
    }


async def post_webhook(
    session: aiohttp.ClientSession,
    base: str,
    params: Mapping[str, str] | None = None,
    *,
    token: str = TOKEN,
    public_url: str | None = None,
    headers: Mapping[str, str] | None = None,
    path: str = "/webhooks/whatsapp",
    **fields: Any,
) -> tuple[int, str]:
    """Posts a form to ``base + path``, signed over ``public_url`` (or base) + path; returns status and text.

    Without ``params`` it is an inbound message, with ``fields`` as ``inbound_params`` takes them.
    """
    params = dict(params) if params is not None else inbound_params(**fields)
    signature = sign(f"{public_url or base}{path}", params, token)
    sent = {
        "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        "X-Twilio-Signature": signature,
        "I-Twilio-Idempotency-Token": params["MessageSid"],
        "User-Agent": "TwilioProxy/1.1",
        **(headers or {}),
    }
    async with session.post(f"{base}{path}", data=urlencode(params).encode(), headers=sent) as response:
        return response.status, await response.text()


async def _serve(port: int, account: str, token: str) -> None:
    async with TwilioServer(account, tuple(token.split(",")), port) as twilio:
        print(twilio.base, flush=True)
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(description="A loopback Twilio")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--account", default=ACCOUNT)
    parser.add_argument("--token", default=TOKEN)
    options = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(options.port, options.account, options.token))


if __name__ == "__main__":
    main()
