"""The short memory in Redis: shared by processes, and missed by nobody when it is killed, hangs or lies."""

import asyncio
import sys
from collections.abc import Iterator

import pytest
from prometheus_client import REGISTRY
from tests.conftest import OpenApp
from tests.faults.workbench import Bench
from tests.support.redis_server import RedisServer

from relevo.domain.clock import SystemClock
from relevo.domain.ids import ConversationId, ProjectId
from relevo.memory.port import SESSION_MESSAGES
from relevo.memory.redis import RedisHistory, RedisSessions, connect

A, ONE = ProjectId("a"), ConversationId("c_one")
ALL = ["session", "history"]
PRICE, PROBLEM = "¿cuánto cuesta el plan Pro?", "mi lanzamiento no aparece en Spotify"


@pytest.fixture
def server() -> Iterator[RedisServer]:
    running = RedisServer()
    yield running
    running.close()


@pytest.fixture
async def bench(open_installation: OpenApp, server: RedisServer) -> Bench:
    app = await open_installation(working=False, redis_url=server.url, redis_timeout=0.1)
    return Bench(app, *await app.staff(app.default_project))


@pytest.fixture
async def other(bench: Bench, open_installation: OpenApp, server: RedisServer) -> Bench:
    """Another process: what it has not worked on itself it finds in Redis, or nowhere."""
    app = await open_installation(working=False, redis_url=server.url, redis_timeout=0.1)
    return Bench(app, *await app.staff(app.default_project))


def missed() -> float:
    return REGISTRY.get_sample_value("relevo_memory_lost_total") or 0.0


async def rebuilt(bench: Bench) -> list[list[str]]:
    """What each turn so far had to read from PostgreSQL."""
    rows = await bench.rows("SELECT trace -> 'memory' -> 'rebuilt' AS rebuilt FROM turns ORDER BY id")
    return [row["rebuilt"] for row in rows]


async def test_a_second_process_goes_on_with_what_the_first_remembers(bench: Bench, other: Bench) -> None:
    for number, desk in enumerate([bench, other, bench, other]):
        await desk.take(await desk.put("a", str(number), PRICE if number % 2 else PROBLEM))
    assert await rebuilt(bench) == [ALL, [], [], []]


async def test_killed_and_started_empty_nothing_is_lost(
    bench: Bench, other: Bench, server: RedisServer
) -> None:
    await bench.take(await bench.put("a", "1", PRICE))
    before = missed()
    server.kill()
    wake = await bench.put("a", "2", PROBLEM)
    await other.take(wake)
    assert missed() > before
    server.start()
    for desk in (bench, other):
        desk.app.memory._sessions.stores[-1]._rest._until = 0.0  # type: ignore[attr-defined]  # it is over
    await bench.take(await bench.put("a", "3", "¿y el plan?"))
    await other.take(await bench.put("a", "4", "gracias"))
    assert await bench.states(wake) == ["done"] * 4
    assert await rebuilt(bench) == [ALL, ALL, ALL, []]
    counts = await bench.rows("SELECT trace -> 'memory' ->> 'session_messages' AS n FROM turns ORDER BY id")
    assert [int(row["n"]) for row in counts][1:] == sorted(int(row["n"]) for row in counts)[1:]


async def test_what_a_process_wrote_itself_it_does_not_fetch(bench: Bench, server: RedisServer) -> None:
    await bench.take(await bench.put("a", "1", PRICE))
    server.kill()
    await bench.take(await bench.put("a", "2", PROBLEM))
    assert await rebuilt(bench) == [ALL, []]


async def test_its_own_copy_is_not_believed_when_another_process_has_gone_on(
    bench: Bench, other: Bench, server: RedisServer
) -> None:
    for number, desk in enumerate([bench, other, other, bench]):
        await desk.take(await bench.put("a", str(number), PRICE if number % 2 else PROBLEM))
    assert await rebuilt(bench) == [ALL, [], [], []]
    counts = await bench.rows("SELECT trace -> 'memory' ->> 'session_messages' AS n FROM turns ORDER BY id")
    assert [int(row["n"]) for row in counts] == sorted({int(row["n"]) for row in counts})


async def test_a_server_that_hangs_is_waited_for_once(bench: Bench, server: RedisServer) -> None:
    await bench.take(await bench.put("a", "1", PRICE))
    before = missed()
    server.hang()
    for number in range(2, 6):
        wake = await bench.put("a", str(number), PROBLEM)
        await bench.take(wake)
    assert await bench.states(wake) == ["done"] * 5
    assert missed() - before <= 2  # session and history are asked at once; then it is left alone
    server.wake()


async def test_an_older_memory_is_not_believed(bench: Bench, other: Bench, server: RedisServer) -> None:
    """A restored copy, or appends that were lost: the version tells."""
    await bench.take(await bench.put("a", "1", PRICE))
    with server.client() as client:
        kept = {key: client.dump(key) for key in client.scan_iter()}
        await bench.take(await bench.put("a", "2", PROBLEM))
        for key, value in kept.items():
            client.restore(key, 0, value, replace=True)
    await other.take(await bench.put("a", "3", PRICE))
    assert (await rebuilt(bench))[-1] == ALL


APPENDS = """
import asyncio, sys
from relevo.domain.clock import SystemClock
from relevo.memory.redis import RedisSessions, connect
from tests.faults.test_redis_memory import contend
asyncio.run(contend(sys.argv[1], int(sys.argv[2])))
"""
ROUNDS = 60


async def contend(url: str, writer: int) -> None:
    """Appends as turns do: whoever finds the newest version adds to it, whoever is late drops it."""
    from relevo.domain.message import Role, Said
    from relevo.memory.port import Session

    client = connect(url, 5)
    store, clock = RedisSessions(client), SystemClock()
    for number in range(ROUNDS):
        kept = await store.load(A, ONE)
        version = kept.version if kept else 0
        said = Said(writer * 1000 + number, Role.CUSTOMER, f"{writer}", clock.now())  # type: ignore[arg-type]
        if kept is None:
            await store.save(A, ONE, Session(1, (said,)))
        else:
            await store.append(A, ONE, version, Session(version + 1, (said,)))
    await client.aclose()


async def test_processes_that_append_at_once_leave_no_torn_memory(server: RedisServer) -> None:
    writers = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", APPENDS, server.url, str(writer))
        for writer in range(3)
    ]
    client = connect(server.url, 5)
    store, seen = RedisSessions(client), 0
    while any(writer.returncode is None for writer in writers):
        kept = await store.load(A, ONE)
        if kept is not None:
            seen += 1
            assert len(kept.messages) == min(kept.version, SESSION_MESSAGES)
            assert len({message.id for message in kept.messages}) == len(kept.messages)
        await asyncio.sleep(0.001)
    assert [writer.returncode for writer in writers] == [0, 0, 0] and seen
    await client.aclose()


async def test_forgetting_is_not_pretended(server: RedisServer, bench: Bench) -> None:
    """Erasure must know when it did not reach the copy."""
    client = connect(server.url, 0.1)
    history = RedisHistory(client, SystemClock())
    server.kill()
    with pytest.raises(Exception, match=r"onnect"):
        await history.forget(A, ONE)
    await client.aclose()
