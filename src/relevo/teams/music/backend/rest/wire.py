"""Asks the distributor's API: bounded in time and size, careful about what an answer proves.

A read is tried again once, where the first try got no answer. A request carries its idempotency key and is
tried again once with it; by the contract the service looks at the key before anything else, so that a refusal
of the second try tells that the first did nothing.
"""

from collections.abc import Collection, Mapping
from typing import Any, TypeVar

import structlog
from pydantic import ValidationError

from relevo.agents.unavailable import NotDone, Unavailable, Unclear
from relevo.domain.clock import PATIENCE, Clock
from relevo.domain.ids import ProjectId
from relevo.insight.metrics import LABEL_API_FAILURES, OPERATOR_ALERTS
from relevo.teams.music.backend.rest.access import Access
from relevo.teams.music.backend.rest.answers import Health, Problem
from relevo.teams.music.backend.rest.exchange import PAUSE, Answer, Exchange, Lost
from relevo.teams.music.backend.rest.scalars import Strict

log = structlog.get_logger()

NAME = "label_api"

TRIES = 2
MOST_RETRY_AFTER = 2.0
"""A longer Retry-After is not waited for while a person waits."""
RESERVE_SECONDS = 5.0
"""What is left of a turn's time for saying that there was no answer."""
PING_SECONDS = 2.0

UNDONE = frozenset({400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 429})
"""Statuses by which a service says that it did nothing of what it was asked."""
COMMON = frozenset({"unknown_customer", "key_taken"})
LOCKED_OUT = frozenset({401, 403})

Shape = TypeVar("Shape", bound=Strict)


class Declined(Exception):
    """The service says no, for a reason of the contract."""

    def __init__(self, code: str, values: Mapping[str, str]) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


class Wire:
    """One distributor's API, for every project."""

    def __init__(self, access: Access, clock: Clock) -> None:
        self._access = access
        self.clock = clock
        self._exchange = Exchange(access)

    async def close(self) -> None:
        await self._exchange.close()

    async def ping(self) -> None:
        """Raises Unavailable saying why, when it does not answer or refuses the key."""
        try:
            answer = await self._exchange.send("GET", "/health", {}, PING_SECONDS)
            self._read(answer, Health)
        except Lost as lost:
            raise Unavailable(str(lost)) from lost

    async def read(
        self,
        project: ProjectId,
        path: str,
        shape: type[Shape],
        query: Mapping[str, Any] | None = None,
        body: Strict | None = None,
        seconds: float | None = None,
    ) -> Shape:
        """What stands at ``path``, or what a search with ``body`` there finds. Raises Declined (as for what
        does not exist) and Unavailable."""
        method = "GET" if body is None else "POST"
        content = body.model_dump_json().encode() if body is not None else None
        limit = self.clock.monotonic() + self._seconds(seconds or self._access.timeout)
        headers = {"Relevo-Project": project}
        for left in reversed(range(TRIES)):
            try:
                within = limit - self.clock.monotonic()
                answer = await self._exchange.send(
                    method, path, headers, within, query=query, content=content
                )
                return self._read(answer, shape)
            except Lost as lost:
                if not left or not await self._may_wait(lost, limit):
                    self._give_up(lost)
                    raise Unavailable(f"{path}: {lost}") from lost
        raise AssertionError("every try returns or raises")

    async def request(
        self,
        project: ProjectId,
        path: str,
        body: Strict,
        key: str,
        shape: type[Shape],
        refusals: Collection[str],
    ) -> tuple[Shape, bool]:
        """Asks for something to be done once per ``key``; what was made, and whether by this call.

        Raises Declined with one of the ``refusals`` or of those common to all, NotDone and Unclear.
        """
        headers = {"Relevo-Project": project, "Idempotency-Key": key}
        content, unclear = body.model_dump_json().encode(), False
        for left in reversed(range(TRIES)):
            try:
                within = self._seconds(self._access.timeout)
                answer = await self._exchange.send("POST", path, headers, within, content=content)
                return self._read(answer, shape, made=True), answer.status == 201
            except Declined as declined:
                if declined.code in COMMON or declined.code in refusals:
                    raise
                self._give_up(Lost("invalid", f"no such refusal: {declined.code}", may_be_done=False))
                raise (Unclear if unclear else NotDone)(f"{path}: {declined.code}") from declined
            except Unavailable as error:  # the turn has no time left
                raise (Unclear if unclear else NotDone)(str(error)) from error
            except Lost as lost:
                unclear = unclear or lost.may_be_done
                limit = self.clock.monotonic() + self._access.timeout
                if not left or not await self._may_wait(lost, limit):
                    self._give_up(lost)
                    raise (Unclear if unclear else NotDone)(f"{path}: {lost}") from lost
        raise AssertionError("every try returns or raises")

    def _read(self, answer: Answer, shape: type[Shape], *, made: bool = False) -> Shape:
        """The answer in the contract's shape. Raises Declined, and Lost for whatever is none."""
        good = (200, 201) if made else (200,)
        try:
            if answer.status in good:
                return shape.model_validate_json(answer.body)
            if answer.status in (404, 409, 422):
                problem = Problem.model_validate_json(answer.body).error
                raise Declined(problem.code, problem.values)
        except ValidationError as error:
            wrong = "; ".join(
                f"{'.'.join(str(part) for part in each['loc'])}: {each['type']}"
                for each in error.errors()[:5]
            )
            done = answer.status not in UNDONE
            raise Lost("invalid", f"status {answer.status}, {wrong}", may_be_done=done) from error
        done = answer.status not in UNDONE
        if answer.status in LOCKED_OUT:
            raise Lost("refused", f"status {answer.status}: is LABEL_API_KEY right?", may_be_done=done)
        if answer.status == 429:
            after = answer.retry_after
            raise Lost("limited", f"status 429, again in {after} s", may_be_done=done, again_in=after)
        again = PAUSE if answer.status >= 500 else None
        raise Lost("status", f"status {answer.status}", may_be_done=done, again_in=again)

    def _seconds(self, most: float) -> float:
        """How long the turn can wait for one call. Raises Unavailable when it is not to be waited for."""
        patience = PATIENCE.get()
        if patience is None:
            return most
        if NAME in patience.gone:
            raise Unavailable("gave no answer a moment ago")
        left = patience.deadline.remaining
        allowed = min(most, max(left - RESERVE_SECONDS, left / 2))
        if allowed <= 0:
            raise Unavailable("the turn's time is over")
        return allowed

    async def _may_wait(self, lost: Lost, limit: float) -> bool:
        """Waits until the next try, where there may be one before ``limit``."""
        pause = lost.again_in
        if pause is None or pause > MOST_RETRY_AFTER or self.clock.monotonic() + pause >= limit:
            return False
        await self.clock.sleep(pause)
        return True

    def _give_up(self, lost: Lost) -> None:
        LABEL_API_FAILURES.labels(lost.kind).inc()
        log.warning("label_api_failed", kind=lost.kind, why=str(lost))
        if lost.kind == "refused":
            OPERATOR_ALERTS.labels(kind="label_api_refused").inc()
        patience = PATIENCE.get()
        if patience is not None and lost.kind not in ("invalid", "too_large"):
            patience.gone.add(NAME)
