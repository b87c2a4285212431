"""The inbox: once for ever, in order, bounded by the minute, and held to who is writing."""

from dataclasses import replace

import pytest

from relevo.domain.ids import ChannelName, CustomerRef, ProjectId
from relevo.domain.message import InboundMessage, tame
from relevo.pipeline.receive import TooMany, receive
from relevo.queue.in_process import InProcessWakeups
from relevo.storage.database import Database
from relevo.storage.inbox import Stored, put
from relevo.storage.projects import create_project

API = ChannelName("api")


def message(project: ProjectId, provider_id: str, **more: object) -> InboundMessage:
    return replace(InboundMessage(project, API, "a", provider_id, "hola"), **more)  # type: ignore[arg-type]


async def store(database: Database, one: InboundMessage, per_minute: int = 1_000) -> Stored:
    return await put(database, one, per_minute=per_minute)


async def test_a_message_is_stored_once_for_ever(database: Database, project: ProjectId) -> None:
    first = await store(database, message(project, "1", meta={"n": 1}))
    async with database.project(project) as connection:
        await connection.execute(
            "UPDATE messages SET state = 'done', created_at = now() - interval '400 days'"
        )
    again = await store(database, message(project, "1", text="otra cosa", address="b", meta={"n": 2}))
    assert (again.conversation, again.message, again.fresh, again.state, again.meta) == (
        first.conversation, first.message, False, "done", {"n": 1},
    )  # fmt: skip


async def test_the_same_id_in_another_project_or_channel_is_another_message(
    database: Database, project: ProjectId
) -> None:
    """A project cannot tell, nor suppress, what another one has received."""
    other = ProjectId("other")
    await create_project(database, other, "music", "Other")
    stored = [
        await store(database, message(project, "1")),
        await store(database, message(other, "1")),
        await store(database, message(project, "1", channel=ChannelName("web"))),
    ]
    assert all(each.fresh for each in stored)
    assert len({each.conversation for each in stored}) == 3


async def test_over_the_limit_is_kept_without_a_turn(database: Database, project: ProjectId) -> None:
    states = [(await store(database, message(project, str(n)), per_minute=3)).state for n in range(5)]
    assert states == ["pending"] * 3 + ["limited"] * 2
    other = await store(database, message(project, "x", address="b"), per_minute=3)
    assert other.state == "pending"


async def test_the_limit_is_of_the_last_minute(database: Database, project: ProjectId) -> None:
    for n in range(4):
        await store(database, message(project, str(n)), per_minute=3)
    async with database.project(project) as connection:
        await connection.execute("UPDATE messages SET created_at = now() - interval '61 seconds'")
    assert (await store(database, message(project, "later"), per_minute=3)).state == "pending"


async def test_where_the_sender_can_be_told_nothing_is_stored_over_the_limit(
    database: Database, project: ProjectId
) -> None:
    await receive(database, InProcessWakeups(1), message(project, "1"), per_minute=1)
    with pytest.raises(TooMany):
        await receive(database, InProcessWakeups(1), message(project, "2"), per_minute=1)
    async with database.project(project) as connection:
        rows = await (await connection.execute("SELECT provider_id FROM messages")).fetchall()
    assert [row["provider_id"] for row in rows] == ["1"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("ho\x00la", "hola"),
        ("\x00", ""),
        ("\x1b]52;c;x\x07a\tb\nc\r\x9bm", "]52;c;xa\tb\ncm"),
        ("a\ud83db", "a?b"),
        ("ñ🎵\u202e", "ñ🎵\u202e"),
        ("", ""),
    ],
)
async def test_any_text_can_be_kept(database: Database, project: ProjectId, text: str, kept: str) -> None:
    assert tame(text) == kept
    await receive(database, InProcessWakeups(1), message(project, "1", text=text), per_minute=9)
    async with database.project(project) as connection:
        row = await (await connection.execute("SELECT body FROM messages")).fetchone()
    assert row == {"body": kept}


ANA, BRUNO = CustomerRef("ana"), CustomerRef("bruno")


async def _writer(database: Database, project: ProjectId, stored: Stored) -> str | None:
    async with database.project(project) as connection:
        row = await (
            await connection.execute(
                "SELECT p.customer_ref FROM conversations c JOIN persons p ON p.id = c.person_id"
                " WHERE c.id = %s",
                (stored.conversation,),
            )
        ).fetchone()
    assert row is not None
    ref: str | None = row["customer_ref"]
    return ref


@pytest.mark.parametrize(
    ("before", "now", "same"),
    [(None, None, True), (ANA, ANA, True), (None, ANA, True), (ANA, None, False), (ANA, BRUNO, False)],
)
async def test_a_proved_address_is_held_to_its_owner_of_now(
    database: Database, project: ProjectId, before: CustomerRef | None, now: CustomerRef | None, same: bool
) -> None:
    first = await store(database, message(project, "1", customer=before, proved=True))
    second = await store(database, message(project, "2", customer=now, proved=True))
    assert (first.conversation == second.conversation) is same
    assert await _writer(database, project, second) == now
    if not same:
        assert await _writer(database, project, first) == before
        async with database.project(project) as connection:
            found = await connection.execute(
                "SELECT m.state, c.due_at FROM messages m JOIN conversations c ON c.id = m.conversation_id"
                " ORDER BY m.id"
            )
            rows = await found.fetchall()
        assert [(row["state"], row["due_at"] is None) for row in rows] == [("dead", True), ("pending", False)]


async def test_an_address_that_proves_nothing_changes_nobody(database: Database, project: ProjectId) -> None:
    """On web and API who speaks was settled when the chat was opened."""
    first = await store(database, message(project, "1", customer=ANA))
    second = await store(database, message(project, "2"))
    assert first.conversation == second.conversation
    assert await _writer(database, project, second) == ANA
