"""Promise 9 on the wire: every kind of model error takes an exact number of calls, with exact delays."""

import itertools
import socket
from collections.abc import AsyncIterator
from datetime import timedelta
from email.utils import format_datetime

import pytest
from tests.support.model_desk import KEY, QUESTION, Desk, desk_for, desk_with
from tests.support.model_protocol import Fault, FaultKind

from relevo.domain.clock import Deadline
from relevo.llm.client import Limits, OpenAIModel
from relevo.llm.errors import (
    ConnectionLost,
    InvalidAnswer,
    ModelError,
    ModelTimeout,
    QuotaExhausted,
    RateLimited,
    RequestRefused,
    ServerFault,
)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with desk_with() as desk:
        yield desk


LADDER = [
    (Fault("rate_limit"), RateLimited, 3, [2.0, 4.0]),
    (Fault("rate_limit", retry_after="7"), RateLimited, 3, [7.0, 7.0]),
    (Fault("quota"), QuotaExhausted, 1, []),
    (Fault("credits"), QuotaExhausted, 1, []),
    (Fault("never"), ModelTimeout, 2, [0.0]),
    (Fault("request_timeout"), ModelTimeout, 2, [0.0]),
    (Fault("reset"), ConnectionLost, 3, [2.0, 4.0]),
    (Fault("close"), ConnectionLost, 3, [2.0, 4.0]),
    (Fault("garbage"), ConnectionLost, 3, [2.0, 4.0]),
    (Fault("server"), ServerFault, 3, [2.0, 4.0]),
    (Fault("server", status=503), ServerFault, 3, [2.0, 4.0]),
    (Fault("error_in_answer", status=502), ServerFault, 3, [2.0, 4.0]),
    (Fault("error_in_answer", status=429), RateLimited, 3, [2.0, 4.0]),
    (Fault("bad_request"), RequestRefused, 1, []),
    (Fault("unauthorized"), RequestRefused, 1, []),
    (Fault("malformed_json"), InvalidAnswer, 2, []),
    (Fault("not_an_object"), InvalidAnswer, 2, []),
    (Fault("no_choices"), InvalidAnswer, 2, []),
    (Fault("empty"), InvalidAnswer, 2, []),
    (Fault("refusal"), InvalidAnswer, 2, []),
    (Fault("unknown_tool"), InvalidAnswer, 2, []),
]


@pytest.mark.parametrize(
    ("fault", "kind", "calls", "slept"), LADDER, ids=lambda value: getattr(value, "kind", None)
)
async def test_each_kind_takes_its_calls_and_delays(
    fault: Fault, kind: type[ModelError], calls: int, slept: list[float]
) -> None:
    async with desk_for(fault) as desk:
        desk.server.fail(*[fault] * 5)
        error = await desk.fails(kind)
        assert desk.wire_calls == calls
        assert desk.clock.slept == slept
    assert sum(call.wire_calls for call in error.calls) == calls
    assert error.calls[-1].error == kind.kind


@pytest.mark.parametrize(
    ("fault", "kind", "calls", "slept"), LADDER, ids=lambda value: getattr(value, "kind", None)
)
async def test_streamed_answers_climb_the_same_ladder(
    fault: Fault, kind: type[ModelError], calls: int, slept: list[float]
) -> None:
    async with desk_for(fault) as desk:
        desk.server.fail(*[fault] * 5)
        await desk.fails(kind, stream=True)
        assert desk.wire_calls == calls
        assert desk.clock.slept == slept


@pytest.mark.parametrize(
    ("fault", "kind", "calls", "slept"),
    [
        (Fault("hang_mid_stream"), ModelTimeout, 2, [0.0]),
        (Fault("cut_mid_stream"), ConnectionLost, 3, [2.0, 4.0]),
        (Fault("end_mid_stream"), ConnectionLost, 3, [2.0, 4.0]),
        (Fault("error_in_stream", status=502), ServerFault, 3, [2.0, 4.0]),
        (Fault("error_in_stream", status=429), RateLimited, 3, [2.0, 4.0]),
    ],
    ids=lambda value: getattr(value, "kind", None),
)
async def test_a_stream_that_breaks_off_takes_its_text_back(
    fault: Fault, kind: type[ModelError], calls: int, slept: list[float]
) -> None:
    async with desk_for(fault) as desk:
        desk.server.fail(*[fault] * 5)
        await desk.fails(kind, stream=True)
        assert desk.wire_calls == calls
        assert desk.clock.slept == slept
        assert desk.pieces == ["Claro,", " con", ""] * calls


async def test_a_slow_answer_within_the_limit_is_waited_for(desk: Desk) -> None:
    desk.server.fail(Fault("slow", seconds=0.05))
    assert (await desk.ask()).text == "Claro, con mucho gusto."
    assert desk.wire_calls == 1


async def test_a_broken_stream_is_asked_again_and_then_answered(desk: Desk) -> None:
    desk.server.fail("cut_mid_stream")
    reply = await desk.ask(stream=True)
    assert reply.text == "Claro, con mucho gusto."
    assert desk.pieces == ["Claro,", " con", "", "Claro,", " con", " mucho", " gusto."]
    assert [(call.wire_calls, call.error) for call in reply.calls] == [(2, None)]


async def test_refused_port_is_a_lost_connection_and_not_a_time_out() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed_port = free.getsockname()[1]
    async with desk_with(base_url=f"http://127.0.0.1:{closed_port}/v1") as desk:
        error = await desk.fails(ConnectionLost)
        assert desk.clock.slept == [2.0, 4.0]
        assert error.calls[0].wire_calls == 3


@pytest.mark.parametrize(
    ("faults", "kind", "calls", "slept"),
    [
        (["rate_limit", "server", "never"], ModelTimeout, 3, [2.0, 4.0]),
        (["rate_limit", "never", "server"], ModelTimeout, 2, [2.0]),
        (["never", "server", "server"], ServerFault, 3, [0.0, 4.0]),
        (["server", "quota", "server"], QuotaExhausted, 2, [2.0]),
        (["reset", "rate_limit", "bad_request"], RequestRefused, 3, [2.0, 4.0]),
        (["server", "server", "empty", "empty"], InvalidAnswer, 4, [2.0, 4.0]),
        (["empty", "server", "server"], ServerFault, 2, []),
    ],
)
async def test_mixed_failures_share_one_bound(
    faults: list[FaultKind], kind: type[ModelError], calls: int, slept: list[float]
) -> None:
    async with desk_with(call_timeout=1.0 if "never" in faults else 20.0) as desk:
        desk.server.fail(*faults)
        desk.server.script(lambda request: Fault("server"))
        await desk.fails(kind)
        assert desk.wire_calls == calls
        assert desk.clock.slept == slept


async def test_no_mixture_of_failures_passes_the_bound() -> None:
    kinds: list[FaultKind] = ["rate_limit", "quota", "reset", "server", "empty"]
    async with desk_with() as desk:
        for faults in itertools.product(kinds, repeat=4):
            desk.server.requests.clear()
            desk.server.fail(*faults)
            with pytest.raises(ModelError) as raised:
                await desk.ask()
            calls = desk.wire_calls
            assert calls <= (4 if "empty" in faults else 3), faults
            assert sum(call.wire_calls for call in raised.value.calls) == calls
            desk.server.clear()


async def test_retry_after_may_be_a_date(desk: Desk) -> None:
    at = format_datetime(desk.clock.now() + timedelta(seconds=9), usegmt=True)
    desk.server.fail(Fault("rate_limit", retry_after=at))
    await desk.ask()
    assert desk.clock.slept == [9.0]


async def test_retry_after_that_does_not_fit_the_deadline_is_not_waited_for(desk: Desk) -> None:
    desk.server.fail(*[Fault("rate_limit", retry_after="30")] * 3)
    error = await desk.fails(RateLimited, seconds=30.5)
    assert isinstance(error, RateLimited) and error.retry_after == 30.0
    assert desk.wire_calls == 1 and desk.clock.slept == []


@pytest.mark.parametrize(
    ("seconds", "calls", "slept"), [(60, 3, [2, 4]), (6.5, 2, [2]), (2.9, 1, []), (1, 1, [])]
)
async def test_the_deadline_cuts_the_ladder(
    desk: Desk, seconds: float, calls: int, slept: list[float]
) -> None:
    desk.server.fail(*[Fault("server")] * 3)
    await desk.fails(ServerFault, seconds=seconds)
    assert desk.wire_calls == calls and desk.clock.slept == slept


async def test_with_no_time_left_nothing_is_asked(desk: Desk) -> None:
    error = await desk.fails(ModelTimeout, seconds=0.9)
    assert desk.wire_calls == 0 and error.calls == ()


@pytest.mark.parametrize("stream", [False, True])
async def test_a_call_lasts_no_longer_than_the_deadline_allows(desk: Desk, stream: bool) -> None:
    # The call's own limits are far off: only the deadline can end the silence.
    patient = OpenAIModel(
        model="m", base_url=desk.server.url, api_key=KEY, clock=desk.clock, limits=Limits(100, 100)
    )
    desk.server.fail("never", "hang_mid_stream" if stream else "never")
    for _ in range(2):
        with pytest.raises(ModelTimeout):
            await patient.ask(
                QUESTION, Deadline.after(desk.clock, 0.1), desk.pieces.append if stream else None
            )
    assert desk.wire_calls == 2
    await patient.close()
