"""Writing content, for a person's own request."""

from typing import Any

from relevo.agents.tool import ToolContext, ToolError, tool
from relevo.teams.marketing.content import write_content
from relevo.teams.marketing.doing import desk_of, origin_of
from relevo.teams.marketing.requests import content_request
from relevo.teams.marketing.says import sentences


@tool(effect=True)
async def write(context: ToolContext, request: str) -> dict[str, Any]:
    """Writes what the person's message asks for, or changes what was written before."""
    wanted = content_request(request, after_content=context.state.agent == context.agent)
    if wanted is None:
        raise ToolError("not_asked_for", dict(sentences()["content_only_on_request"].items()))
    async with desk_of(context) as desk:
        content = await write_content(desk, wanted, context.recent, origin_of(context), context.preview)
        return {"id": content.id, "version": content.version}
