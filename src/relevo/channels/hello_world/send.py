"""How a message leaves: a signed POST of ``{"from": …, "to": …, "text": …}``, answered by ``{"id": …}``."""

import json

import aiohttp
from pydantic import BaseModel, ValidationError

from relevo.channels.hello_world.settings import HelloWorldSettings
from relevo.channels.hello_world.verify import HEADER, sign
from relevo.channels.port import SendFailed, SendLater, SendUnknown
from relevo.domain.clock import Clock


class Receipt(BaseModel):
    id: str


async def send(settings: HelloWorldSettings, clock: Clock, message: dict[str, str]) -> str:
    """Posts ``message`` and returns the provider's id. Raises SendLater, SendFailed or SendUnknown."""
    body = json.dumps(message).encode()
    headers = {
        "Content-Type": "application/json",
        HEADER: sign(body, settings.secret.get_secret_value(), clock.now()),
    }
    limits = aiohttp.ClientTimeout(total=settings.timeout, connect=settings.timeout / 2)
    try:
        async with (
            aiohttp.ClientSession(timeout=limits) as session,
            session.post(settings.url, data=body, headers=headers, allow_redirects=False) as response,
        ):
            answer = await response.text(errors="replace")
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        raise SendLater(f"the provider cannot be reached: {error}") from error
    except (aiohttp.ClientError, TimeoutError) as error:
        raise SendUnknown(f"the connection broke: {type(error).__name__}") from error
    if response.status == 429 or response.status in (500, 503):
        raise SendLater(f"the provider is busy ({response.status})")
    if response.status >= 500:
        raise SendUnknown(f"a gateway lost the answer ({response.status})")
    if response.status >= 300:
        raise SendFailed(f"the provider refuses the message ({response.status})")
    try:
        return Receipt.model_validate_json(answer).id
    except ValidationError as error:
        raise SendUnknown("the provider's answer cannot be read") from error
