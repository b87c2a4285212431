"""The example channel: its clock, its settings, and what its provider's answers mean."""

from dataclasses import dataclass, replace

import pytest
from aiohttp import web
from pydantic import SecretStr

from relevo.channels.hello_world import HelloWorldChannel, build
from relevo.channels.hello_world.settings import HelloWorldSettings
from relevo.channels.hello_world.verify import sign, verify
from relevo.channels.port import Refused, SendError, SendFailed, SendLater, SendUnknown, WebhookRequest
from relevo.domain.clock import ManualClock

BODY = b'{"id": "1", "from": "ana", "to": "care", "text": "hola"}'


def test_an_old_or_early_request_is_a_replay() -> None:
    clock = ManualClock()
    sent = WebhookRequest("https://x/", {"x-hello-signature": sign(BODY, "secret", clock.now())}, BODY)
    clock.advance(300)
    verify(sent, "secret", clock.now())
    clock.advance(1)
    with pytest.raises(Refused, match="old"):
        verify(sent, "secret", clock.now())
    with pytest.raises(Refused, match="old"):
        verify(sent, "secret", ManualClock(clock.now().replace(year=2020)).now())


def test_the_time_is_signed_too() -> None:
    clock = ManualClock()
    genuine = WebhookRequest("https://x/", {"x-hello-signature": sign(BODY, "secret", clock.now())}, BODY)
    seconds = int(clock.now().timestamp())
    moved = genuine.headers["x-hello-signature"].replace(str(seconds), str(seconds + 60))
    for forged in (
        replace(genuine, headers={"x-hello-signature": moved}),
        replace(genuine, headers={"x-hello-signature": sign(BODY, "other", clock.now())}),
    ):
        with pytest.raises(Refused, match="match"):
            verify(forged, "secret", clock.now())


@dataclass
class Application:
    hello_world_secret: SecretStr | None
    hello_world_url: str | None


def test_settings() -> None:
    secret = SecretStr("shared")
    assert build(Application(secret, None), ManualClock()) is None
    assert build(Application(None, "http://127.0.0.1"), ManualClock()) is None
    assert build(Application(secret, "http://127.0.0.1"), ManualClock()) is not None
    with pytest.raises(ValueError, match="HELLO_WORLD_URL: expected"):
        build(Application(secret, "127.0.0.1"), ManualClock())


@pytest.mark.parametrize(
    ("status", "text", "meaning"),
    [
        (503, "", SendLater),
        (500, "", SendLater),
        (502, "", SendUnknown),
        (200, "no JSON", SendUnknown),
        (200, "{}", SendUnknown),
        (302, "", SendFailed),
        (404, "", SendFailed),
        (0, "", SendUnknown),
    ],
)
async def test_what_the_providers_answers_mean(status: int, text: str, meaning: type[SendError]) -> None:
    async def answer(request: web.Request) -> web.Response:
        await request.read()
        if status == 0 and request.transport is not None:
            request.transport.abort()
        return web.Response(status=status or 200, text=text)

    app = web.Application()
    app.router.add_post("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    channel = HelloWorldChannel(HelloWorldSettings(secret=SecretStr("s"), url=url), ManualClock())
    with pytest.raises(SendError) as caught:
        await channel.send("care", "ana", "hola")
    assert type(caught.value) is meaning
    await runner.cleanup()
