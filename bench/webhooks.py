"""How soon a webhook is acknowledged while the model hangs: signed WhatsApp messages at a steady rate."""

import asyncio
import time
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from bench.load import Figures, percentile
from bench.services import Services
from bench.sides import OUR_NUMBER, TWILIO_ACCOUNT, TWILIO_TOKEN, Relevo

PEOPLE = 250
WARM_SECONDS = 4.0
"""Not counted: the channel is loaded, and the workers come to hang on the model."""
FORM = "application/x-www-form-urlencoded"


def signed(url: str, number: int) -> tuple[bytes, dict[str, str]]:
    """The body and the headers of a message as Twilio sends it."""
    phone = f"+52155{number % PEOPLE:08d}"
    sid = f"SM{number:032x}"
    fields = {
        "AccountSid": TWILIO_ACCOUNT,
        "ApiVersion": "2010-04-01",
        "Body": f"¿Qué precio tiene el plan Pro? ({number})",
        "From": f"whatsapp:{phone}",
        "MessageSid": sid,
        "MessageType": "text",
        "NumMedia": "0",
        "NumSegments": "1",
        "ProfileName": "Ana",
        "SmsMessageSid": sid,
        "SmsSid": sid,
        "SmsStatus": "received",
        "To": OUR_NUMBER,
        "WaId": phone[1:],
    }
    signature = RequestValidator(TWILIO_TOKEN).compute_signature(url, fields)
    return urlencode(fields).encode(), {"Content-Type": FORM, "X-Twilio-Signature": signature}


async def webhooks(services: Services, side: Relevo, rate: int, seconds: float, stretch: int) -> Figures:
    """Posts ``rate`` messages a second, each at its time whatever became of those before.

    ``stretch`` numbers the calls, so that each posts messages of its own. Milliseconds count from the moment
    a message was due, so that waiting in line counts too.
    """
    url = f"{side.url}/webhooks/whatsapp"
    before = int(rate * WARM_SECONDS)
    count = before + int(rate * seconds)
    prepared = [signed(url, stretch * count + number) for number in range(count)]
    await services.behave(hang=True)
    taken: list[float] = []
    refused = 0
    begun = time.perf_counter() + 0.5

    async def post(number: int, body: bytes, headers: dict[str, str]) -> None:
        nonlocal refused
        due = begun + number / rate
        await asyncio.sleep(due - time.perf_counter())
        async with services.web.post(url, data=body, headers=headers) as answer:
            await answer.read()
            refused += answer.status != 200
        if number >= before:
            taken.append((time.perf_counter() - due) * 1000)

    async with asyncio.TaskGroup() as group:
        for number, (body, headers) in enumerate(prepared):
            group.create_task(post(number, body, headers))
    hanging = (await services.counted()).calls
    await services.behave()
    return {
        "messages": len(taken),
        "rate": rate,
        "refused": refused,
        "calls_hanging": hanging,
        "p50_ms": percentile(taken, 0.5),
        "p99_ms": percentile(taken, 0.99),
        "most_ms": max(taken),
    }
