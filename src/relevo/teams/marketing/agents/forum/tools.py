"""Simulating and reading the forum."""

from typing import Any

from relevo.agents.tool import ToolContext, tool
from relevo.teams.marketing.doing import desk_of, origin_of
from relevo.teams.marketing.findings import Forum
from relevo.teams.marketing.forum import simulate_forum


@tool(effect=True)
async def make_forum(context: ToolContext) -> dict[str, Any]:
    """Makes the next version of the forum."""
    async with desk_of(context) as desk:
        return {"version": (await simulate_forum(desk, origin_of(context))).version}


@tool()
async def read_forum(context: ToolContext) -> dict[str, Any]:
    """The newest version of the forum."""
    async with desk_of(context) as desk:
        found = await desk.works.newest(Forum)
        return {"version": found.version if found else None}
