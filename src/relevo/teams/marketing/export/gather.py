"""Gathers what there is to hand on with a persona."""

import asyncio

from relevo.teams.marketing.desk import Desk
from relevo.teams.marketing.export.report import Report
from relevo.teams.marketing.findings import Forum, Journey, PainPoints
from relevo.teams.marketing.values import Persona


async def report_of(desk: Desk, persona: Persona) -> Report:
    """The persona with the newest of everything that was found out."""
    forum, points, journey = await asyncio.gather(
        desk.works.newest(Forum), desk.works.newest(PainPoints), desk.works.newest(Journey)
    )
    return Report(await desk.works.template(), persona, forum, points, journey)
