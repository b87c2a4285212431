"""Does this request come from the provider, and recently?

The header ``X-Hello-Signature: t=1767614400,v1=3c9d…`` carries the time of sending (Unix seconds) and the
HMAC-SHA256, in hex, of ``1767614400.`` followed by the body, under the shared secret.
"""

import hashlib
import hmac
import re
from datetime import datetime, timedelta

from relevo.channels.port import Refused, WebhookRequest

HEADER = "x-hello-signature"
TOLERANCE = timedelta(minutes=5)
"""How far the two clocks may differ; an older request is a replay."""

_SHAPE = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})")


def sign(body: bytes, secret: str, at: datetime) -> str:
    """The header's value for ``body`` sent at ``at``."""
    seconds = int(at.timestamp())
    mac = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256)
    return f"t={seconds},v1={mac.hexdigest()}"


def verify(request: WebhookRequest, secret: str, now: datetime) -> None:
    """Returns when the request is genuine. Raises Refused, saying why. Pure."""
    shape = _SHAPE.fullmatch(request.headers.get(HEADER, ""))
    if shape is None or HEADER in request.doubled:
        raise Refused("the signature header is missing, malformed or there twice")
    seconds = int(shape[1])
    if abs(now.timestamp() - seconds) > TOLERANCE.total_seconds():
        raise Refused("the signature is too old")
    mac = hmac.new(secret.encode(), f"{seconds}.".encode() + request.body, hashlib.sha256)
    if not hmac.compare_digest(mac.hexdigest(), shape[2]):
        raise Refused("the signature does not match")
