"""A turn from its beginning to its commit: what it reads, what it leaves, and whose rows it may touch."""

from dataclasses import replace

import psycopg
import pytest
from tests.faults.lease_model import API, LEASE, record_of

from relevo.domain.ids import ProjectId
from relevo.domain.message import InboundMessage, ReplyPart, Wake
from relevo.pipeline.commit import commit
from relevo.storage.database import Database
from relevo.storage.inbox import put
from relevo.storage.lease import Fenced, Held, Outdated, begin
from relevo.storage.projects import create_project
from relevo.storage.turns import commit_turn


async def began(database: Database, project: ProjectId, provider_id: str, text: str = "hola") -> Held:
    stored = await put(database, InboundMessage(project, API, "a", provider_id, text), per_minute=1_000)
    async with database.door() as connection:
        held = await begin(connection, Wake(project, stored.conversation), None, LEASE)
    assert held is not None
    return held


async def test_a_turn_reads_what_the_one_before_it_learned(database: Database, project: ProjectId) -> None:
    """Slots keep their newest value, with the message that first showed it."""
    messages = []
    for number, genre in enumerate(["cumbia", "salsa", "salsa"]):
        held = await began(database, project, str(number))
        messages.append(held.pending[0].id)
        async with database.door() as connection:
            await commit(
                connection, replace(record_of(held), learned={"genre": genre}), {}, lease=LEASE, defer=None
            )
    held = await began(database, project, "last")
    assert [(slot.name, slot.value, slot.message) for slot in held.slots] == [("genre", "salsa", messages[1])]


async def test_parts_and_parcels_keep_their_order(database: Database, project: ProjectId) -> None:
    held = await began(database, project, "1")
    parts = tuple(ReplyPart(held.conversation.channel, f"part {number}") for number in range(3))  # type: ignore[arg-type]
    parcels = [[f"{part.text}.{piece}" for piece in range(12)] for part in parts]
    async with database.door() as connection:
        ids, more = await commit_turn(
            connection, replace(record_of(held), parts=parts), parcels, lease=LEASE, defer=None
        )
    async with database.project(project) as connection:
        said = await (
            await connection.execute("SELECT id, body FROM messages WHERE role = 'agent' ORDER BY id")
        ).fetchall()
        sent = await (await connection.execute("SELECT body FROM outbox ORDER BY id")).fetchall()
    assert [(row["id"], row["body"]) for row in said] == [
        (id, part.text) for id, part in zip(ids, parts, strict=True)
    ]
    assert [row["body"] for row in sent] == [piece for pieces in parcels for piece in pieces]
    assert more is False


async def test_nothing_is_left_of_a_turn_that_may_not_commit(database: Database, project: ProjectId) -> None:
    held = await began(database, project, "1")
    wrong = {
        Fenced: replace(record_of(held), token=held.token + 1),
        Outdated: replace(record_of(held), conversation=replace(held.conversation, version=7)),
    }
    for error, record in wrong.items():
        with pytest.raises(error):
            async with database.door() as connection:
                await commit_turn(connection, record, [[]], lease=LEASE, defer=None)
    async with database.project(project) as connection:
        for table in ("turns", "outbox"):
            assert await (await connection.execute(f"SELECT FROM {table}")).fetchall() == []
        states = await (await connection.execute("SELECT role, state FROM messages")).fetchall()
    assert states == [{"role": "customer", "state": "pending"}]


async def test_a_transaction_never_passes_to_another_project(database: Database, project: ProjectId) -> None:
    other = ProjectId("other")
    await create_project(database, other, "music", "Other")
    with pytest.raises(psycopg.Error, match="another project"):
        async with database.project(project) as connection:
            await connection.execute("SELECT enter_project(%s)", (other,))
    for nobody in ("", None):
        with pytest.raises(psycopg.Error, match="no project"):
            async with database.door() as connection:
                await connection.execute("SELECT enter_project(%s)", (nobody,))


async def test_the_project_ends_with_the_statement(database: Database, project: ProjectId) -> None:
    await began(database, project, "1")
    for _ in range(20):
        async with database.door() as connection:
            row = await (
                await connection.execute("SELECT current_setting('relevo.project', true) AS now_in")
            ).fetchone()
            assert row is not None and not row["now_in"]
            assert await (await connection.execute("SELECT FROM conversations")).fetchall() == []
