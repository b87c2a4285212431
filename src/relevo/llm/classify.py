"""Which ModelError a failed wire call is, judged by its cause rather than by the client's name for it."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import httpx2
import orjson

from relevo.llm.errors import (
    ConnectionLost,
    ModelError,
    ModelTimeout,
    QuotaExhausted,
    RateLimited,
    RequestRefused,
    ServerFault,
)

_NO_MONEY = {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"}


def error_of(failure: Exception, now: datetime) -> ModelError:
    """The kind of ``failure``, which the openai client's transport raised."""
    # The aiohttp transport reports a refused connection as a connect time-out, so the cause is asked first.
    chain = _causes(failure)
    source = next((cause for cause in chain if isinstance(cause, aiohttp.ClientError)), chain[-1])
    if isinstance(source, TimeoutError | httpx2.TimeoutException):
        return ModelTimeout("the model did not answer in time")
    return ConnectionLost(f"no connection to the model: {type(source).__name__}")


def error_of_response(response: httpx2.Response, now: datetime) -> ModelError:
    """The kind of an answer, read to its end, whose status tells of a failure."""
    try:
        body = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        body = None
    inside = body.get("error", body) if isinstance(body, dict) else body
    return error_of_status(response.status_code, inside, response.headers, now)


def error_of_status(status: int, body: Any, headers: Mapping[str, str], now: datetime) -> ModelError:
    """The kind of an HTTP ``status`` (or the code of an error reported inside an answer) with its body."""
    detail = body if isinstance(body, dict) else {}
    code = detail.get("code") or detail.get("type")
    message = f"HTTP {status} {code or ''}: {str(detail.get('message', ''))[:300]}"
    # 402 is how OpenRouter says that the account's credit is used up.
    if status == 402 or (status in (400, 403, 429) and {detail.get("code"), detail.get("type")} & _NO_MONEY):
        return QuotaExhausted(message)
    if status == 429:
        return RateLimited(message, retry_after=retry_after(headers, now))
    if status == 408:
        return ModelTimeout(message)
    if status >= 500:
        return ServerFault(message)
    return RequestRefused(message)


def error_inside(body: Any, now: datetime) -> ModelError:
    """The kind of an ``error`` object in a 200 answer or in a stream; without a code, the server's fault."""
    code = body.get("code") if isinstance(body, dict) else None
    if isinstance(code, str) and code in _NO_MONEY | {"rate_limit_exceeded"}:
        return error_of_status(429, body, {}, now)
    return error_of_status(code if isinstance(code, int) and code >= 400 else 500, body, {}, now)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait by ``Retry-After`` (RFC 9110 section 10.2.3: seconds or a date), None without one."""
    value = headers.get("retry-after", "")
    try:
        seconds = float(value)
    except ValueError:
        try:
            at = parsedate_to_datetime(value)
        except ValueError:
            return None
        # A date without a zone is read as UTC, which RFC 9110 requires of it anyway.
        seconds = ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _causes(failure: BaseException) -> list[BaseException]:
    chain = [failure]
    while chain[-1].__cause__ is not None:
        chain.append(chain[-1].__cause__)
    return chain
