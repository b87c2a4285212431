"""A turn that breaks off anywhere around an effect runs again, and the effect is done once."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tests.conftest import OpenApp
from tests.faults.workbench import Bench

from relevo.domain.message import Wake
from relevo.pipeline.commit import commit as pipeline_commit

COUNTS = {
    "payouts": "SELECT count(*) AS n FROM music_payouts WHERE customer_id = 'ana'",
    "tickets": "SELECT count(*) AS n FROM tickets",
    "quotes": "SELECT count(*) AS n FROM music_quotes",
}
SCENES: dict[str, tuple[tuple[str, ...], str]] = {
    "a withdrawal": (("quiero retirar 60", "sí, confirmo"), "payouts"),
    "an escalation": (("hola", "quiero hablar con una persona"), "tickets"),
    "a quote": (
        ("hola", "hazme una cotización del plan Pro mensual para 1 artista y 4 lanzamientos"),
        "quotes",
    ),
}
POINTS = {
    "before it is recorded": "relevo.pipeline.tools.record_effect",
    "before the turn is committed": "relevo.pipeline.turn.commit",
    "while the turn is committed": "relevo.pipeline.commit.commit_turn",
}
OFF_ITS_WAY = ("tickets", POINTS["before it is recorded"])
"""An escalation is known again by its ticket's id, without a record."""


class Killed(Exception):
    """Stands for the end of the process: nothing after it happens."""


@pytest.fixture
async def bench(open_installation: OpenApp) -> Bench:
    app = await open_installation(working=False)
    return Bench(app, *await app.staff(app.default_project))


async def _count(bench: Bench, what: str) -> int:
    return int((await bench.rows(COUNTS[what]))[0]["n"])


def _dies_at(monkeypatch: pytest.MonkeyPatch, point: str) -> None:
    async def die(*args: Any, **more: Any) -> None:
        raise Killed

    monkeypatch.setattr(point, die)


@pytest.mark.parametrize("grows", [False, True], ids=["same messages", "more messages"])
@pytest.mark.parametrize("point", POINTS.values(), ids=POINTS.keys())
@pytest.mark.parametrize(("texts", "what"), SCENES.values(), ids=SCENES.keys())
async def test_done_once_whatever_breaks(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, texts: tuple[str, str], what: str, point: str, grows: bool
) -> None:
    wake = await bench.put("a", "1", texts[0], customer="ana")
    await bench.take(wake)
    before = await _count(bench, what)
    await bench.put("a", "2", texts[1])
    with monkeypatch.context() as dying:
        _dies_at(dying, point)
        broke = await _breaks(bench.take, wake)
        assert broke or (what, point) == OFF_ITS_WAY
        if grows:
            await bench.put("a", "3", "gracias")
        assert await _breaks(bench.take, wake) is broke
    await bench.take(wake)
    assert await _count(bench, what) == before + 1
    assert set(await bench.states(wake)) == {"done"}
    assert await bench.rows("SELECT id FROM conversations WHERE due_at IS NOT NULL") == []


async def _breaks(take: Callable[[Wake], Awaitable[None]], wake: Wake) -> bool:
    try:
        await take(wake)
    except Killed:
        return True
    return False


async def test_a_withdrawal_asked_for_twice_is_paid_twice(bench: Bench) -> None:
    """Once per question, not once for ever."""
    wake = await bench.put("a", "0", "hola", customer="ana")
    for number, text in enumerate(["quiero retirar 60", "confirmo", "quiero retirar 60", "confirmo"]):
        await bench.put("a", f"m{number}", text)
        await bench.take(wake)
    assert await _count(bench, "payouts") == 2


async def _dies_after_paying(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Wake:
    """Ana has confirmed a withdrawal; the process ended when it was made and not yet told."""
    wake = await bench.put("a", "1", "quiero retirar 60", customer="ana")
    await bench.take(wake)
    await bench.put("a", "2", "sí, confirmo")
    with monkeypatch.context() as dying:
        _dies_at(dying, POINTS["before it is recorded"])
        assert await _breaks(bench.take, wake)
    assert await _count(bench, "payouts") == 1
    return wake


@pytest.mark.parametrize("later", ["no, cancela", "espera, ¿cuánto cobran?", "mejor 80"])
async def test_whoever_cancels_too_late_is_told_that_it_was_done(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, later: str
) -> None:
    wake = await _dies_after_paying(bench, monkeypatch)
    await bench.put("a", "3", later)
    await bench.take(wake)
    said = (await bench.rows("SELECT body FROM messages WHERE role = 'agent' ORDER BY id DESC"))[0]["body"]
    number = (await bench.rows("SELECT number FROM music_payouts WHERE customer_id = 'ana'"))[0]["number"]
    assert number in said
    assert await _count(bench, "payouts") == 1


async def test_who_takes_over_meanwhile_finds_what_was_done(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The agent says nothing any more: the ticket does."""
    wake = await bench.put("a", "0", "quiero hablar con una persona", customer="ana")
    await bench.take(wake)
    await bench.put("a", "1", "quiero retirar 60")
    await bench.take(wake)
    await bench.put("a", "2", "sí, confirmo")
    commit, operator = pipeline_commit, bench.app.operator

    async def taken_first(*args: Any, **more: Any) -> Any:
        if (await operator.show(bench.app.default_project, 1)).owner is None:
            await operator.take(bench.app.default_project, 1, "eva")
        return await commit(*args, **more)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(POINTS["before the turn is committed"], taken_first)
        await bench.take(wake)
    events = await bench.rows("SELECT kind, body FROM ticket_events ORDER BY id")
    assert [event["kind"] for event in events if "P-" in event["body"]] == ["done"]
    assert await _count(bench, "payouts") == 1
