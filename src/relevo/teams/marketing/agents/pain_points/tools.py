"""Finding and reading the pain points."""

from typing import Any

from relevo.agents.tool import ToolContext, tool
from relevo.teams.marketing.doing import desk_of, origin_of
from relevo.teams.marketing.findings import PainPoints
from relevo.teams.marketing.pain_points import find_pain_points


@tool(effect=True)
async def make_pain_points(context: ToolContext) -> dict[str, Any]:
    """Makes the next version of the pain points."""
    async with desk_of(context) as desk:
        return {"version": (await find_pain_points(desk, origin_of(context))).version}


@tool()
async def read_pain_points(context: ToolContext) -> dict[str, Any]:
    """The newest version of the pain points."""
    async with desk_of(context) as desk:
        found = await desk.works.newest(PainPoints)
        return {"version": found.version if found else None}
