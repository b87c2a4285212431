"""Reading and summarising the project's documents."""

from typing import Any

from relevo.agents.tool import ToolContext, tool
from relevo.teams.marketing.doing import desk_of, origin_of
from relevo.teams.marketing.summary import process_documents


@tool(effect=True)
async def read_documents(context: ToolContext) -> dict[str, Any]:
    """Reads the documents that wait, and summarises those that are ready."""
    async with desk_of(context) as desk:
        summary, failed = await process_documents(desk, origin_of(context))
        return {
            "version": summary.version,
            "failed": [{"title": each.title, "why": each.why} for each in failed],
        }
