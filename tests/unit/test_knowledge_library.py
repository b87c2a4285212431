"""A document's life: taken in once, read, found, revoked, read again, deleted; and what is refused."""

import asyncio

import pytest
from psycopg.sql import SQL, Identifier
from tests.support.hostile_files import docx, endless_pdf, pdf
from tests.support.knowledge import add_project

from relevo.domain.ids import DocumentId, ProjectId
from relevo.domain.knowledge import Document, DocumentState, Kind
from relevo.knowledge.lexical import LexicalSearch
from relevo.knowledge.library import Library, LibraryLimits
from relevo.knowledge.reading.errors import Unreadable, Why
from relevo.knowledge.reading_job import MOST_TRIES, Reading
from relevo.storage.database import Database
from relevo.storage.knowledge_documents import list_documents
from relevo.storage.knowledge_reading import claim_documents

TABLES = ("knowledge_documents", "knowledge_files", "knowledge_passages", "knowledge_postings")
TEXT = "La portada debe medir 3000 píxeles.".encode()


async def test_a_document_is_queued_read_and_found(database: Database, project: ProjectId) -> None:
    library, states = Library(database), list[Document]()
    document, fresh = await library.add(project, "Guía.docx", docx(("Portadas", 1), "Miden 3000 píxeles."))
    assert (fresh, document.state, document.title) == (True, DocumentState.QUEUED, "Guía")
    ready = await library.read(project, document.id, states.append)
    assert [each.state for each in states] == [
        DocumentState.READING,
        DocumentState.EMBEDDING,
        DocumentState.READY,
    ]
    assert [each.done for each in states] == sorted(each.done for each in states)
    assert (ready.passages, ready.done, ready.language) == (1, 1.0, "es")
    [found] = await LexicalSearch(database).search(project, "¿cuánto miden?")
    assert (found.document, found.place.headings) == (document.id, ("Portadas",))


async def test_the_same_file_twice_is_one_document_but_not_across_projects(
    database: Database, project: ProjectId
) -> None:
    library, other = Library(database), ProjectId("other")
    await add_project(database, other)
    first, _ = await library.add(project, "a.txt", TEXT)
    again, fresh = await library.add(project, "b.md", TEXT, kind=Kind.BOOK)
    theirs, theirs_fresh = await library.add(other, "a.txt", TEXT)
    assert (again.id, fresh) == (first.id, False)
    assert theirs_fresh
    assert theirs.id != first.id
    for action in (library.read, library.again, library.revoke, library.delete):
        with pytest.raises(LookupError):
            await action(other, first.id)


async def test_revoked_is_gone_at_once_and_stays_gone_until_it_is_read_again(
    database: Database, project: ProjectId
) -> None:
    library, search = Library(database), LexicalSearch(database)
    document, _ = await library.add(project, "a.txt", TEXT)
    await library.read(project, document.id)
    await library.revoke(project, document.id)
    assert await search.search(project, "portada") == []
    again, fresh = await library.add(project, "a.txt", TEXT)
    assert (again.state, fresh) == (DocumentState.REVOKED, False)
    assert (await library.read(project, document.id)).state is DocumentState.REVOKED
    assert await search.search(project, "portada") == []
    assert (await library.again(project, document.id)).state is DocumentState.READY
    assert len(await search.search(project, "portada")) == 1


async def test_deleted_leaves_nothing(database: Database, project: ProjectId) -> None:
    library = Library(database)
    document, _ = await library.add(project, "a.txt", TEXT)
    await library.read(project, document.id)
    await library.delete(project, document.id)
    async with database.project(project) as connection:
        for table in TABLES:
            rows = await connection.execute(SQL("SELECT * FROM {}").format(Identifier(table)))
            assert await rows.fetchall() == [], table
    with pytest.raises(LookupError):
        await library.delete(project, document.id)
    with pytest.raises(LookupError):
        await library.again(project, DocumentId("none"))


async def test_what_cannot_be_read_is_failed_and_says_why(database: Database, project: ProjectId) -> None:
    library = Library(database)
    document, _ = await library.add(project, "a.pdf", pdf("x", encrypted=True))
    failed = await library.read(project, document.id)
    assert (failed.state, failed.why) == (DocumentState.FAILED, Why.PASSWORD)


async def test_sizes_are_limited_for_a_file_and_for_a_project(database: Database, project: ProjectId) -> None:
    library = Library(database, LibraryLimits(file=100, project=250))
    with pytest.raises(Unreadable) as refused:
        await library.add(project, "a.txt", b"x" * 101)
    assert refused.value.why is Why.TOO_LARGE
    for letter in b"ab":
        await library.add(project, "a.txt", bytes([letter]) * 100)
    with pytest.raises(Unreadable) as refused:
        await library.add(project, "c.txt", b"c" * 100)
    assert refused.value.why is Why.PROJECT_FULL
    _, fresh = await library.add(project, "a.txt", b"a" * 100)
    assert not fresh
    await library.add(project, "c.txt", b"c" * 50)


async def test_two_readers_of_one_document_read_it_once(database: Database, project: ProjectId) -> None:
    library = Library(database)
    document, _ = await library.add(project, "a.txt", TEXT)
    seen: list[list[DocumentState]] = [[], []]
    both = await asyncio.gather(
        *(library.read(project, document.id, lambda each, of=of: of.append(each.state)) for of in seen)  # type: ignore[misc]
    )
    assert [each.state for each in both] == [DocumentState.READY] * 2
    async with database.project(project) as connection:
        row = await (await connection.execute("SELECT due_at, attempts FROM knowledge_documents")).fetchone()
    assert row == {"due_at": None, "attempts": 0}
    other, _ = await library.add(project, "b.txt", TEXT * 2)
    await library.read(project, other.id)
    async with database.project(project) as connection:
        rows = await (await connection.execute("SELECT id FROM knowledge_passages ORDER BY id")).fetchall()
    first, second = (row["id"] for row in rows)
    assert second == first + 1  # a second reading of the first one would have taken a number


async def test_a_reader_that_is_broken_off_leaves_the_document_to_the_next(
    database: Database, project: ProjectId
) -> None:
    library = Library(database)
    document, _ = await library.add(project, "a.pdf", endless_pdf())
    begun = asyncio.Event()
    reading = asyncio.create_task(library.read(project, document.id, lambda each: begun.set()))
    await begun.wait()
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    async with database.door() as connection:
        [due] = await claim_documents(connection, 5, 30)
        assert (due.project, due.document, due.attempts) == (project, document.id, 2)
        assert await claim_documents(connection, 5, 30) == []


async def test_what_waits_is_read_in_the_background_and_given_up_after_three_tries(
    database: Database, project: ProjectId
) -> None:
    library = Library(database)
    fine, _ = await library.add(project, "a.txt", TEXT)
    killer, _ = await library.add(project, "b.txt", TEXT * 2)
    async with database.project(project) as connection:
        await connection.execute(
            "UPDATE knowledge_documents SET attempts = %s WHERE id = %s", (MOST_TRIES, killer.id)
        )
    chore = Reading(database, library)
    await chore.sweep()
    await asyncio.gather(*chore._running)
    states = {each.id: (each.state, each.why) for each in await _documents(database, project)}
    assert states == {
        fine.id: (DocumentState.READY, ""),
        killer.id: (DocumentState.FAILED, Why.TRIES),
    }


async def _documents(database: Database, project: ProjectId) -> list[Document]:
    async with database.project(project) as connection:
        return await list_documents(connection, project)
