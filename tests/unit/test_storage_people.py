"""What is known of a person: shown with its evidence, corrected and erased so that it stays so."""

from dataclasses import replace
from typing import Any

import pytest
from tests.faults.lease_model import API, LEASE, record_of

from relevo.domain.conversation import Awaiting
from relevo.domain.ids import AgentName, PersonId, ProjectId
from relevo.domain.message import InboundMessage, Wake
from relevo.pipeline.commit import commit
from relevo.pipeline.state import TakenOver
from relevo.storage.database import Database
from relevo.storage.inbox import put
from relevo.storage.lease import Held, begin
from relevo.storage.people import Known, forget_slots, read_profile, set_slot


async def _turn(database: Database, project: ProjectId, id: str, learned: dict[str, Any]) -> PersonId:
    """A message from which facts are learned, as a turn keeps them."""
    stored = await put(database, InboundMessage(project, API, "a", id, f"words {id}"), per_minute=99)
    async with database.door() as connection:
        held = await begin(connection, Wake(project, stored.conversation), None, LEASE)
        assert held is not None
        facts = held.conversation.state.facts | learned
        asks = Awaiting(AgentName("sales"), "quote", "releases", dict(learned))
        record = record_of(held)
        record = replace(record, learned=learned, state=replace(record.state, facts=facts, awaiting=asks))
        await commit(connection, record, {}, lease=LEASE, defer=None)
    return held.conversation.person.id


async def _next(database: Database, project: ProjectId, id: str) -> Held:
    stored = await put(database, InboundMessage(project, API, "a", id, "hola"), per_minute=99)
    async with database.door() as connection:
        held = await begin(connection, Wake(project, stored.conversation), None, LEASE)
    assert held is not None
    return held


async def _profile(database: Database, project: ProjectId, person: PersonId) -> Known:
    async with database.project(project) as connection:
        known = await read_profile(connection, project, person)
    assert known is not None
    return known


async def test_a_fact_is_shown_with_the_words_that_showed_it(database: Database, project: ProjectId) -> None:
    person = await _turn(database, project, "1", {"genre": "cumbia"})
    await _turn(database, project, "2", {"plan": "pro"})
    slots = (await _profile(database, project, person)).slots
    assert [(slot.name, slot.value, slot.words) for slot in slots] == [
        ("genre", "cumbia", "words 1"),
        ("plan", "pro", "words 2"),
    ]
    assert all(slot.conversation and slot.message for slot in slots)


async def test_a_corrected_fact_is_what_the_next_turn_reads(database: Database, project: ProjectId) -> None:
    person = await _turn(database, project, "1", {"genre": "cumbia"})
    async with database.project(project) as connection:
        await set_slot(connection, project, person, "genre", "salsa")
        await set_slot(connection, project, person, "city", {"name": "Cali"})
    held = await _next(database, project, "2")
    assert held.conversation.state.facts == {"genre": "salsa"}
    assert {slot.name: (slot.value, slot.message) for slot in held.slots} == {
        "city": ({"name": "Cali"}, None),
        "genre": ("salsa", None),
    }
    assert [slot.words for slot in (await _profile(database, project, person)).slots] == [None, None]


async def test_an_erased_fact_does_not_come_back(database: Database, project: ProjectId) -> None:
    """Neither from the conversation's facts, nor from a question open over it, nor by a turn that works."""
    person = await _turn(database, project, "1", {"genre": "cumbia", "plan": "pro"})
    working = await _next(database, project, "2")
    async with database.project(project) as connection:
        assert await forget_slots(connection, project, person, "genre") == ["genre"]
        assert await forget_slots(connection, project, person, "genre") == []
    async with database.door() as connection:
        with pytest.raises(TakenOver):
            await commit(connection, record_of(working), {}, lease=LEASE, defer=None)
        again = await begin(connection, Wake(project, working.conversation.id), working.token, LEASE)
    assert again is not None
    assert again.conversation.state.facts == {"plan": "pro"}
    assert again.conversation.state.awaiting is None
    assert [slot.name for slot in again.slots] == ["plan"]


async def test_all_facts_are_erased_and_nobody_else_s(database: Database, project: ProjectId) -> None:
    person = await _turn(database, project, "1", {"genre": "cumbia", "plan": "pro"})
    async with database.project(project) as connection:
        await connection.execute("INSERT INTO persons (project_id, id) VALUES (%s, 'p')", (project,))
        await set_slot(connection, project, PersonId("p"), "genre", "jazz")
        assert await forget_slots(connection, project, person, None) == ["genre", "plan"]
        assert await forget_slots(connection, project, person, None) == []
    assert (await _next(database, project, "2")).conversation.state.facts == {}
    assert (await _profile(database, project, person)).slots == ()
    assert len((await _profile(database, project, PersonId("p"))).slots) == 1
