"""Documents in the database: stored once, counted rightly, and what comes too late changes nothing."""

from tests.support.knowledge import add_text

from relevo.domain.ids import DocumentId, ProjectId
from relevo.domain.knowledge import DocumentState, Kind, Passage
from relevo.domain.signals import Language
from relevo.knowledge.weigh import indexed
from relevo.storage.database import Database
from relevo.storage.knowledge_documents import (
    NewDocument,
    allow_document,
    delete_document,
    list_documents,
    read_document,
    read_file,
    revoke_document,
    set_state,
    store_document,
    stored_bytes,
)
from relevo.storage.knowledge_index import index_document, passages_in


async def test_the_same_bytes_are_one_document(database: Database, project: ProjectId) -> None:
    new = NewDocument(Kind.USER, "A", "a.txt", "hash", b"hola")
    async with database.project(project) as connection:
        first, fresh = await store_document(connection, project, new)
        again, anew = await store_document(
            connection, project, NewDocument(Kind.BOOK, "B", "b", "hash", b"hola")
        )
        assert (fresh, anew) == (True, False)
        assert again == first
        assert first.state is DocumentState.QUEUED
        assert await read_file(connection, project, first.id) == b"hola"
        assert await stored_bytes(connection, project) == 4
        assert [each.id for each in await list_documents(connection, project)] == [first.id]


async def test_passages_are_counted_as_they_come_and_go(database: Database, project: ProjectId) -> None:
    one = await add_text(database, project, "uno " * 290, "dos " * 290)
    two = await add_text(database, project, "the third one is this", language=Language.EN)
    async with database.project(project) as connection:
        assert await passages_in(connection, project) == {Language.ES: 2, Language.EN: 1}
        found = [indexed(Passage("solo uno", Language.ES))]
        assert await index_document(connection, project, one, found)
        assert await passages_in(connection, project) == {Language.ES: 1, Language.EN: 1}
        await revoke_document(connection, project, two)
        await delete_document(connection, project, one)
        assert await passages_in(connection, project) == {Language.ES: 0, Language.EN: 0}
        rows = await (
            await connection.execute(
                "SELECT (SELECT count(*) FROM knowledge_postings)"
                " + (SELECT count(*) FROM knowledge_passages) AS n"
            )
        ).fetchone()
        assert rows == {"n": 0}


async def test_what_is_read_too_late_does_not_bring_a_revoked_document_back(
    database: Database, project: ProjectId
) -> None:
    document = await add_text(database, project, "La portada.")
    async with database.project(project) as connection:
        await revoke_document(connection, project, document)
        late = [indexed(Passage("La portada.", Language.ES))]
        assert not await index_document(connection, project, document, late)
        assert not await set_state(connection, project, document, DocumentState.FAILED, why="x")
        stored = await read_document(connection, project, document)
        assert stored is not None
        assert stored.state is DocumentState.REVOKED
        assert await allow_document(connection, project, document)
        assert await index_document(connection, project, document, late)
        assert not await index_document(connection, project, DocumentId("none"), late)


async def test_a_thousand_documents_are_not_left_without_a_vacuum(database: Database) -> None:
    """By PostgreSQL's own settings a fifth of the postings might come in before they are read quickly."""
    async with database.door() as connection:
        row = await (
            await connection.execute(
                "SELECT reloptions FROM pg_class WHERE oid = 'knowledge_postings'::regclass"
            )
        ).fetchone()
    assert row is not None
    options = dict(each.split("=") for each in row["reloptions"])
    assert float(options["autovacuum_vacuum_insert_scale_factor"]) == 0
    assert int(options["autovacuum_vacuum_insert_threshold"]) <= 50_000
