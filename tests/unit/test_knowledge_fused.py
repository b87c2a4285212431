"""Words and meaning together: what words cannot find, where the embedding speaks; nothing is worse."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.conftest import OpenApp
from tests.support.embedding_server import EmbeddingServer, embedding_server
from tests.support.knowledge import add_project

from relevo.domain.ids import DocumentId, ProjectId
from relevo.domain.knowledge import DocumentState, Filters, Kind
from relevo.domain.signals import Language
from relevo.knowledge.embedding import EmbeddingFailed
from relevo.knowledge.embedding_openai import OpenAIEmbedder
from relevo.knowledge.lexical import LexicalSearch
from relevo.knowledge.library import Library
from relevo.knowledge.reading.errors import Why
from relevo.settings import Misconfigured, Settings
from relevo.storage.database import Database

ENGLISH = (
    "# One\n\nThe red car of my aunt stands in the garage.\n\n"
    "# Two\n\nOur doctor sees people on Mondays and on Fridays.\n\n"
    "# Three\n\nThe dog sleeps under the table all day long."
)
SPANISH = (
    "# Uno\n\nEl coche rojo de mi tía está en el garaje.\n\n"
    "# Dos\n\nNuestro médico atiende los lunes y los viernes.\n\n"
    "# Tres\n\nEl perro duerme debajo de la mesa todo el día."
)
OTHER = ProjectId("other")


@asynccontextmanager
async def library_of(database: Database, *speaks: Language) -> AsyncIterator[tuple[Library, EmbeddingServer]]:
    async with embedding_server() as server:
        embedder = OpenAIEmbedder("test-3-small", server.url, "k", frozenset(speaks), 5)
        yield Library(database, embedder=embedder), server
        await embedder.close()


async def put(library: Library, project: ProjectId, name: str, text: str, kind: Kind = Kind.USER) -> str:
    document, _ = await library.add(project, name, text.encode(), kind=kind)
    assert (await library.read(project, document.id)).state is DocumentState.READY
    return document.id


async def test_meaning_finds_what_words_do_not(database: Database, project: ProjectId) -> None:
    async with library_of(database, Language.EN) as (library, _):
        await put(library, project, "a.md", ENGLISH)
        for query, held in (("the automobile", "car"), ("which physician", "doctor"), ("a hound", "dog")):
            assert await LexicalSearch(database).search(project, query) == []
            [best, *_] = await library.search.search(project, query)
            assert held in best.text
            assert best.matched == ()
        [both, *_] = await library.search.search(project, "the red automobile of my aunt")
        assert "car" in both.text
        assert {"red", "aunt"} <= set(both.matched)
        scores = [each.score for each in await library.search.search(project, "the red automobile")]
        assert scores == sorted(scores, reverse=True)


async def test_where_the_embedding_does_not_speak_nothing_changes(
    database: Database, project: ProjectId
) -> None:
    """An English embedding and Spanish questions: the very list that the words give, and no call."""
    async with library_of(database, Language.EN) as (library, server):
        await put(library, project, "es.md", SPANISH)
        await put(library, project, "en.md", ENGLISH)
        read = len(server.asked)
        for query in ("¿qué coche está en el garaje?", "médico los lunes", "¿dónde duerme el perro?", "tía"):
            words = await LexicalSearch(database).search(project, query)
            assert await library.search.search(project, query) == words, query
        assert len(server.asked) == read
        found = await library.search.search(project, "the automobile that is in the garage")
        assert {each.language for each in found if not each.matched} == {Language.EN}


async def test_filters_hold_for_meaning_too(database: Database, project: ProjectId) -> None:
    async with library_of(database, Language.EN) as (library, _):
        mine = await put(library, project, "a.md", ENGLISH)
        book = await put(library, project, "b.md", f"{ENGLISH}\n\nEnd.", Kind.BOOK)
        for filters, wanted in (
            (Filters(kinds=(Kind.BOOK,)), {book}),
            (Filters(documents=(DocumentId(mine),)), {mine}),
            (Filters(tags=("none",)), set()),
            (Filters(language=Language.ES), set()),
        ):
            found = await library.search.search(project, "the automobile", filters)
            assert {each.document for each in found} == wanted, filters


async def test_projects_do_not_meet_and_what_is_deleted_is_gone(
    database: Database, project: ProjectId
) -> None:
    async with library_of(database, Language.EN) as (library, _):
        await add_project(database, OTHER)
        theirs = await put(library, OTHER, "a.md", ENGLISH)
        assert await library.search.search(project, "the automobile") == []
        ours = DocumentId(await put(library, project, "a.md", ENGLISH))
        found = await library.search.search(project, "the automobile")
        assert {each.document for each in found} == {ours} != {theirs}
        await library.revoke(project, ours)
        assert await library.search.search(project, "the automobile") == []
        await library.again(project, ours)
        assert await library.search.search(project, "the automobile") != []
        await library.delete(project, ours)
        async with database.project(project) as connection:
            rows = await (await connection.execute("SELECT FROM knowledge_vectors")).fetchall()
        assert rows == []
        async with database.project(OTHER) as connection:
            rows = await (await connection.execute("SELECT FROM knowledge_vectors")).fetchall()
        assert len(rows) == 3


@pytest.mark.parametrize("fault", [400, "short", "empty"])
async def test_without_an_answer_of_the_embedding_words_answer_alone(
    database: Database, project: ProjectId, fault: int | str
) -> None:
    async with library_of(database, Language.EN) as (library, server):
        server.fault = fault
        document, _ = await library.add(project, "a.md", ENGLISH.encode())
        read = await library.read(project, document.id)
        assert (read.state, read.why) == (DocumentState.READY, Why.NOT_EMBEDDED)
        [best, *_] = await library.search.search(project, "the red car")
        assert "car" in best.text
        server.fault = None
        mended = await library.again(project, document.id)
        assert (mended.state, mended.why) == (DocumentState.READY, "")
        assert await library.search.search(project, "the automobile") != []


async def test_many_texts_go_in_batches_and_come_back_in_their_order() -> None:
    async with embedding_server() as server:
        embedder = OpenAIEmbedder("m", server.url, "k", frozenset(Language), 5)
        texts = [f"word{number}" for number in range(150)]
        vectors = await embedder.embed(texts)
        assert [len(each["input"]) for each in server.asked] == [64, 64, 22]
        [alone] = await embedder.embed(["word100"])
        assert vectors[100] == alone
        server.fault = 401
        with pytest.raises(EmbeddingFailed):
            await embedder.embed(["x"])
        await embedder.close()


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"embeddings": "openai:"}, "EMBEDDINGS"),
        ({"embeddings": "cohere:x"}, "EMBEDDINGS"),
        ({"embeddings_languages": "fr"}, "EMBEDDINGS_LANGUAGES"),
        ({"embeddings_languages": ""}, "EMBEDDINGS_LANGUAGES"),
    ],
)
def test_wrong_settings_are_named(changes: dict[str, str], named: str) -> None:
    with pytest.raises(ValueError, match=named.lower()):
        Settings(_env_file=None, **changes)  # type: ignore[arg-type,call-arg]


async def test_a_key_that_is_missing_is_named(open_installation: OpenApp) -> None:
    with pytest.raises(Misconfigured, match="EMBEDDINGS"):
        await open_installation(embeddings="openai:text-embedding-3-small")
