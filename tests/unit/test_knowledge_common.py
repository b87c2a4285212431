"""Common words are looked up only where others lead, and what is found is what reading everything finds."""

import random

import pytest
from tests.support.knowledge import add_text

from relevo.domain.ids import ProjectId
from relevo.domain.knowledge import ANYTHING, Filters, Found, Kind
from relevo.domain.signals import Language
from relevo.knowledge import common, search
from relevo.knowledge.common import split
from relevo.knowledge.lexical import LexicalSearch
from relevo.storage.database import Database
from relevo.storage.knowledge_postings import Best, Frequencies, Held, best_passages

WORTHS = {"rare": 6.0, "seldom": 4.0, "often": 1.0, "always": 0.1, "nowhere": 9.0}


def known(**holding: int) -> Frequencies:
    return Frequencies(10_000, {term: Held(count, 1.5) for term, count in holding.items()})


def test_what_adds_less_than_the_last_has_is_common() -> None:
    part = split(WORTHS, known(rare=40, seldom=400, often=3_000, always=9_000), 15)
    assert part.telling == {"rare": 6.0, "seldom": 4.0}
    assert part.common == {"often": 1.0, "always": 0.1}
    assert part.beyond == pytest.approx(1.5 * 1.1)


def test_one_word_at_least_finds_passages() -> None:
    assert split(WORTHS, known(always=9_000), 15).telling == {"always": 0.1}
    assert split(WORTHS, known(rare=2, always=9_000), 15).common == {}  # two are fewer than fifteen


def test_where_little_is_to_be_read_all_of_it_is() -> None:
    assert split(WORTHS, known(rare=40, often=500), 15).common == {}


async def test_the_same_is_found_as_by_reading_everything(
    database: Database, project: ProjectId, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With every guess held, and with guesses that fail: then everything is read."""
    chance = random.Random(5)
    vocabulary = [f"pal{'abcdefghij'[number % 10]}{number}" for number in range(60)]
    shares = [1 / (1 + number) for number in range(60)]
    texts = [" ".join(chance.choices(vocabulary, shares, k=20)).ljust(1_150, ".") for _ in range(1_200)]
    await add_text(database, project, *texts)
    queries = [" ".join(chance.choices(vocabulary, shares, k=6)) for _ in range(40)]
    calls: list[tuple[int, bool]] = []

    async def counted(*given: object, late: bool) -> Best:
        best = await best_passages(*given, late=late)  # type: ignore[arg-type]
        calls.append((len(given[4]), best.least is not None and best.least >= given[5]))  # type: ignore
        return best

    async def found() -> list[list[Found]]:
        calls.clear()
        return [await LexicalSearch(database).search(project, query, ANYTHING, 5) for query in queries]

    monkeypatch.setattr(search, "best_passages", counted)
    monkeypatch.setattr(common, "WHOLE", 10**9)
    whole = await found()
    assert {terms for terms, _ in calls} == {0}
    monkeypatch.setattr(common, "WHOLE", 0)
    assert near(await found(), whole)
    assert sum(terms > 0 for terms, _ in calls) > 10
    monkeypatch.setattr(common, "_last", lambda *_: 10.0)  # a guess that is much too high
    assert near(await found(), whole)
    assert len(calls) > len(queries), "a guess failed and everything was read"


def near(one: list[list[Found]], other: list[list[Found]]) -> bool:
    """The same scores in order, of the same passages; sums in another order differ in their last digit.

    Of passages that have the score of the last, either may be the one that is left out.
    """
    for mine, theirs in zip(one, other, strict=True):
        last = mine[-1].score + 1e-4 if mine else 0.0
        if [each.score for each in mine] != pytest.approx([each.score for each in theirs], rel=1e-5):
            return False
        if not {each.passage for each in mine if each.score > last} <= {each.passage for each in theirs}:
            return False
    return True


@pytest.mark.parametrize(("books", "late"), [(0, [True]), (10, [True]), (60, [True, False]), (195, [False])])
async def test_filters_hold_whether_before_or_after_the_ranking(
    database: Database, project: ProjectId, monkeypatch: pytest.MonkeyPatch, books: int, late: list[bool]
) -> None:
    """The books say the word more often, so that they come first where nothing is filtered."""
    await add_text(
        database, project, *(f"Portada {number}.".ljust(1_150, ".") for number in range(200 - books))
    )
    if books:
        said = (f"Portada, portada y portada {number}.".ljust(1_150, ".") for number in range(books))
        await add_text(database, project, *said, kind=Kind.BOOK)
    ways: list[bool] = []

    async def noted(*given: object, late: bool) -> Best:
        ways.append(late)
        return await best_passages(*given, late=late)  # type: ignore[arg-type]

    monkeypatch.setattr(search, "best_passages", noted)
    found = await LexicalSearch(database).search(project, "portada", Filters(kinds=(Kind.USER,)), 8)
    assert ways == late
    assert len(found) == min(8, 200 - books)
    assert {each.kind for each in found} == {Kind.USER}
    scores = [each.score for each in found]
    monkeypatch.setattr(search, "LATE", 2.0)
    again = await LexicalSearch(database).search(project, "portada", Filters(kinds=(Kind.USER,)), 8)
    assert scores == pytest.approx([each.score for each in again], rel=1e-5)


async def test_a_language_that_cannot_bring_in_a_passage_is_not_read(
    database: Database, project: ProjectId, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Language] = []

    async def noted(*given: object, late: bool) -> Best:
        read.append(given[2])  # type: ignore[arg-type]
        return await best_passages(*given, late=late)  # type: ignore[arg-type]

    monkeypatch.setattr(search, "best_passages", noted)
    spanish = [f"La portada del álbum número {number} mide tres mil píxeles." for number in range(5)]
    filling = [f"Nada de eso se dice en el párrafo {number}.".ljust(1_150, ".") for number in range(40)]
    await add_text(database, project, *(each.ljust(1_150, ".") for each in spanish), *filling)
    await add_text(database, project, "Artwork 3 is fine.", language=Language.EN)
    found = await LexicalSearch(database).search(project, "portada del álbum 3 mide píxeles", ANYTHING, 3)
    assert (len(found), read) == (3, [Language.ES])
    found = await LexicalSearch(database).search(project, "portada del álbum 3 mide píxeles", ANYTHING, 10)
    assert read == [Language.ES, Language.ES, Language.EN]
    assert {each.language for each in found} == {Language.ES, Language.EN}
