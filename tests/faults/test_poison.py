"""A message that breaks every turn is set aside after exactly the configured tries; nobody else notices."""

from typing import Any

import pytest
from prometheus_client import REGISTRY
from tests.conftest import OpenApp
from tests.faults.workbench import Bench

from relevo.domain.message import Wake
from relevo.pipeline.graph import TurnGraph
from relevo.pipeline.state import TurnContext
from relevo.storage.dead import read_dead, retry_dead

TRIES = 4


class Breaking:
    """The team's graph, except that it breaks over a message that says "poison"."""

    checkpointer = None

    def __init__(self, graph: TurnGraph) -> None:
        self._graph = graph
        self.seen: list[str] = []

    async def ainvoke(self, state: Any, *, context: TurnContext) -> Any:
        self.seen.append(context.text)
        if "poison" in context.text:
            raise RuntimeError("this message cannot be answered")
        return await self._graph.ainvoke(state, context=context)


@pytest.fixture
async def bench(open_installation: OpenApp) -> Bench:
    app = await open_installation(working=False)
    engine, graph = await app.staff(app.default_project)
    return Bench(app, engine, Breaking(graph), TRIES)


def seen(bench: Bench) -> list[str]:
    assert isinstance(bench.graph, Breaking)
    return bench.graph.seen


async def _break(bench: Bench, wake: Wake, times: int) -> None:
    for _ in range(times):
        with pytest.raises(RuntimeError):
            await bench.take(wake)


async def test_set_aside_after_exactly_the_configured_tries(bench: Bench) -> None:
    dead = REGISTRY.get_sample_value("relevo_dead_letters_total") or 0.0
    wake = await bench.put("a", "1", "poison")
    await _break(bench, wake, TRIES)
    assert await bench.states(wake) == ["pending"]
    await bench.take(wake)
    assert await bench.states(wake) == ["dead"]
    assert seen(bench) == ["poison"] * TRIES
    assert REGISTRY.get_sample_value("relevo_dead_letters_total") == dead + 1


async def test_a_dead_letter_is_replayed_where_what_broke_it_is_mended(bench: Bench) -> None:
    """It gets all its tries again, with what came after it long answered."""
    wake = await bench.put("a", "1", "poison")
    await _break(bench, wake, TRIES)
    await bench.put("a", "2", "hola")
    await bench.take(wake)
    assert await bench.states(wake) == ["dead", "done"]
    async with bench.app.database.project(wake.project) as connection:
        [letter] = await read_dead(connection, wake.project, 10)
        assert (letter.text, letter.conversation) == ("poison", wake.conversation)
        assert await retry_dead(connection, wake.project, letter.id)
        assert await read_dead(connection, wake.project, 10) == []
    await _break(bench, wake, TRIES)  # still broken: it dies as before
    await bench.take(wake)
    assert await bench.states(wake) == ["dead", "done"]
    async with bench.app.database.project(wake.project) as connection:
        assert await retry_dead(connection, wake.project, letter.id)
    engine, mended = await bench.app.staff(wake.project)
    await Bench(bench.app, engine, mended, TRIES).take(wake)
    assert await bench.states(wake) == ["done", "done"]


async def test_between_the_tries_the_conversation_rests(bench: Bench) -> None:
    wake = await bench.put("a", "1", "poison")
    await _break(bench, wake, 1)
    await bench.turns.take(wake)
    assert seen(bench) == ["poison"]


async def test_what_comes_after_is_answered_and_not_taken_along(bench: Bench) -> None:
    """Two sane messages came while the poisonous one was being tried: they wait for it, and no longer."""
    wake = await bench.put("a", "1", "poison")
    await bench.put("a", "2", "hola")
    await _break(bench, wake, TRIES - 1)
    await bench.put("a", "3", "¿cuánto cuesta el plan Pro?")
    await _break(bench, wake, 1)
    await bench.take(wake)
    assert await bench.states(wake) == ["dead", "done", "done"]
    async with bench.app.database.project(wake.project) as connection:
        row = await (await connection.execute("SELECT due_at, attempts FROM conversations")).fetchone()
    assert row == {"due_at": None, "attempts": 0}


async def test_a_second_poison_gets_its_own_tries(bench: Bench) -> None:
    wake = await bench.put("a", "1", "poison one")
    await _break(bench, wake, TRIES)
    await bench.put("a", "2", "poison two")
    await _break(bench, wake, TRIES)
    assert await bench.states(wake) == ["dead", "pending"]
    await bench.take(wake)
    assert await bench.states(wake) == ["dead", "dead"]


async def test_other_conversations_do_not_notice(bench: Bench) -> None:
    sick, well = await bench.put("a", "1", "poison"), await bench.put("b", "2", "hola")
    await _break(bench, sick, 2)
    await bench.take(well)
    assert await bench.states(well) == ["done"]
