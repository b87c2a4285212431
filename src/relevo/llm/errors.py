"""How a language model fails, by what happens next.

ModelError
├── RateLimited        429: wait and try again, later defer the turn
├── QuotaExhausted     a 429 that waiting cannot cure: operators are told
├── ModelTimeout       no answer in time
├── ConnectionLost     refused, reset, broke off
├── ServerFault        5xx
├── RequestRefused     any other 4xx: ours to mend, operators are told
└── InvalidAnswer      empty, malformed, not the shape asked for
"""

from relevo.llm.port import ModelCall


class ModelError(Exception):
    """No answer came. ``calls`` is what was tried."""

    kind = "model_error"
    tell_operators = False

    def __init__(self, message: str = "", *, calls: tuple[ModelCall, ...] = ()) -> None:
        super().__init__(message or self.kind)
        self.calls = calls


class RateLimited(ModelError):
    kind = "rate_limit"

    def __init__(
        self, message: str = "", *, retry_after: float | None = None, calls: tuple[ModelCall, ...] = ()
    ) -> None:
        super().__init__(message, calls=calls)
        self.retry_after = retry_after


class QuotaExhausted(ModelError):
    kind = "quota"
    tell_operators = True


class ModelTimeout(ModelError):
    kind = "timeout"


class ConnectionLost(ModelError):
    kind = "connection"


class ServerFault(ModelError):
    kind = "server"


class RequestRefused(ModelError):
    kind = "refused"
    tell_operators = True


class InvalidAnswer(ModelError):
    kind = "invalid_answer"
