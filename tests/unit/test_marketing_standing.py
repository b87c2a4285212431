"""What is left of the works when a document they were made from is deleted or revoked."""

import pytest
from tests.support.marketing_desk import add_samples, desk_of, scripted

from relevo.domain.ids import ProjectId
from relevo.storage.database import Database
from relevo.storage.knowledge_documents import list_documents
from relevo.teams.marketing.findings import PainPoints, Summary
from relevo.teams.marketing.pain_points import find_pain_points
from relevo.teams.marketing.persona import build_persona, edit_answer
from relevo.teams.marketing.summary import process_documents
from relevo.teams.marketing.values import Basis


@pytest.fixture
async def documents(database: Database, project: ProjectId) -> dict[str, str]:
    """The ids of the sample documents by title."""
    await add_samples(database, project)
    async with database.project(project) as connection:
        return {each.title: each.id for each in await list_documents(connection, project)}


async def test_what_was_a_documents_own_sentence_goes_with_it(
    database: Database, project: ProjectId, documents: dict[str, str]
) -> None:
    desk = desk_of(database, project)
    before = await build_persona(desk)
    await edit_answer(desk, "dolor", "Lo que yo sé de ella")
    await find_pain_points(desk)
    await process_documents(desk)
    told = next(each for each in before.answers if each.quotes and each.quotes[0].title == "entrevistas")
    await desk.library.delete(project, documents["entrevistas"])  # type: ignore[arg-type]
    persona = await desk.works.persona()
    assert persona is not None
    assert persona.answer(told.key).text == ""
    assert persona.answer(told.key).basis is Basis.UNKNOWN
    assert persona.answer("dolor").text == "Lo que yo sé de ella"
    assert {quote.title for each in persona.answers for quote in each.quotes} == {
        "encuesta", "mensajes", "oferta",
    }  # fmt: skip
    points, summary = await desk.works.newest(PainPoints), await desk.works.newest(Summary)
    assert points is not None
    assert summary is not None
    assert "entrevistas" not in {quote.title for each in points.points for quote in each.quotes}
    assert [each.rank for each in points.points] == list(range(1, len(points.points) + 1))
    assert "entrevistas" not in {each.title for each in summary.documents}
    again = await build_persona(desk)
    assert "entrevistas" not in {quote.title for each in again.answers for quote in each.quotes}


async def test_what_a_model_concluded_stays_without_the_evidence(
    database: Database, project: ProjectId, documents: dict[str, str]
) -> None:
    async with scripted(database, project) as (desk, _):
        before = await build_persona(desk)
        quoted = [each for each in before.answers if each.basis is Basis.DOCUMENTS]
        assert quoted
        for id in documents.values():
            await desk.library.revoke(project, id)  # type: ignore[arg-type]
        after = await desk.works.persona()
        assert after is not None
        for each in quoted:
            left = after.answer(each.key)
            assert (left.text, left.basis, left.quotes) == (each.text, Basis.INFERRED, ())
        for id in documents.values():
            await desk.library.again(project, id)  # type: ignore[arg-type]
        assert (await desk.works.persona()) == before
