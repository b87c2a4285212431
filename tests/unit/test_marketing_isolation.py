"""Two marketing projects with near-identical documents, worked on at once: neither ever sees the other's."""

import asyncio
import random

from tests.support.knowledge import add_project, add_text
from tests.support.marketing_desk import desk_of

from relevo.domain.ids import ProjectId
from relevo.storage.database import Database
from relevo.teams.marketing.export import FORMATS, Report
from relevo.teams.marketing.journey import map_journey
from relevo.teams.marketing.pain_points import find_pain_points
from relevo.teams.marketing.persona import build_persona, edit_answer, known_persona
from relevo.teams.marketing.summary import process_documents
from relevo.teams.marketing.values import Brief

OPERATIONS = 1_000
ONE, TWO = ProjectId("one"), ProjectId("two")
MARK = {ONE: "Aurelia", TWO: "Benigna"}


async def test_alternating_projects_never_meet(database: Database) -> None:
    for project, mark in MARK.items():
        await add_project(database, project)
        await add_text(
            database,
            project,
            f"La clienta se llama {mark} y vive en Valencia con dos hijos.",
            f"A {mark} le preocupa la sequía: su problema es que todo se seca en agosto.",
            f"¿Cuánto cuesta el huerto que quiere {mark}?",
            title=f"entrevista de {mark}",
        )
        await build_persona(desk_of(database, project))
    chance = random.Random(7)
    met: list[str] = []

    async def work(number: int) -> None:
        project, other = (ONE, TWO) if number % 2 else (TWO, ONE)
        desk = desk_of(database, project)
        match chance.randrange(8):
            case 0:
                said = (await build_persona(desk)).model_dump_json()
            case 1:
                said = (await find_pain_points(desk)).model_dump_json()
            case 2:
                said = (await map_journey(desk)).model_dump_json()
            case 3:
                said = (await process_documents(desk))[0].model_dump_json()
            case 4:
                persona = await known_persona(desk)
                said = FORMATS["json"](Report(await desk.works.template(), persona)).decode()
            case 5:
                said = (await edit_answer(desk, "excusas", f"Lo dice {MARK[project]}")).model_dump_json()
            case 6:
                await desk.works.save_brief(Brief(answers={"offer": f"Huertos para {MARK[project]}"}))
                said = (await desk.works.brief()).model_dump_json()
            case _:
                said = str(await desk.search.search(project, f"{MARK[other]} {MARK[project]} sequía"))
        if MARK[other] in said:
            met.append(said)
        assert MARK[project] in said

    for start in range(0, OPERATIONS, 12):
        await asyncio.gather(*(work(number) for number in range(start, start + 12)))
    assert met == []
