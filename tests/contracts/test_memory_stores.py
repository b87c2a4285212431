"""What every store of the short memory keeps: the same tests for the one in the process and any other."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from relevo.domain.clock import ManualClock
from relevo.domain.ids import AgentName, ConversationId, MessageId, ProjectId
from relevo.domain.message import Role, Said
from relevo.memory.in_process import InProcessHistory, InProcessSessions
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
from relevo.storage.history import PastHandoff

ONE, OTHER = ProjectId("one"), ProjectId("other")
TALK = ConversationId("c_1")
SALES = AgentName("sales")


def said(clock: ManualClock, first: int, last: int) -> tuple[Said, ...]:
    return tuple(
        Said(MessageId(id), Role.CUSTOMER, f"message {id}", clock.now()) for id in range(first, last + 1)
    )


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


class SessionContract:
    """A store passes by offering itself as the fixture ``store``, kept by the fixture ``clock``."""

    async def test_what_was_saved_comes_back(self, store: SessionStore, clock: ManualClock) -> None:
        session = Session(3, said(clock, 1, 4), SALES, None)
        await store.save(ONE, TALK, session)
        assert await store.load(ONE, TALK) == session

    async def test_an_unknown_talk_has_no_session(self, store: SessionStore) -> None:
        assert await store.load(ONE, TALK) is None

    async def test_only_the_newest_ten_are_kept(self, store: SessionStore, clock: ManualClock) -> None:
        await store.save(ONE, TALK, Session(1, said(clock, 1, 9)))
        await store.append(ONE, TALK, 1, Session(2, said(clock, 10, 14), SALES))
        session = await store.load(ONE, TALK)
        assert session is not None
        assert [each.id for each in session.messages] == list(range(5, 15))
        assert len(session.messages) == SESSION_MESSAGES
        assert (session.version, session.agent) == (2, SALES)

    async def test_who_missed_something_drops_it(self, store: SessionStore, clock: ManualClock) -> None:
        await store.save(ONE, TALK, Session(1, said(clock, 1, 2)))
        await store.append(ONE, TALK, 2, Session(3, said(clock, 5, 6)))
        assert await store.load(ONE, TALK) is None

    async def test_appending_to_nothing_keeps_nothing(self, store: SessionStore, clock: ManualClock) -> None:
        await store.append(ONE, TALK, 0, Session(1, said(clock, 1, 1)))
        assert await store.load(ONE, TALK) is None

    async def test_it_lasts_a_day_from_the_last_touch(self, store: SessionStore, clock: ManualClock) -> None:
        await store.save(ONE, TALK, Session(1, said(clock, 1, 1)))
        clock.advance(SESSION_SECONDS - 1)
        await store.append(ONE, TALK, 1, Session(2, said(clock, 2, 2)))
        clock.advance(SESSION_SECONDS - 1)
        assert await store.load(ONE, TALK) is not None
        clock.advance(2)
        assert await store.load(ONE, TALK) is None

    async def test_of_several_writers_one_wins_whole(self, store: SessionStore, clock: ManualClock) -> None:
        await store.save(ONE, TALK, Session(1, said(clock, 1, 1)))
        await asyncio.gather(
            *(store.append(ONE, TALK, 1, Session(2, said(clock, id, id))) for id in range(2, 12))
        )
        session = await store.load(ONE, TALK)
        assert session is None or (session.version == 2 and len(session.messages) == 2)

    async def test_projects_and_talks_are_apart(self, store: SessionStore, clock: ManualClock) -> None:
        await store.save(ONE, TALK, Session(1, said(clock, 1, 1)))
        assert await store.load(OTHER, TALK) is None
        assert await store.load(ONE, ConversationId("c_2")) is None
        await store.forget(OTHER, TALK)
        assert await store.load(ONE, TALK) is not None

    async def test_what_is_forgotten_is_gone(self, store: SessionStore, clock: ManualClock) -> None:
        await store.save(ONE, TALK, Session(1, said(clock, 1, 1)))
        await store.forget(ONE, TALK)
        assert await store.load(ONE, TALK) is None


class HistoryContract:
    """As SessionContract, for a HistoryStore."""

    async def test_messages_and_handoffs_add_up(self, store: HistoryStore, clock: ManualClock) -> None:
        await store.save(ONE, TALK, History(1, said(clock, 1, 2), (PastHandoff("a", "b", "why"),)))
        await store.append(ONE, TALK, 1, History(2, said(clock, 3, 3), (PastHandoff("b", "c", "why"),)))
        history = await store.load(ONE, TALK)
        assert history is not None
        assert [each.id for each in history.messages] == [1, 2, 3]
        assert [each.receiver for each in history.handoffs] == ["b", "c"]

    async def test_it_is_bounded(self, store: HistoryStore, clock: ManualClock) -> None:
        await store.save(ONE, TALK, History(1, said(clock, 1, HISTORY_MESSAGES + 50)))
        history = await store.load(ONE, TALK)
        assert history is not None
        assert len(history.messages) == HISTORY_MESSAGES
        assert history.messages[-1].id == HISTORY_MESSAGES + 50

    async def test_it_reaches_back_seven_days(self, store: HistoryStore, clock: ManualClock) -> None:
        old = tuple(replace(each, at=each.at - timedelta(days=8)) for each in said(clock, 1, 3))
        await store.save(ONE, TALK, History(1, old + said(clock, 4, 5)))
        history = await store.load(ONE, TALK)
        assert history is not None
        assert [each.id for each in history.messages] == [4, 5]
        clock.advance(HISTORY_SECONDS + 1)
        assert await store.load(ONE, TALK) is None

    async def test_a_stale_or_forgotten_one_is_gone(self, store: HistoryStore, clock: ManualClock) -> None:
        await store.save(ONE, TALK, History(1, said(clock, 1, 1)))
        await store.append(ONE, TALK, 5, History(6, said(clock, 2, 2)))
        assert await store.load(ONE, TALK) is None
        await store.save(ONE, TALK, History(1, said(clock, 1, 1)))
        assert await store.load(OTHER, TALK) is None
        await store.forget(ONE, TALK)
        assert await store.load(ONE, TALK) is None


class TestInProcessSessions(SessionContract):
    @pytest.fixture
    async def store(self, clock: ManualClock) -> SessionStore:
        return InProcessSessions(clock)

    async def test_the_longest_untouched_goes_first(self, clock: ManualClock) -> None:
        store = InProcessSessions(clock, most=2)
        for name in ("c_1", "c_2", "c_3"):
            await store.save(ONE, ConversationId(name), Session(1))
        kept = [await store.load(ONE, ConversationId(name)) is not None for name in ("c_1", "c_2", "c_3")]
        assert kept == [False, True, True]


class TestInProcessHistory(HistoryContract):
    @pytest.fixture
    async def store(self, clock: ManualClock) -> HistoryStore:
        return InProcessHistory(clock)
