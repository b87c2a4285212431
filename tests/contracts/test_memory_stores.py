"""What every short memory keeps to, and that losing all of it loses nothing.

A further store joins by another ``Setup`` in the list below; the tests stay as they are.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.redis_server import shared_server

from relevo.domain.clock import ManualClock, SystemClock
from relevo.domain.conversation import Conversation, ConversationState, Person
from relevo.domain.ids import AgentName, ChannelName, ConversationId, MessageId, PersonId, ProjectId, TurnId
from relevo.domain.message import InboundMessage, Role, Said, ToolCall
from relevo.domain.signals import Language
from relevo.memory.in_process import InProcessHistory, InProcessSessions
from relevo.memory.manager import MemoryManager
from relevo.memory.port import (
    HISTORY_MESSAGES,
    HISTORY_SECONDS,
    SESSION_MESSAGES,
    SESSION_SECONDS,
    History,
    HistoryStore,
    Session,
    SessionStore,
)
from relevo.memory.redis import RedisHistory, RedisSessions, connect
from relevo.storage.database import Database
from relevo.storage.history import PastHandoff
from relevo.storage.inbox import put

A, B = ProjectId("a"), ProjectId("b")
ONE, TWO = ConversationId("c_one"), ConversationId("c_two")


@dataclass(frozen=True, slots=True)
class Stores:
    """A pair of stores over one clock. ``advance`` lets seconds pass for them."""

    sessions: SessionStore
    history: HistoryStore
    advance: Callable[[float], None]
    now: Callable[[], datetime]


@asynccontextmanager
async def in_process() -> AsyncIterator[Stores]:
    clock = ManualClock()
    yield Stores(InProcessSessions(clock), InProcessHistory(clock), clock.advance, clock.now)


@asynccontextmanager
async def in_redis() -> AsyncIterator[Stores]:
    """On a real server, empty at the start; time passes by taking it from what its keys have left."""
    clock, server = ManualClock(), shared_server()
    client = connect(server.url, 5)
    await client.flushall()

    def advance(seconds: float) -> None:
        clock.advance(seconds)
        server.age(seconds)

    yield Stores(RedisSessions(client), RedisHistory(client, clock), advance, clock.now)
    await client.aclose()


Setup = Callable[[], AbstractAsyncContextManager[Stores]]
SETUPS: list[Setup] = [in_process, in_redis]


@pytest.fixture(params=SETUPS, ids=lambda setup: setup.__name__)
async def stores(request: pytest.FixtureRequest) -> AsyncIterator[Stores]:
    setup: Setup = request.param
    async with setup() as opened:
        yield opened


def said(id: int, at: datetime, **more: Any) -> Said:
    return Said(MessageId(id), Role.CUSTOMER if id % 2 else Role.AGENT, f"texto {id} ñ🎵", at, **more)


def many(first: int, count: int, at: datetime) -> tuple[Said, ...]:
    return tuple(said(id, at) for id in range(first, first + count))


Kept = TypeVar("Kept", Session, History)
Make = Callable[[int, tuple[Said, ...]], Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """Either store, so that what both promise is written once."""

    store: Any
    make: Make
    most: int
    seconds: int


@pytest.fixture(params=["session", "history"])
def kind(request: pytest.FixtureRequest, stores: Stores) -> Kind:
    if request.param == "session":
        return Kind(stores.sessions, Session, SESSION_MESSAGES, SESSION_SECONDS)
    return Kind(stores.history, History, HISTORY_MESSAGES, HISTORY_SECONDS)


async def test_nothing_is_there_before_it_is_saved(kind: Kind) -> None:
    assert await kind.store.load(A, ONE) is None


async def test_what_is_saved_comes_back_equal(stores: Stores) -> None:
    call = ToolCall(
        "get_balance", {"period": "2026-Q1"}, {"available": "182.40 USD", "lines": [1, None]}, True, 1.5
    )
    spoken = said(2, stores.now(), name="royalties", turn=TurnId("t_1"), tools=(call,))
    session = Session(3, (said(1, stores.now()), spoken), AgentName("royalties"))
    history = History(3, session.messages, (PastHandoff("sales", "support", "una razón"),))
    await stores.sessions.save(A, ONE, session)
    await stores.history.save(A, ONE, history)
    assert await stores.sessions.load(A, ONE) == session
    assert await stores.history.load(A, ONE) == history


async def test_a_save_replaces(kind: Kind, stores: Stores) -> None:
    await kind.store.save(A, ONE, kind.make(1, many(1, 3, stores.now())))
    await kind.store.save(A, ONE, kind.make(9, many(7, 1, stores.now())))
    assert await kind.store.load(A, ONE) == kind.make(9, many(7, 1, stores.now()))


async def test_the_newest_are_kept_when_there_are_too_many(kind: Kind, stores: Stores) -> None:
    await kind.store.save(A, ONE, kind.make(1, many(1, kind.most + 5, stores.now())))
    kept = await kind.store.load(A, ONE)
    assert [each.id for each in kept.messages] == list(range(6, kind.most + 6))


async def test_an_append_adds_at_the_end_and_trims(kind: Kind, stores: Stores) -> None:
    await kind.store.save(A, ONE, kind.make(1, many(1, kind.most - 1, stores.now())))
    await kind.store.append(A, ONE, 1, kind.make(2, many(kind.most, 2, stores.now())))
    kept = await kind.store.load(A, ONE)
    assert kept.version == 2
    assert [each.id for each in kept.messages] == list(range(2, kind.most + 2))


async def test_an_append_takes_over_the_other_fields(stores: Stores) -> None:
    await stores.sessions.save(A, ONE, Session(1, (), AgentName("sales")))
    await stores.sessions.append(A, ONE, 1, Session(2, (), AgentName("support")))
    assert await stores.sessions.load(A, ONE) == Session(2, (), AgentName("support"))
    first, second = PastHandoff("a", "b", "x"), PastHandoff("b", "c", "y")
    await stores.history.save(A, ONE, History(1, (), (first,)))
    await stores.history.append(A, ONE, 1, History(2, (), (second,)))
    assert await stores.history.load(A, ONE) == History(2, (), (first, second))


@pytest.mark.parametrize("since", [0, 2, 7])
async def test_an_append_to_another_version_drops_what_has_missed_something(
    kind: Kind, stores: Stores, since: int
) -> None:
    await kind.store.save(A, ONE, kind.make(1, many(1, 2, stores.now())))
    await kind.store.append(A, ONE, since, kind.make(since + 1, many(3, 1, stores.now())))
    assert await kind.store.load(A, ONE) is None


async def test_an_append_to_nothing_leaves_nothing(kind: Kind, stores: Stores) -> None:
    await kind.store.append(A, ONE, 0, kind.make(1, many(1, 1, stores.now())))
    assert await kind.store.load(A, ONE) is None


async def test_it_is_gone_when_its_time_is_over(kind: Kind, stores: Stores) -> None:
    await kind.store.save(A, ONE, kind.make(1, ()))
    stores.advance(kind.seconds - 1)
    assert await kind.store.load(A, ONE) is not None
    stores.advance(1)
    assert await kind.store.load(A, ONE) is None


@pytest.mark.parametrize("touch", ["save", "append"])
async def test_every_touch_starts_its_time_anew(kind: Kind, stores: Stores, touch: str) -> None:
    await kind.store.save(A, ONE, kind.make(1, ()))
    stores.advance(kind.seconds - 1)
    if touch == "save":
        await kind.store.save(A, ONE, kind.make(2, ()))
    else:
        await kind.store.append(A, ONE, 1, kind.make(2, ()))
    stores.advance(kind.seconds - 1)
    assert await kind.store.load(A, ONE) == kind.make(2, ())
    stores.advance(1)
    assert await kind.store.load(A, ONE) is None


async def test_looking_is_no_touch(kind: Kind, stores: Stores) -> None:
    await kind.store.save(A, ONE, kind.make(1, ()))
    stores.advance(kind.seconds - 1)
    await kind.store.load(A, ONE)
    stores.advance(1)
    assert await kind.store.load(A, ONE) is None


async def test_hot_history_holds_seven_days(stores: Stores) -> None:
    old = said(1, stores.now() - timedelta(days=7, seconds=1))
    recent = said(2, stores.now() - timedelta(days=6, hours=23))
    await stores.history.save(A, ONE, History(1, (old, recent)))
    kept = await stores.history.load(A, ONE)
    assert kept is not None and kept.messages == (recent,)


async def test_forgotten_is_gone_and_only_that(kind: Kind, stores: Stores) -> None:
    for project, conversation in ((A, ONE), (A, TWO), (B, ONE)):
        await kind.store.save(project, conversation, kind.make(1, ()))
    await kind.store.forget(A, ONE)
    await kind.store.forget(A, ONE)
    found = [await kind.store.load(*key) for key in ((A, ONE), (A, TWO), (B, ONE))]
    assert found == [None, kind.make(1, ()), kind.make(1, ())]


async def test_projects_and_conversations_do_not_see_each_other(kind: Kind, stores: Stores) -> None:
    """Not even where the two ids put together read the same."""
    keys = [(ProjectId(project), ConversationId(conversation)) for project, conversation in (
        ("a", "b:c"), ("a:b", "c"), ("a", "b"), ("b", "a"), ("a", "b/c"), ("a/b", "c"), ("ab", ""),
        ("a", "*"),
    )]  # fmt: skip
    for number, key in enumerate(keys):
        await kind.store.save(*key, kind.make(number, many(number + 1, 1, stores.now())))
    for number, key in enumerate(keys):
        kept = await kind.store.load(*key)
        assert kept == kind.make(number, many(number + 1, 1, stores.now()))


async def test_of_several_writers_one_wins_whole_or_nobody(kind: Kind, stores: Stores) -> None:
    """Ten append to the same version at once: what remains is one of them, or nothing."""
    base = many(1, 2, stores.now())
    await kind.store.save(A, ONE, kind.make(1, base))
    news = [kind.make(2, many(10 * writer, 2, stores.now())) for writer in range(1, 11)]
    await asyncio.gather(*(kind.store.append(A, ONE, 1, each) for each in news))
    kept = await kind.store.load(A, ONE)
    assert kept is None or kept in [replace(each, messages=base + each.messages) for each in news]


async def test_what_was_handed_in_is_not_changed(kind: Kind, stores: Stores) -> None:
    given_session = kind.make(1, many(1, kind.most + 1, stores.now()))
    copy = replace(given_session)
    await kind.store.save(A, ONE, given_session)
    assert given_session == copy


async def test_in_one_process_the_longest_untouched_goes_first() -> None:
    """What bounds the memory of a process; a server of its own bounds itself."""
    store = InProcessSessions(ManualClock(), most=3)
    for name in ("one", "two", "three"):
        await store.save(A, ConversationId(name), Session(1))
    await store.append(A, ConversationId("one"), 1, Session(2))
    await store.save(A, ConversationId("four"), Session(1))
    found = [await store.load(A, ConversationId(name)) for name in ("one", "two", "three", "four")]
    assert found == [Session(2), None, Session(1), Session(1)]


Step = tuple[str, int]
STEPS = st.lists(
    st.tuples(st.sampled_from(["append", "stale", "save", "wait", "forget"]), st.integers(0, 12)), max_size=25
)


@settings(max_examples=60, deadline=None, database=None)
@given(steps=STEPS)
def test_any_history_of_calls_leaves_the_truth_or_nothing(steps: list[Step]) -> None:
    """Against PostgreSQL's part, a plain list: whoever finds the right version finds the right messages."""
    for setup in SETUPS:
        asyncio.run(_against_the_truth(setup, steps))


async def _against_the_truth(setup: Setup, steps: list[Step]) -> None:
    async with setup() as stores:
        truth: list[Said] = []
        version = 0
        for what, count in steps:
            news = many(len(truth) + 1, count, stores.now())
            if what == "wait":
                stores.advance(count * 3 * 3600.0)
                continue
            if what == "forget":
                await stores.sessions.forget(A, ONE)
                continue
            truth += news
            version += 1
            if what == "save":
                await stores.sessions.save(A, ONE, Session(version, tuple(truth)))
            else:
                since = version - 1 if what == "append" else version - 2
                await stores.sessions.append(A, ONE, since, Session(version, news))
            kept = await stores.sessions.load(A, ONE)
            assert kept is None or kept.version != version or list(kept.messages) == truth[-SESSION_MESSAGES:]


# The manager over the stores and PostgreSQL


class Counting:
    """PostgreSQL's truth, put there by hand."""

    def __init__(self, database: Database, project: ProjectId, stores: Stores) -> None:
        self.database = database
        self.project = project
        self.stores = stores
        self.memory = MemoryManager(database, stores.sessions, stores.history, SystemClock())

    async def talk(self, count: int) -> Conversation:
        """A conversation of ``count`` messages that have had their turn."""
        message = InboundMessage(self.project, ChannelName("api"), "x", "m0", "mensaje 0")
        stored = await put(self.database, message, per_minute=1_000)
        async with self.database.project(self.project) as connection:
            await connection.execute(
                "INSERT INTO messages (project_id, conversation_id, role, body, channel, state)"
                " SELECT %s, %s, CASE WHEN n %% 2 = 0 THEN 'customer' ELSE 'agent' END, 'mensaje ' || n,"
                " 'api', CASE WHEN n %% 2 = 0 THEN 'done' ELSE 'said' END FROM generate_series(1, %s) n",
                (self.project, stored.conversation, count - 1),
            )
            await connection.execute("UPDATE messages SET state = 'done' WHERE state = 'pending'")
            await connection.execute("UPDATE conversations SET version = 1")
            row = await (await connection.execute("SELECT person_id, version FROM conversations")).fetchone()
        assert row is not None
        return Conversation(
            self.project, stored.conversation, ChannelName("api"), "x", Person(PersonId(row["person_id"])),
            ConversationState(agent=AgentName("sales"), language=Language.ES), row["version"],
        )  # fmt: skip


@pytest.fixture
def counting(database: Database, project: ProjectId, stores: Stores) -> Counting:
    return Counting(database, project, stores)


def texts(messages: tuple[Said, ...]) -> list[str]:
    return [message.text for message in messages]


async def test_an_empty_memory_is_rebuilt_from_postgresql(counting: Counting) -> None:
    conversation = await counting.talk(15)
    context = await counting.memory.recall(conversation)
    assert texts(context.messages) == [f"mensaje {number}" for number in range(5, 15)]
    assert texts(context.earlier) == [f"mensaje {number}" for number in range(5)]
    assert set(context.rebuilt) == {"session", "history"}
    again = await counting.memory.recall(conversation)
    assert again.rebuilt == () and again.history == context.history


async def test_a_stale_memory_is_rebuilt(counting: Counting) -> None:
    conversation = await counting.talk(3)
    await counting.memory.recall(conversation)
    for version in (conversation.version + 1, conversation.version + 2):
        context = await counting.memory.recall(replace(conversation, version=version))
        assert set(context.rebuilt) == {"session", "history"}
        assert len(context.messages) == 3


async def test_half_a_memory_is_rebuilt_in_half(counting: Counting) -> None:
    conversation = await counting.talk(12)
    whole = await counting.memory.recall(conversation)
    await counting.stores.sessions.forget(conversation.project, conversation.id)
    context = await counting.memory.recall(conversation)
    assert context.rebuilt == ("session",)
    assert (context.messages, context.earlier) == (whole.messages, whole.earlier)


async def test_what_is_remembered_is_what_would_be_rebuilt(counting: Counting) -> None:
    """A turn's news on top of the fast copy equal what PostgreSQL holds after it."""
    conversation = await counting.talk(12)
    await counting.memory.recall(conversation)
    async with counting.database.project(counting.project) as connection:
        rows = await (
            await connection.execute(
                "INSERT INTO messages (project_id, conversation_id, role, name, body, channel, state)"
                " VALUES (%s, %s, 'customer', NULL, '¿y?', 'api', 'done'),"
                " (%s, %s, 'agent', 'sales', 'así', 'api', 'said') RETURNING id, created_at",
                (counting.project, conversation.id, counting.project, conversation.id),
            )
        ).fetchall()
    news = [
        Said(rows[0]["id"], Role.CUSTOMER, "¿y?", rows[0]["created_at"]),
        Said(rows[1]["id"], Role.AGENT, "así", rows[1]["created_at"], "sales"),
    ]
    await counting.memory.remember(conversation, conversation.state, news, [])
    after = replace(conversation, version=conversation.version + 1)
    fast = await counting.memory.recall(after)
    await counting.memory.forget(conversation)
    rebuilt = await counting.memory.recall(after)
    assert fast.rebuilt == () and set(rebuilt.rebuilt) == {"session", "history"}
    assert (fast.messages, fast.earlier) == (rebuilt.messages, rebuilt.earlier)


async def test_what_waits_for_its_turn_or_had_none_is_not_remembered(counting: Counting) -> None:
    conversation = await counting.talk(2)
    async with counting.database.project(counting.project) as connection:
        await connection.execute(
            "INSERT INTO messages (project_id, conversation_id, role, body, channel, state)"
            " SELECT %s, %s, 'customer', state, 'api', state"
            " FROM unnest(ARRAY['pending', 'limited', 'dead']) state",
            (counting.project, conversation.id),
        )
    context = await counting.memory.recall(conversation)
    assert texts(context.history) == ["mensaje 0", "mensaje 1"]


async def test_another_project_recalls_nothing_of_it(counting: Counting) -> None:
    conversation = await counting.talk(3)
    await counting.memory.recall(conversation)
    foreign = await counting.memory.recall(replace(conversation, project=ProjectId("other")))
    assert foreign.history == ()
