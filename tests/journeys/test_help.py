"""A question that no play answers: the help answers with its source, or it is kept as a gap."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from tests.conftest import OpenApp
from tests.support.help_articles import write_help
from tests.support.http import Site, served

from relevo.domain.ids import ConversationId, ProjectId, TurnId
from relevo.domain.signals import Language
from relevo.knowledge.articles import document_of
from relevo.knowledge.gaps import Gap, grouped
from relevo.pipeline.replay import replay
from relevo.storage.knowledge_gaps import read_gaps
from relevo.storage.turns import read_turn


@pytest_asyncio.fixture
async def site(
    open_installation: OpenApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Site]:
    """An installation whose music team has a help of two articles."""
    monkeypatch.setattr("relevo.app.HELP_FOLDER", str(write_help(tmp_path / "help")))
    async with served(await open_installation()) as opened:
        yield opened


async def _gaps(site: Site) -> list[Gap]:
    project = site.app.default_project
    async with site.app.database.project(project) as connection:
        return grouped(await read_gaps(connection, project, 100))


def _said(reply: dict[str, Any]) -> str:
    return str(reply["content"])


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (
            "¿prensan vinilos de mi disco?",
            "Prensamos vinilos de 12 pulgadas desde 100 copias. Tardan ocho semanas.\n\n"
            "De nuestra ayuda: «Prensado de vinilos» /help/vinyl?lang=es",
        ),
        (
            "do you press records on vinyl?",
            "We press 12-inch vinyl from 100 copies. It takes eight weeks.\n\n"
            "From our help: “Pressing vinyl” /help/vinyl?lang=en",
        ),
    ],
)
async def test_the_help_answers_and_names_an_article_that_opens(
    site: Site, question: str, answer: str
) -> None:
    reply = await site.say(await site.open_chat(), question)
    assert answer in _said(reply)
    link = _said(reply).rsplit(" ", 1)[1]
    async with httpx.AsyncClient(base_url=site.url) as anybody:
        page = await anybody.get(link)
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "<h2>Col" in page.text
    assert await _gaps(site) == []


async def test_what_nobody_can_answer_is_kept_as_a_gap_and_a_replay_keeps_none(site: Site) -> None:
    chat = await site.open_chat()
    first = await site.say(chat, "¿mis canciones pueden sonar en el metro de la ciudad?")
    await site.say(await site.open_chat(), "mi canción podría sonar en el metro de mi ciudad?")
    [gap] = await _gaps(site)
    assert (gap.times, gap.language) == (2, "es")
    assert "¿mis canciones pueden sonar en el metro de la ciudad?" in gap.examples
    app = site.app
    async with app.database.project(app.default_project) as connection:
        row = await read_turn(connection, app.default_project, ConversationId(chat), TurnId(first["turn"]))
    assert row is not None
    engine, _ = await app.staff(app.default_project)
    await replay(engine, row)
    assert [each.times for each in await _gaps(site)] == [2]


async def test_a_gap_goes_with_its_message(site: Site) -> None:
    await site.say(await site.open_chat(), "¿mis canciones pueden sonar en el metro de la ciudad?")
    assert len(await _gaps(site)) == 1
    async with site.app.database.project(site.app.default_project) as connection:
        await connection.execute("DELETE FROM profile_slots")
        await connection.execute("DELETE FROM messages WHERE id IN (SELECT message_id FROM knowledge_gaps)")
    assert await _gaps(site) == []


async def test_a_revoked_article_is_gone_from_answers_and_pages_at_once(site: Site) -> None:
    await site.app.library.revoke(site.app.default_project, document_of(Language.ES, "vinyl"))
    reply = await site.say(await site.open_chat(), "¿prensan vinilos de mi disco?")
    assert "ocho semanas" not in _said(reply)
    assert (await site.client.get("/help/vinyl?lang=es")).status_code == 404


async def test_pages_show_articles_as_text_and_nobody_else_s(site: Site) -> None:
    page = (await site.client.get("/help/karaoke?lang=es")).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script" not in page
    assert "<img" not in page
    listed = (await site.client.get("/help?lang=en")).text
    assert 'href="/help/vinyl?lang=en"' in listed
    assert "Karaoke tracks" in listed
    answers = [
        await site.client.get(path)
        for path in (
            "/help/none",
            "/help/other/vinyl",
            f"/help/{site.app.default_project}/none",
            "/help/other",
        )
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    for odd in ("/help/..%2f..%2fetc", "/help/VINYL", "/help/a%00b", "/help/vinyl?lang=xx"):
        assert (await site.client.get(odd)).status_code in (404, 422), odd


async def test_another_project_of_the_team_has_its_own_help(site: Site) -> None:
    app, other = site.app, ProjectId("other")
    async with app.database.project(other) as connection:
        await connection.execute(
            "INSERT INTO projects (project_id, team, name) VALUES ('other', 'music', 'Other')"
        )
    assert (await site.client.get("/help/other/vinyl")).status_code == 404
    await app.staff(other)
    assert "ocho semanas" in (await site.client.get("/help/other/vinyl")).text
    assert 'href="/help/other/vinyl?lang=es"' in (await site.client.get("/help/other")).text


async def test_links_are_whole_where_the_world_knows_our_address(
    open_installation: OpenApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relevo.app.HELP_FOLDER", str(write_help(tmp_path / "help")))
    app = await open_installation(public_url="https://care.example.com")
    quote = await app.help_of(app.default_project).answer("¿cuánto tardan los vinilos?", Language.ES)
    assert quote is not None
    assert quote.link == "https://care.example.com/help/vinyl?lang=es"
    team = await app.team_of(app.default_project)
    assert "care.example.com" in app.links_of(team)
    engine, _ = await app.staff(app.default_project)
    assert engine.team.links == app.links_of(team)
