"""The whole analysis as a job: one at a time, under a lease, cancelled, resumed, bounded, and delivered."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from tests.support.marketing_brain import answer, purpose_of
from tests.support.marketing_desk import Hands, add_samples, hands_of
from tests.support.model_protocol import Fault, Outcome

from relevo.domain.ids import ConversationId, ProjectId
from relevo.domain.message import InboundMessage
from relevo.domain.signals import Language
from relevo.storage.analyses import (
    Analysis,
    Claimed,
    begin_analysis,
    cancel_analysis,
    claim_analyses,
    end_analysis,
    finish_step,
    latest_analysis,
    renew_analysis,
    resume_analysis,
)
from relevo.storage.chats import open_chat
from relevo.storage.database import Database
from relevo.storage.lease import Fenced
from relevo.teams.marketing.analysis import MOST_CALLS, STEPS
from relevo.teams.marketing.background import MOST_TRIES, Analyses
from relevo.teams.marketing.findings import Forum, Journey, PainPoints, Summary
from relevo.teams.marketing.values import Maker
from relevo.teams.marketing.works import Works

LEASE = 30.0


@pytest.fixture
async def chat(database: Database, project: ProjectId) -> ConversationId:
    draft = InboundMessage(project, "api", "", "", "", None, None)  # type: ignore[arg-type]
    async with database.project(project) as connection:
        return await open_chat(connection, draft)


async def begun(database: Database, project: ProjectId, chat: ConversationId) -> Analysis:
    async with database.project(project) as connection:
        return await begin_analysis(connection, project, STEPS, Language.ES, chat)


async def now(database: Database, project: ProjectId) -> Analysis:
    async with database.project(project) as connection:
        analysis = await latest_analysis(connection, project)
    assert analysis is not None
    return analysis


async def claim(database: Database) -> Claimed:
    async with database.door() as connection:
        [claimed] = await claim_analyses(connection, 5, LEASE)
    return claimed


async def due_again(database: Database, project: ProjectId) -> None:
    """As if the lease had run out, or the rest were over."""
    async with database.project(project) as connection:
        await connection.execute("UPDATE marketing_analyses SET due_at = now() WHERE due_at IS NOT NULL")


def hangs_at(purpose: str, reached: asyncio.Event) -> Callable[[dict[str, Any]], Outcome]:
    def script(body: dict[str, Any]) -> Outcome:
        if purpose_of(body) != purpose:
            return answer(body)
        reached.set()
        return Fault("never")

    return script


async def test_it_runs_from_documents_to_journey_and_delivers(
    database: Database, project: ProjectId, chat: ConversationId
) -> None:
    await add_samples(database, project)
    await begun(database, project, chat)
    async with hands_of(database) as (hands, server):
        await Analyses(hands).run(await claim(database))
    done = await now(database, project)
    assert (done.state, done.finished, done.done) == ("done", STEPS, 1.0)
    assert done.calls == len(server.requests) <= MOST_CALLS
    assert [(each["step"], each["done"]) for each in hands.told] == [
        *((step, number) for number, step in enumerate(STEPS)),
        ("", len(STEPS)),
    ]
    assert len(hands.said) == 1
    works = Works(database, project)
    for kind in (Summary, Forum, PainPoints, Journey):
        found = await works.newest(kind)
        assert found is not None
        assert (found.version, found.maker) == (1, Maker.MODEL)
    assert await works.library() == []


async def test_without_a_model_everything_but_the_forum_is_made(
    database: Database, project: ProjectId, chat: ConversationId
) -> None:
    await add_samples(database, project)
    await begun(database, project, chat)
    async with hands_of(database, model=False) as (hands, _):
        await Analyses(hands).run(await claim(database))
    works = Works(database, project)
    assert (await now(database, project)).state == "done"
    assert await works.newest(Forum) is None
    assert await works.newest(PainPoints) is not None
    assert "hace falta un modelo" in hands.said[0]


async def test_one_at_a_time_and_taken_once(
    database: Database, project: ProjectId, chat: ConversationId
) -> None:
    first = await begun(database, project, chat)
    assert (await begun(database, project, chat)).id == first.id
    async with database.door() as one, database.door() as other:
        taken = await asyncio.gather(claim_analyses(one, 5, LEASE), claim_analyses(other, 5, LEASE))
    assert sum(map(len, taken)) == 1


async def test_a_worker_that_stops_leaves_it_to_the_next_which_goes_on(
    database: Database, project: ProjectId, chat: ConversationId
) -> None:
    await add_samples(database, project)
    await begun(database, project, chat)
    async with hands_of(database) as (hands, server):
        reached = asyncio.Event()
        server.script(hangs_at("forum", reached))
        first = Analyses(hands)
        await first.sweep()
        await asyncio.wait_for(reached.wait(), 30)
        await first.stop()
        assert (await now(database, project)).finished == ("documents", "persona")
        await due_again(database, project)
        server.script(answer)
        await Analyses(hands).run(await claim(database))
        asked = [purpose_of(body) for body in server.requests]
    done = await now(database, project)
    assert (done.state, set(done.finished)) == ("done", set(STEPS))
    assert asked.count("persona") == 1
    assert [each.version for each in await Works(database, project).persona_versions()] == [1]


async def test_it_is_cancelled_in_the_middle_of_a_call_and_resumed(
    database: Database, project: ProjectId, chat: ConversationId
) -> None:
    await add_samples(database, project)
    analysis = await begun(database, project, chat)
    async with hands_of(database) as (hands, server):
        reached = asyncio.Event()
        server.script(hangs_at("forum", reached))
        running = asyncio.create_task(Analyses(hands, renew=0.02).run(await claim(database)))
        await asyncio.wait_for(reached.wait(), 30)
        async with database.project(project) as connection:
            await cancel_analysis(connection, project, analysis.id)
        await asyncio.wait_for(running, 30)
        stopped = await now(database, project)
        assert (stopped.state, stopped.finished) == ("cancelled", ("documents", "persona"))
        assert "cancelado" in hands.said[-1]
        async with database.door() as connection:
            assert await claim_analyses(connection, 5, LEASE) == []
        server.script(answer)
        async with database.project(project) as connection:
            await resume_analysis(connection, project, analysis.id)
        await Analyses(hands).run(await claim(database))
    assert (await now(database, project)).state == "done"


async def test_what_no_worker_has_taken_is_cancelled_at_once(
    database: Database, project: ProjectId, chat: ConversationId
) -> None:
    analysis = await begun(database, project, chat)
    async with database.project(project) as connection:
        cancelled = await cancel_analysis(connection, project, analysis.id)
    assert cancelled is not None
    assert cancelled.state == "cancelled"
    async with database.door() as connection:
        assert await claim_analyses(connection, 5, LEASE) == []


async def test_a_stale_worker_can_write_nothing_more(
    database: Database, project: ProjectId, chat: ConversationId
) -> None:
    await begun(database, project, chat)
    stale = await claim(database)
    await due_again(database, project)
    fresh = await claim(database)
    async with database.project(project) as connection:
        for doing in (
            renew_analysis(connection, stale, LEASE),
            finish_step(connection, stale, "persona", 1),
            end_analysis(connection, stale, "done"),
        ):
            with pytest.raises(Fenced):
                await doing
        assert await renew_analysis(connection, fresh, LEASE) is False
    async with hands_of(database) as (hands, server):
        await Analyses(hands).run(stale)
        assert server.requests == []
        assert hands.said == []


async def test_a_step_without_an_answer_is_tried_again_then_given_up(
    database: Database, project: ProjectId, chat: ConversationId
) -> None:
    await add_samples(database, project)
    await begun(database, project, chat)
    async with hands_of(database) as (hands, server):
        server.script(lambda body: Fault("bad_request") if purpose_of(body) == "forum" else answer(body))
        for _ in range(MOST_TRIES):
            await Analyses(hands).run(await claim(database))
            await due_again(database, project)
        failed = await now(database, project)
        assert (failed.state, failed.why) == ("failed", "refused")
        assert failed.finished == ("documents", "persona")
        assert "no pudo terminar (refused)" in hands.said[-1]
        asked = [purpose_of(body) for body in server.requests]
        assert (asked.count("forum"), asked.count("persona")) == (MOST_TRIES, 1)


async def test_no_failing_model_makes_it_ask_more_than_it_may(
    database: Database, project: ProjectId, chat: ConversationId
) -> None:
    """Servers that break at every call cost three wire calls a question; resumed again and again."""
    await add_samples(database, project)
    analysis = await begun(database, project, chat)
    async with hands_of(database) as (hands, server):
        server.script(lambda body: Fault("server") if purpose_of(body) == "forum" else answer(body))
        for _ in range(4):
            for _ in range(MOST_TRIES):
                async with database.door() as connection:
                    claimed = await claim_analyses(connection, 5, LEASE)
                for each in claimed:
                    await Analyses(hands).run(each)
                await due_again(database, project)
            async with database.project(project) as connection:
                await resume_analysis(connection, project, analysis.id)
        assert len(server.requests) <= MOST_CALLS
        assert (await now(database, project)).calls == len(server.requests)


async def test_another_project_s_analysis_is_out_of_reach(
    database: Database, project: ProjectId, chat: ConversationId
) -> None:
    analysis = await begun(database, project, chat)
    async with database.project(ProjectId("other")) as connection:
        assert await cancel_analysis(connection, ProjectId("other"), analysis.id) is None
        assert await cancel_analysis(connection, project, analysis.id) is None
    assert (await now(database, project)).cancel is False


def test_hands_are_what_a_chore_is_given() -> None:
    from relevo.agents.background import Hands as Port

    assert {name for name in dir(Port) if not name.startswith("_")} <= set(dir(Hands)) | {"database", "clock"}
