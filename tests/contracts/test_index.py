"""What every search over passages keeps: the right one first, held to its filters, gone when it is gone."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from tests.support.knowledge import add_project, add_text

from relevo.domain.ids import DocumentId, ProjectId
from relevo.domain.knowledge import ANYTHING, Filters, Found, Kind
from relevo.domain.signals import Language
from relevo.knowledge.lexical import LexicalSearch
from relevo.knowledge.port import Search
from relevo.storage.database import Database, NoProject
from relevo.storage.knowledge_documents import delete_document, revoke_document

OTHER = ProjectId("other")


class SearchContract:
    """The tests; a subclass says with what."""

    @pytest.fixture
    def search(self, database: Database) -> Search:
        raise NotImplementedError

    async def test_the_passage_that_is_asked_for_comes_first(
        self, database: Database, project: ProjectId, search: Search
    ) -> None:
        await add_text(database, project, "Las regalías se pagan cada trimestre.", title="Pagos")
        right = await add_text(database, project, "La portada debe medir 3000 píxeles.", title="Portadas")
        found = await search.search(project, "¿cuánto tiene que medir mi portada?")
        assert found[0].document == right
        assert found[0].matched == ("medir", "portada")
        assert found[0].sentence == "La portada debe medir 3000 píxeles."
        assert found == sorted(found, key=lambda each: -each.score)

    async def test_accents_endings_and_case_make_no_difference(
        self, database: Database, project: ProjectId, search: Search
    ) -> None:
        right = await add_text(database, project, "Las CANCIÓNES rechazadas se corrigen aquí.")
        await add_text(database, project, "Los retiros tardan cinco días.")
        for query in ("cancion rechazada", "CANCIONES", "¿corrigen rechazos de canción?"):
            assert [each.document for each in await search.search(project, query)][:1] == [right], query

    async def test_another_project_s_passages_are_never_found(
        self, database: Database, project: ProjectId, search: Search
    ) -> None:
        await add_project(database, OTHER)
        mine = await add_text(database, project, "El secreto de la casa es el ajo.")
        theirs = await add_text(database, OTHER, "El secreto de la casa es el ajo y el secreto es nuestro.")
        assert {each.document for each in await search.search(project, "secreto ajo")} == {mine}
        assert {each.document for each in await search.search(OTHER, "secreto ajo")} == {theirs}
        assert await search.search(project, "secreto", Filters(documents=(theirs,))) == []

    async def test_without_a_project_nothing_is_searched(self, search: Search) -> None:
        with pytest.raises(NoProject):
            await search.search(ProjectId(""), "secreto")

    @pytest.mark.parametrize("query", ["", "   ", "de la que", "¿¡!?", "zzzqqq", "' OR 1=1 --", "\x00" * 5])
    async def test_a_query_that_asks_for_nothing_finds_nothing(
        self, database: Database, project: ProjectId, search: Search, query: str
    ) -> None:
        await add_text(database, project, "La portada debe medir 3000 píxeles.")
        assert await search.search(project, query) == []

    async def test_filters_hold(self, database: Database, project: ProjectId, search: Search) -> None:
        text = "La portada debe medir 3000 píxeles"
        book = await add_text(database, project, f"{text}.", kind=Kind.BOOK, tags=("arte", "a"))
        user = await add_text(database, project, f"{text} exactos.", tags=("b",))
        english = await add_text(
            database, project, "The portada artwork must be 3000 pixels.", language=Language.EN
        )

        async def found(filters: Filters) -> set[DocumentId]:
            return {each.document for each in await search.search(project, "portada", filters)}

        now = datetime.now(UTC)
        assert await found(ANYTHING) == {book, user, english}
        assert await found(Filters(kinds=(Kind.BOOK,))) == {book}
        assert await found(Filters(documents=(user, english))) == {user, english}
        assert await found(Filters(language=Language.EN)) == {english}
        assert await found(Filters(tags=("b", "x"))) == {user}
        assert await found(Filters(kinds=(Kind.BOOK,), tags=("b",))) == set()
        assert await found(Filters(since=now - timedelta(hours=1))) == {book, user, english}
        assert await found(Filters(since=now + timedelta(hours=1))) == set()
        assert await found(Filters(until=now - timedelta(hours=1))) == set()

    async def test_what_is_revoked_or_deleted_is_gone_at_once(
        self, database: Database, project: ProjectId, search: Search
    ) -> None:
        first = await add_text(database, project, "La portada debe medir 3000 píxeles.")
        second = await add_text(database, project, "Otra portada mide 1400 píxeles.")
        async with database.project(project) as connection:
            assert await revoke_document(connection, project, first)
        assert [each.document for each in await search.search(project, "portada")] == [second]
        async with database.project(project) as connection:
            assert await delete_document(connection, project, second)
            assert not await delete_document(connection, project, second)
        assert await search.search(project, "portada") == []

    async def test_among_ten_thousand_passages_the_one_that_fits_is_first(
        self, database: Database, project: ProjectId, search: Search
    ) -> None:
        chance = random.Random(7)
        syllables = ["ba", "ce", "di", "fo", "gu", "ka", "le", "mi", "no", "pu", "ra", "se", "ti", "vo"]
        vocabulary = ["".join(chance.choices(syllables, k=3)) for _ in range(3_000)]
        texts = [" ".join(chance.choices(vocabulary, k=12)).ljust(1_150, ".") for _ in range(10_000)]
        texts[7_777] = texts[7_777].replace(".", " quetzalcoatl ", 1)
        document = await add_text(database, project, *texts)
        found = await search.search(project, f"quetzalcoatl {texts[7_777].split()[0]}")
        assert len(found) == 10
        assert found[0].document == document
        assert found[0].text == texts[7_777].strip()

    async def test_a_project_with_one_passage_in_a_hundred_keeps_its_recall(
        self, database: Database, project: ProjectId, search: Search
    ) -> None:
        """Each of its passages is found by its own words, whatever the other project holds."""
        await add_project(database, OTHER)
        chance = random.Random(3)
        vocabulary = [f"pal{number}bra" for number in range(400)]

        def text() -> str:
            return " ".join(chance.choices(vocabulary, k=20)).ljust(1_150, ".")

        await add_text(database, OTHER, *(text() for _ in range(2_000)))
        own = [text() for _ in range(20)]
        await add_text(database, project, *own)
        first = 0
        for each in own:
            found = await search.search(project, " ".join(each.strip(".").split()[:6]))
            assert {hit.text.rstrip(".") for hit in found} <= {mine.rstrip(".") for mine in own}
            first += found[0].text.rstrip(".") == each.rstrip(".")
        assert first >= 19


class TestLexical(SearchContract):
    @pytest.fixture
    def search(self, database: Database) -> Search:
        return LexicalSearch(database)

    async def test_a_title_and_headings_are_found_too(
        self, database: Database, project: ProjectId, search: Search
    ) -> None:
        right = await add_text(database, project, "Mide tres mil por tres mil.", title="Portadas")
        found: list[Found] = await search.search(project, "portadas")
        assert [each.document for each in found] == [right]
