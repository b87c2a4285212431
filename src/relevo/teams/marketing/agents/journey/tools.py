"""Mapping and reading the customer journey."""

from typing import Any

from relevo.agents.tool import ToolContext, tool
from relevo.teams.marketing.doing import desk_of, origin_of
from relevo.teams.marketing.findings import Journey
from relevo.teams.marketing.journey import map_journey


@tool(effect=True)
async def make_journey(context: ToolContext) -> dict[str, Any]:
    """Makes the next version of the customer journey."""
    async with desk_of(context) as desk:
        return {"version": (await map_journey(desk, origin_of(context))).version}


@tool()
async def read_journey(context: ToolContext) -> dict[str, Any]:
    """The newest version of the customer journey."""
    async with desk_of(context) as desk:
        found = await desk.works.newest(Journey)
        return {"version": found.version if found else None}
