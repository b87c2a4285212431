"""A chat's message stored and its turn begun at once: what one transaction does, two would have done."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from relevo.domain.ids import ChannelName, ConversationId, ProjectId
from relevo.domain.message import InboundMessage, Wake
from relevo.pipeline.receive import TooMany, receive_in_chat
from relevo.pipeline.turn import Turns
from relevo.queue.in_process import InProcessWakeups
from relevo.storage.chats import open_chat
from relevo.storage.database import Database
from relevo.storage.inbox import put_and_begin, put_in_chat
from relevo.storage.lease import Held, begin, claim_due
from relevo.storage.projects import create_project
from relevo.worker import Worker

API, LEASE = ChannelName("api"), 15.0


@pytest.fixture
async def chat(database: Database, project: ProjectId) -> ConversationId:
    async with database.project(project) as connection:
        return await open_chat(connection, InboundMessage(project, API, "", "", ""))


def message(project: ProjectId, provider_id: str, text: str = "hola") -> InboundMessage:
    return InboundMessage(project, API, "", provider_id, text)


async def begun(database: Database, one: InboundMessage, chat: ConversationId) -> Held | None:
    found = await put_and_begin(database, one, chat, per_minute=5, lease=LEASE)
    assert found is not None
    return found[1]


async def due(database: Database) -> int:
    async with database.door() as connection:
        return len(await claim_due(connection, 10, LEASE))


async def test_what_is_begun_is_what_begin_reads(
    database: Database, project: ProjectId, chat: ConversationId
) -> None:
    held = await begun(database, message(project, "1"), chat)
    assert held is not None and held.tries == 1
    assert [each.text for each in held.pending] == ["hola"]
    async with database.door() as connection:
        assert await begin(connection, Wake(project, chat), held.token, LEASE) == held
    assert await due(database) == 0


async def test_a_conversation_at_work_is_only_written_in(
    database: Database, project: ProjectId, chat: ConversationId
) -> None:
    held = await begun(database, message(project, "1"), chat)
    assert await begun(database, message(project, "2", "¿y?"), chat) is None
    assert held is not None
    async with database.door() as connection:
        again = await begin(connection, Wake(project, chat), held.token, LEASE)
    assert again is not None and [each.text for each in again.pending] == ["hola", "¿y?"]


async def test_what_waited_already_is_begun_with_it(
    database: Database, project: ProjectId, chat: ConversationId
) -> None:
    await put_in_chat(database, message(project, "1"), chat, per_minute=5)
    held = await begun(database, message(project, "2", "¿y?"), chat)
    assert held is not None and [each.text for each in held.pending] == ["hola", "¿y?"]


async def test_over_the_limit_nothing_is_stored_or_begun(
    database: Database, project: ProjectId, chat: ConversationId
) -> None:
    await put_in_chat(database, message(project, "1"), chat, per_minute=1)
    with pytest.raises(TooMany):
        await put_and_begin(database, message(project, "2"), chat, per_minute=1, lease=LEASE)
    assert await due(database) == 1


async def test_another_projects_chat_is_none(
    database: Database, project: ProjectId, chat: ConversationId
) -> None:
    other = ProjectId("other")
    await create_project(database, other, "music", "Other")
    for one in (message(other, "1"), replace(message(project, "1"), address="visitor/")):
        assert await put_and_begin(database, one, chat, per_minute=5, lease=LEASE) is None
    assert await due(database) == 0


async def test_without_a_free_place_its_worker_is_woken(
    database: Database, project: ProjectId, chat: ConversationId
) -> None:
    taken: list[tuple[Wake, Held | None]] = []

    async def take(wake: Wake, token: int | None = None, held: Held | None = None) -> None:
        taken.append((wake, held))

    wakeups = InProcessWakeups(1)
    await wakeups.start(take)
    assert await wakeups.reserve()
    await receive_in_chat(database, wakeups, message(project, "1"), chat, per_minute=5, lease=LEASE)
    assert await due(database) == 1 and taken == []
    wakeups.give_up()
    for _ in range(5):
        await asyncio.sleep(0)
    assert taken == [(Wake(project, chat), None)]


async def test_a_refused_message_leaves_its_place(
    database: Database, project: ProjectId, chat: ConversationId
) -> None:
    async def take(wake: Wake, token: int | None = None, held: Held | None = None) -> None:
        raise AssertionError("nothing was stored")

    wakeups = InProcessWakeups(1)
    await wakeups.start(take)
    await put_in_chat(database, message(project, "1"), chat, per_minute=1)
    with pytest.raises(TooMany):
        await receive_in_chat(database, wakeups, message(project, "2"), chat, per_minute=1, lease=LEASE)
    foreign = replace(message(project, "3"), address="visitor/")
    assert await receive_in_chat(database, wakeups, foreign, chat, per_minute=5, lease=LEASE) is None
    assert await wakeups.reserve()


async def test_the_sweep_claims_no_more_than_there_are_places(
    database: Database, project: ProjectId, chat: ConversationId
) -> None:
    taken: list[tuple[Wake, int | None]] = []

    async def take(wake: Wake, token: int | None = None, held: Held | None = None) -> None:
        taken.append((wake, token))

    async def staff(project: ProjectId) -> Any:
        raise AssertionError("no turn is taken here")

    await put_in_chat(database, message(project, "1"), chat, per_minute=5)
    wakeups = InProcessWakeups(1)
    worker = Worker(database, wakeups, Turns(database, staff, {}, lambda wake: None), {})
    await wakeups.start(take)
    assert await wakeups.reserve()
    await worker.sweep()
    assert taken == []
    wakeups.give_up()
    await worker.sweep()
    await asyncio.sleep(0)
    assert [wake for wake, _ in taken] == [Wake(project, chat)] and taken[0][1] is not None
    assert await wakeups.reserve()
