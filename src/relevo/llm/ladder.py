"""When is a failed question asked again, and after how long?"""

from collections.abc import Callable
from dataclasses import replace

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from relevo.domain.clock import Clock, Deadline
from relevo.llm.errors import (
    ConnectionLost,
    InvalidAnswer,
    ModelError,
    ModelTimeout,
    RateLimited,
    ServerFault,
)
from relevo.llm.port import Model, ModelCall, ModelReply, ModelRequest

WIRE_CALLS: dict[type[ModelError], int] = {RateLimited: 3, ModelTimeout: 2, ConnectionLost: 3, ServerFault: 3}
"""How many wire calls a question may have taken when it fails so; any other failure ends it at once."""

DELAYS = (0.0, 2.0, 4.0)
"""Seconds before the first, second and third wire call. A time-out has been wait enough: none after it."""

SHORTEST_CALL = 1.0
"""Seconds that must be left before the deadline for a call to begin; answers rarely come sooner."""


def no_time(deadline: Deadline) -> bool:
    """Whether a call begun now could not be hoped to end before ``deadline``."""
    return deadline.remaining < SHORTEST_CALL


class Ladder:
    """Asks ``inner``, whose ``ask`` is one wire call, again as often and as late as its failures allow.

    Failures of several kinds may mix in one question. The kind of the latest one decides: whether it allows
    another call after those made so far, of whatever kind they were (so never more than 3), and the delay
    before it. Retry-After, where a 429 gives one, replaces the delay. A delay or a call that cannot end
    before the deadline is not begun. An answer that is empty or not what was asked for is repaired once, by
    a second question that says what was wrong: one wire call more, so never more than 4.
    The error raised is the latest one, with a ModelCall for each question.
    """

    def __init__(self, inner: Model, clock: Clock) -> None:
        self._inner = inner
        self._clock = clock

    async def ask(
        self, request: ModelRequest, deadline: Deadline, on_text: Callable[[str], None] | None = None
    ) -> ModelReply:
        """See ``Model.ask``. Raises ModelTimeout, without a call, where no time is left for one."""
        if no_time(deadline):
            raise ModelTimeout("no time is left to ask a model")
        try:
            return await self._question(request, deadline, on_text)
        except InvalidAnswer as wrong:
            if no_time(deadline):
                raise
            return await self._repair(request, deadline, on_text, wrong)

    async def close(self) -> None:
        await self._inner.close()

    async def _question(
        self, request: ModelRequest, deadline: Deadline, on_text: Callable[[str], None] | None
    ) -> ModelReply:
        tried: list[ModelCall] = []
        started = self._clock.monotonic()

        async def once() -> ModelReply:
            try:
                reply = await self._inner.ask(request, deadline, on_text)
            except ModelError as error:
                tried.extend(error.calls)
                raise
            tried.extend(reply.calls)
            return reply

        def used_up(state: RetryCallState) -> bool:
            limit = next(calls for kind, calls in WIRE_CALLS.items() if isinstance(_failure(state), kind))
            return state.attempt_number >= limit or state.upcoming_sleep + SHORTEST_CALL > deadline.remaining

        retrying = AsyncRetrying(
            retry=retry_if_exception_type(tuple(WIRE_CALLS)),
            wait=_delay,
            stop=used_up,
            sleep=self._clock.sleep,
            reraise=True,
        )
        try:
            reply: ModelReply = await retrying(once)
        except ModelError as error:
            error.calls = _as_one(tried, self._clock.monotonic() - started)
            raise
        return replace(reply, calls=_as_one(tried, self._clock.monotonic() - started))

    async def _repair(
        self,
        request: ModelRequest,
        deadline: Deadline,
        on_text: Callable[[str], None] | None,
        wrong: InvalidAnswer,
    ) -> ModelReply:
        try:
            reply = await self._inner.ask(_mended(request, str(wrong)), deadline, on_text)
        except ModelError as error:
            error.calls = wrong.calls + error.calls
            raise
        return replace(reply, calls=wrong.calls + reply.calls)


def _failure(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _delay(state: RetryCallState) -> float:
    failure = _failure(state)
    if isinstance(failure, ModelTimeout):
        return 0.0
    if isinstance(failure, RateLimited) and failure.retry_after is not None:
        return failure.retry_after
    return DELAYS[min(state.attempt_number, len(DELAYS) - 1)]


def _as_one(tried: list[ModelCall], seconds: float) -> tuple[ModelCall, ...]:
    """The record of one question out of those of its wire calls; the latest one's outcome is its outcome."""
    if not tried:
        return ()
    one = replace(
        tried[-1],
        wire_calls=sum(call.wire_calls for call in tried),
        input_tokens=sum(call.input_tokens for call in tried),
        output_tokens=sum(call.output_tokens for call in tried),
        cost_usd=sum(call.cost_usd for call in tried),
        milliseconds=seconds * 1000,
    )
    return (one,)


def _mended(request: ModelRequest, wrong: str) -> ModelRequest:
    """The question, with what was wrong said in its system message: the one place every server allows."""
    note = f"Your previous answer could not be used: {wrong}. Answer again and put that right."
    head, rest = {"role": "system", "content": ""}, request.messages
    if rest and rest[0].get("role") == "system":
        head, rest = rest[0], rest[1:]
    return replace(request, messages=[{**head, "content": f"{head['content']}\n\n{note}".strip()}, *rest])
