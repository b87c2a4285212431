"""The lease under every order of events: nothing is lost, doubled, reordered or stranded."""

import asyncio
import itertools
import random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from tests.faults.lease_model import API, Town, Worker

from relevo.domain.ids import ConversationId, ProjectId
from relevo.domain.message import InboundMessage, Wake
from relevo.pipeline.receive import receive
from relevo.queue.in_process import InProcessWakeups
from relevo.storage.database import Database
from relevo.storage.lease import Fenced
from relevo.storage.projects import create_project

ADDRESSES = ("a", "b")
MOST_WORKERS = 3
some_has_mail = precondition(lambda self: self.conversations)
some_is_free = precondition(lambda self: self.conversations and len(self.working) < MOST_WORKERS)
some_works = precondition(lambda self: self.working)


class LeaseMachine(RuleBasedStateMachine):
    """Messages come; workers claim, read, commit, fail, stall and die; leases run out at any moment."""

    def __init__(self, runner: asyncio.Runner, database: Database, project: ProjectId) -> None:
        super().__init__()
        self.run = runner.run
        self.run(create_project(database, project, "music", "Town"))
        self.town = Town(database, project)
        self.conversations: dict[str, ConversationId] = {}
        self.provider_ids: dict[str, int] = {}
        self.working: list[Worker] = []

    @rule(address=st.sampled_from(ADDRESSES), copy=st.booleans())
    def a_message_comes(self, address: str, copy: bool) -> None:
        """A new one, or a copy of the last."""
        seen = self.provider_ids.get(address, 0)
        copy = copy and seen > 0
        number = seen if copy else seen + 1
        stored = self.run(self.town.put(address, f"{self.town.project}:{address}{number}"))
        assert stored.fresh != copy
        assert self.conversations.setdefault(address, stored.conversation) == stored.conversation
        self.provider_ids[address] = number

    @some_is_free
    @rule(data=st.data(), sweeps=st.booleans())
    def one_claims_and_reads(self, data: st.DataObject, sweeps: bool) -> None:
        if sweeps:
            claimed = self.run(self.town.sweep(1))
        else:
            address = data.draw(st.sampled_from(sorted(self.conversations)))
            one = self.run(self.town.claim(self.conversations[address]))
            claimed = [one] if one is not None else []
        for worker in claimed:
            assert self.run(self.town.read(worker))
            self.working.append(worker)

    @some_works
    @rule(data=st.data())
    def one_commits(self, data: st.DataObject) -> None:
        worker = data.draw(st.sampled_from(self.working))
        newest = self._is_newest(worker)
        try:
            committed = self.run(self.town.finish(worker))
        except Fenced:
            assert not newest
            self.working.remove(worker)
            return
        assert newest
        if committed is None or not committed.more:
            self.working.remove(worker)
        else:
            assert self.run(self.town.read(worker))

    @some_works
    @rule(data=st.data(), how=st.sampled_from(("renews", "reads again", "fails", "dies")))
    def one_goes_astray(self, data: st.DataObject, how: str) -> None:
        worker = data.draw(st.sampled_from(self.working))
        if how == "renews":
            assert self.run(self.town.renew(worker)) == self._is_newest(worker)
        elif how == "reads again":
            assert self.run(self.town.read(worker)) == self._is_newest(worker)
        else:
            if how == "fails":
                self.run(self.town.fail(worker))
            self.working.remove(worker)

    @some_has_mail
    @rule(data=st.data())
    def a_lease_runs_out(self, data: st.DataObject) -> None:
        address = data.draw(st.sampled_from(sorted(self.conversations)))
        self.run(self.town.expire(self.conversations[address]))

    def _is_newest(self, worker: Worker) -> bool:
        return self.town.newest[worker.wake.conversation] == worker.token

    def teardown(self) -> None:
        self.run(self.town.drain())
        assert self.run(self.town.faults()) == []
        for worker in self.working:
            assert not self.run(self.town.renew(worker)), "a worker from before still holds its lease"


def _machines(database_url: str, examples: int, steps: int) -> None:
    numbers = itertools.count()
    with asyncio.Runner() as runner:
        database = Database(database_url, 2)
        runner.run(database.open())
        try:
            run_state_machine_as_test(
                lambda: LeaseMachine(runner, database, ProjectId(f"town{next(numbers)}")),  # type: ignore[arg-type]
                settings=settings(
                    max_examples=examples,
                    stateful_step_count=steps,
                    deadline=None,
                    database=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(database.close())


def test_any_order_of_events(database_url: str) -> None:
    _machines(database_url, 25, 40)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_any_order_of_events_at_length(database_url: str) -> None:
    _machines(database_url, 2_000, 100)


@pytest.fixture
async def town(database: Database, project: ProjectId) -> Town:
    return Town(database, project)


async def test_workers_and_senders_at_once(town: Town) -> None:
    """Real concurrency: senders and eight careless workers over the same rows until all is answered."""
    dice = random.Random(7)
    sending = asyncio.Event()

    async def send(address: str) -> None:
        for number in range(12):
            await town.put(address, f"{address}.{number}")
            if dice.random() < 0.3:
                await town.put(address, f"{address}.{number}")
        if all(len(each) == 12 for each in town.acknowledged.values()) and len(town.acknowledged) == 15:
            sending.set()

    async def work() -> None:
        while not (sending.is_set() and _all_answered(town)):
            for worker in await town.sweep(3):
                await _careless_turn(town, worker, dice)
            for conversation in list(town.newest):
                if dice.random() < 0.01:
                    await town.expire(conversation)

    await asyncio.gather(*(send(f"s{number}") for number in range(15)), *(work() for _ in range(8)))
    await town.drain()
    assert await town.faults() == []


async def _careless_turn(town: Town, worker: Worker, dice: random.Random) -> None:
    """One in five dies after reading; the others may stall, so that their lease runs out, and then commit."""
    more = True
    while more and await town.read(worker):
        if dice.random() < 0.2:
            return
        for _ in range(dice.randrange(4)):
            await asyncio.sleep(0)
        try:
            committed = await town.finish(worker)
        except Fenced:
            return
        more = committed is not None and committed.more


def _all_answered(town: Town) -> bool:
    return all(
        len(town.answered.get(conversation, ())) == len(acknowledged)
        for conversation, acknowledged in town.acknowledged.items()
    )


async def test_parallel_first_messages_share_one_conversation(town: Town) -> None:
    puts = [town.put(f"new{burst}", f"{burst}.{number}") for burst in range(100) for number in range(5)]
    stored = await asyncio.gather(*puts)
    assert len({each.conversation for each in stored}) == 100
    assert len({each.message for each in stored}) == 500
    async with town.database.project(town.project) as connection:
        for table in ("conversations", "persons", "person_identities"):
            row = await (await connection.execute(f"SELECT count(*) AS n FROM {table}")).fetchone()  # noqa: S608
            assert row == {"n": 100}, table


async def test_fifty_copies_of_one_message_at_once_are_one_message(town: Town) -> None:
    stored = await asyncio.gather(*(town.put("a", "same") for _ in range(50)))
    assert sum(each.fresh for each in stored) == 1
    assert len({(each.conversation, each.message) for each in stored}) == 1


async def test_a_copy_wakes_again(town: Town) -> None:
    """The first wake-up may have been lost with the process that was to send it."""
    woken: list[Wake] = []

    class Listening(InProcessWakeups):
        async def wake(self, wake: Wake) -> None:
            woken.append(wake)

    message = InboundMessage(town.project, API, "a", "same", "hola")
    for _ in range(2):
        await receive(town.database, Listening(1), message, per_minute=30)
    assert len(woken) == 2
    assert await town.claim(woken[0].conversation) is not None


async def test_a_stale_worker_commits_nothing(town: Town) -> None:
    stored = await town.put("a", "1")
    stale = await town.claim(stored.conversation)
    assert stale is not None and await town.read(stale)
    await town.expire(stored.conversation)
    live = await town.claim(stored.conversation)
    assert live is not None and await town.read(live)
    with pytest.raises(Fenced):
        await town.finish(stale)
    assert not await town.renew(stale)
    await town.finish(live)
    with pytest.raises(Fenced):
        await town.finish(stale)
    assert await town.faults() == []


async def test_a_failed_stale_worker_leaves_the_live_ones_lease_alone(town: Town) -> None:
    stored = await town.put("a", "1")
    stale = await town.claim(stored.conversation)
    await town.expire(stored.conversation)
    live = await town.claim(stored.conversation)
    assert stale is not None and live is not None
    before = await _due_at(town)
    await town.fail(stale)
    assert await _due_at(town) == before


async def test_a_late_renewal_does_not_make_an_idle_conversation_wait(town: Town) -> None:
    """Its next message must be claimable at once, not when the renewed lease runs out."""
    stored = await town.put("a", "1")
    worker = await town.claim(stored.conversation)
    assert worker is not None and await town.read(worker)
    await town.finish(worker)
    assert not await town.renew(worker)
    await town.put("a", "2")
    assert not await town.renew(worker)
    assert await town.claim(stored.conversation) is not None


async def test_mail_that_comes_while_an_empty_conversation_is_given_up_is_not_stranded(town: Town) -> None:
    stored = await town.put("a", "1")
    await town.drain()
    await town.put("a", "1")
    worker = await town.claim(stored.conversation)
    assert worker is not None and await town.read(worker)
    await town.put("a", "2")
    await town.finish(worker)
    assert len(await town.sweep(5)) == 1


async def _due_at(town: Town) -> object:
    async with town.database.project(town.project) as connection:
        return await (await connection.execute("SELECT due_at FROM conversations")).fetchone()
