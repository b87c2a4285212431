"""Two projects with near-identical documents, worked on at once: neither ever meets a word of the other's."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.support.help_articles import write_help
from tests.support.knowledge import add_project, add_text

from relevo.domain.ids import DocumentId, ProjectId
from relevo.domain.knowledge import Filters
from relevo.domain.signals import Language
from relevo.knowledge.help import Help, load_help
from relevo.knowledge.lexical import LexicalSearch
from relevo.knowledge.library import Library
from relevo.storage.database import Database
from relevo.storage.knowledge_documents import list_documents, read_document, read_file
from relevo.storage.knowledge_index import document_passages

ONE, TWO = ProjectId("one"), ProjectId("two")
CANARY = {ONE: "quetzal", TWO: "cenzontle"}
OPERATIONS = 1_000


async def test_a_thousand_mixed_operations_leak_nothing(database: Database) -> None:
    chance = random.Random(11)
    search, library = LexicalSearch(database), Library(database)
    documents: dict[ProjectId, list[DocumentId]] = {ONE: [], TWO: []}
    for project in (ONE, TWO):
        await add_project(database, project)
        for number in range(20):
            text = f"El contrato número {number} de regalías dice {CANARY[project]} en la cláusula {number}."
            documents[project].append(await add_text(database, project, text, title=f"Contrato {number}"))
    leaks: list[object] = []

    def check(project: ProjectId, said: object) -> None:
        other = CANARY[TWO if project == ONE else ONE]
        if other in str(said):
            leaks.append((project, said))

    async def find(project: ProjectId) -> None:
        other = TWO if project == ONE else ONE
        query = chance.choice(
            ["contrato regalías", f"{CANARY[other]} cláusula", f"contrato {CANARY[project]}"]
        )
        check(project, await search.search(project, query))
        theirs = chance.choice(documents[other])
        if found := await search.search(project, "contrato", Filters(documents=(theirs,))):
            leaks.append((project, found))

    async def look(project: ProjectId) -> None:
        theirs = chance.choice(documents[TWO if project == ONE else ONE])
        async with database.project(project) as connection:
            check(project, await list_documents(connection, project))
            found = (
                await read_document(connection, project, theirs),
                await read_file(connection, project, theirs),
                await document_passages(connection, project, theirs),
            )
            if any(found):
                leaks.append((project, found))

    async def attack(project: ProjectId) -> None:
        theirs = chance.choice(documents[TWO if project == ONE else ONE])
        for act in (library.revoke, library.delete, library.again):
            try:
                await act(project, theirs)
            except LookupError:
                continue
            leaks.append((project, act.__name__))

    async def change(project: ProjectId) -> None:
        mine = f"nuevo {chance.random()} contrato {CANARY[project]}"
        document = await add_text(database, project, mine)
        await library.delete(project, document)

    acts: list[Callable[[ProjectId], Awaitable[None]]] = [find, find, find, look, attack, change]
    gate = asyncio.Semaphore(8)

    async def one(number: int) -> None:
        async with gate:
            await chance.choice(acts)((ONE, TWO)[number % 2])

    await asyncio.gather(*(one(number) for number in range(OPERATIONS)))
    assert leaks == []
    for project in (ONE, TWO):
        found = await search.search(project, f"contrato {CANARY[project]}", most=50)
        assert {each.document for each in found} == set(documents[project])


async def test_help_is_a_project_s_own(database: Database, tmp_path: Path) -> None:
    for project in (ONE, TWO):
        await add_project(database, project)
    await load_help(database, ONE, write_help(tmp_path / "help"))
    for ask in ("¿prensan vinilos de mi disco?", "¿cuánto tardan los vinilos?"):
        assert await Help(database, ONE).answer(ask, Language.ES) is not None
        assert await Help(database, TWO).answer(ask, Language.ES) is None
    assert await Help(database, TWO).titles(Language.ES) == []
    assert await Help(database, TWO).search("vinilos", Language.ES) == []
