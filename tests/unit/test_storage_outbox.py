"""The outbox: parts leave in order, once; what waits holds back only its own conversation."""

import asyncio
from dataclasses import dataclass, field

import pytest

from relevo.domain.ids import ChannelName, ConversationId, ProjectId
from relevo.domain.message import InboundMessage, Wake
from relevo.storage.database import Database
from relevo.storage.inbox import put
from relevo.storage.outbox import conversations_due, enqueue, next_parcel, settle, update_delivery
from relevo.storage.projects import create_project

WHATSAPP = ChannelName("whatsapp")
LEASE = 60.0


@dataclass(slots=True)
class Post:
    """A project's outbox, by hand."""

    database: Database
    project: ProjectId
    wakes: dict[str, Wake] = field(default_factory=dict)

    async def add(self, address: str, *parts: str) -> Wake:
        message = InboundMessage(self.project, WHATSAPP, address, f"to {address} {parts}", "hola")
        stored = await put(self.database, message, per_minute=1_000)
        async with self.database.project(self.project) as connection:
            await enqueue(
                connection, self.project, stored.conversation, stored.message, WHATSAPP, address, parts
            )
        return Wake(self.project, stored.conversation)

    async def take(self, wake: Wake) -> tuple[int, str] | None:
        async with self.database.project(self.project) as connection:
            parcel = await next_parcel(connection, wake, LEASE)
        return (parcel.id, parcel.body) if parcel else None

    async def settle(
        self, parcel: int, state: str, provider_id: str | None = None, retry_in: float | None = None
    ) -> None:
        async with self.database.project(self.project) as connection:
            await settle(connection, self.project, parcel, state, provider_id=provider_id, retry_in=retry_in)

    async def report(self, provider_id: str, state: str) -> bool:
        async with self.database.project(self.project) as connection:
            return await update_delivery(connection, self.project, WHATSAPP, provider_id, state, None)

    async def states(self) -> list[str]:
        async with self.database.project(self.project) as connection:
            rows = await (await connection.execute("SELECT state FROM outbox ORDER BY id")).fetchall()
        return [row["state"] for row in rows]

    async def due(self, most: int = 20) -> list[Wake]:
        async with self.database.door() as connection:
            return await conversations_due(connection, most)

    async def run(self, statement: str) -> None:
        async with self.database.project(self.project) as connection:
            await connection.execute(statement)


@pytest.fixture
def post(database: Database, project: ProjectId) -> Post:
    return Post(database, project)


async def test_parts_leave_in_order(post: Post) -> None:
    wake = await post.add("a", "uno", "dos", "tres")
    sent = []
    while taken := await post.take(wake):
        sent.append(taken[1])
        await post.settle(taken[0], "sent", provider_id=f"SM{len(sent)}")
    assert sent == ["uno", "dos", "tres"]
    assert await post.due() == []


async def test_while_one_is_being_sent_nobody_takes_the_next(post: Post) -> None:
    wake = await post.add("a", "uno", "dos")
    taken = await asyncio.gather(*(post.take(wake) for _ in range(8)))
    assert [each[1] for each in taken if each] == ["uno"]


async def test_a_part_that_rests_holds_back_its_conversation_and_no_other(post: Post) -> None:
    """Even when many rest: the sweep's batch is not filled by those behind them."""
    for number in range(30):
        wake = await post.add(f"busy{number}", "uno", "dos", "tres")
        taken = await post.take(wake)
        assert taken is not None
        await post.settle(taken[0], "due", retry_in=3_600)
        assert await post.take(wake) is None
    other = await post.add("other", "hola")
    assert await post.due(20) == [other]


async def test_of_several_conversations_the_longest_due_come_first(post: Post) -> None:
    wakes = [await post.add(f"a{number}", "x") for number in range(3)]
    await post.run("UPDATE outbox SET due_at = now() - make_interval(secs => id)")
    assert await post.due(2) == [wakes[2], wakes[1]]


async def test_a_rest_that_is_over_brings_the_part_back_and_counts_the_tries(post: Post) -> None:
    wake = await post.add("a", "uno")
    for tries in range(3):
        async with post.database.project(post.project) as connection:
            parcel = await next_parcel(connection, wake, LEASE)
        assert parcel is not None and parcel.attempts == tries
        await post.settle(parcel.id, "due", retry_in=60)
        assert await post.due() == []
        await post.run("UPDATE outbox SET due_at = now()")
        assert await post.due() == [wake]


async def test_what_a_dead_sender_was_sending_is_unknown_and_what_follows_goes_on(post: Post) -> None:
    wake = await post.add("a", "uno", "dos")
    await post.take(wake)
    await post.run("UPDATE outbox SET due_at = now() WHERE state = 'sending'")
    assert await post.due() == [wake]
    taken = await post.take(wake)
    assert taken is not None and taken[1] == "dos"
    assert await post.states() == ["unknown", "sending"]


@pytest.mark.parametrize(
    ("reports", "state"),
    [
        (["sent"], "sent"), (["delivered", "sent"], "delivered"), (["read", "delivered"], "read"),
        (["failed"], "failed"), (["sent", "failed"], "failed"), (["delivered", "failed"], "delivered"),
        (["failed", "delivered"], "failed"), (["read", "failed"], "read"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("early", [0, 1, 2])
async def test_reports_early_and_late_come_to_the_same(
    post: Post, reports: list[str], state: str, early: int
) -> None:
    """``early`` of them come before it is written that the part was sent."""
    wake = await post.add("a", "uno")
    taken = await post.take(wake)
    assert taken is not None
    for report in reports[:early]:
        assert not await post.report("SM1", report)
    await post.settle(taken[0], "sent", provider_id="SM1")
    for report in reports[early:]:
        assert await post.report("SM1", report)
    assert await post.states() == [state]
    assert await post.take(wake) is None


async def test_a_report_and_the_record_at_once_lose_nothing(post: Post) -> None:
    parcels = []
    for number in range(20):
        taken = await post.take(await post.add(f"a{number}", "x"))
        assert taken is not None
        parcels.append(taken[0])
    await asyncio.gather(
        *(post.settle(parcel, "sent", provider_id=f"SM{parcel}") for parcel in parcels),
        *(post.report(f"SM{parcel}", "delivered") for parcel in parcels),
    )
    assert await post.states() == ["delivered"] * 20


async def test_reports_of_messages_that_are_not_ours_are_not_kept_for_ever(post: Post) -> None:
    await post.report("SMold", "sent")
    await post.run("UPDATE delivery_news SET created_at = now() - interval '25 hours'")
    await post.report("SMnew", "sent")
    async with post.database.project(post.project) as connection:
        rows = await (await connection.execute("SELECT provider_id FROM delivery_news")).fetchall()
    assert [row["provider_id"] for row in rows] == ["SMnew"]


async def test_a_report_reaches_only_its_own_project(post: Post) -> None:
    other = Post(post.database, ProjectId("other"))
    await create_project(post.database, other.project, "music", "Other")
    for each in (post, other):
        taken = await each.take(await each.add("a", "x"))
        assert taken is not None
        await each.settle(taken[0], "sent", provider_id="SMsame")
    await post.report("SMsame", "read")
    assert (await post.states(), await other.states()) == (["read"], ["sent"])


async def test_another_projects_parcel_cannot_be_taken_or_settled(post: Post) -> None:
    wake = await post.add("a", "x")
    other = Post(post.database, ProjectId("other"))
    assert await other.take(Wake(other.project, ConversationId(wake.conversation))) is None
    assert await other.take(wake) is None
    taken = await post.take(wake)
    assert taken is not None
    await other.settle(taken[0], "sent", provider_id="SM1")
    assert await post.states() == ["sending"]
