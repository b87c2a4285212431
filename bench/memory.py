"""How long it takes to remember: session and hot history from Redis, the profile from PostgreSQL."""

import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

from redis.asyncio import Redis

from bench.load import Figures, percentile
from bench.script import ANSWER, turn
from bench.services import Services
from relevo.bootstrap import DEMO_PROJECT
from relevo.domain.clock import Clock, SystemClock
from relevo.domain.ids import AgentName, ConversationId, MessageId, PersonId, new_id
from relevo.domain.message import Role, Said
from relevo.memory.port import HISTORY_MESSAGES, SESSION_MESSAGES, History, Session
from relevo.memory.redis import RedisHistory, RedisSessions, connect
from relevo.storage.codec import json
from relevo.storage.database import Database
from relevo.storage.people import read_profile

SLOTS = 12
REDIS_SECONDS = 2.0


def messages(clock: Clock, count: int) -> tuple[Said, ...]:
    """A talk of so many messages, the last of them now."""
    return tuple(
        Said(
            MessageId(number + 1),
            Role.CUSTOMER if number % 2 == 0 else Role.AGENT,
            turn(number // 2) if number % 2 == 0 else ANSWER,
            clock.now() - timedelta(minutes=count - number),
            None if number % 2 == 0 else "sales",
        )
        for number in range(count)
    )


async def memory(services: Services, rounds: int) -> Figures:
    """Milliseconds of each layer, from the stores the program uses."""
    clock = SystemClock()
    conversation = ConversationId(new_id("c"))
    client: Redis = connect(services.redis_url, REDIS_SECONDS)
    sessions, history = RedisSessions(client), RedisHistory(client, clock)
    said = messages(clock, HISTORY_MESSAGES)
    session = Session(1, said[-SESSION_MESSAGES:], AgentName("sales"))
    await sessions.save(DEMO_PROJECT, conversation, session)
    await history.save(DEMO_PROJECT, conversation, History(1, said))
    database = Database(services.database_url("relevo"))
    await database.open()
    try:
        person = await _person(database)

        async def profile() -> object:
            async with database.project(DEMO_PROJECT) as connection:
                return await read_profile(connection, DEMO_PROJECT, person)

        return {
            "session": await _timed(rounds, lambda: sessions.load(DEMO_PROJECT, conversation)),
            "history": await _timed(rounds, lambda: history.load(DEMO_PROJECT, conversation)),
            "profile": await _timed(rounds, profile),
        }
    finally:
        await client.aclose()
        await database.close()


async def _person(database: Database) -> PersonId:
    """Somebody of whom twelve facts are known."""
    person = PersonId(new_id("p"))
    async with database.project(DEMO_PROJECT) as connection:
        await connection.execute(
            "INSERT INTO persons (project_id, id, name) VALUES (%s, %s, 'Alba')", (DEMO_PROJECT, person)
        )
        for number in range(SLOTS):
            await connection.execute(
                "INSERT INTO profile_slots (project_id, person_id, slot, value) VALUES (%s, %s, %s, %s)",
                (DEMO_PROJECT, person, f"fact_{number}", json({"value": "lo que contó", "number": number})),
            )
    return person


async def _timed(rounds: int, load: Callable[[], Awaitable[object]]) -> Figures:
    taken = []
    for number in range(rounds + WARM):
        begun = time.perf_counter()
        found = await load()
        if found is None:
            raise RuntimeError("what was kept is not there")
        if number >= WARM:
            taken.append((time.perf_counter() - begun) * 1000)
    return {"p50_ms": percentile(taken, 0.5), "p99_ms": percentile(taken, 0.99)}


WARM = 20
"""Calls before those that count."""
