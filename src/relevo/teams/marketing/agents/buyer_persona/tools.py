"""Making and reading the buyer persona."""

from typing import Any

from relevo.agents.tool import ToolContext, tool
from relevo.teams.marketing.desk import documents_of
from relevo.teams.marketing.doing import desk_of, origin_of
from relevo.teams.marketing.persona import build_persona


@tool(effect=True)
async def build_buyer_persona(context: ToolContext) -> dict[str, Any]:
    """Reads the documents that wait, and makes the next version of the buyer persona."""
    started = context.clock.monotonic()
    first: list[float] = []

    def watch(done: int, of: int) -> None:
        if not first:
            first.append(round((context.clock.monotonic() - started) * 1000))
        context.publish("progress", step="persona", done=done, of=of)

    async with desk_of(context) as desk:
        pending, _ = await documents_of(desk.database, desk.project)
        for document in pending:
            await desk.library.read(desk.project, document)
        persona = await build_persona(desk, origin=origin_of(context), watch=watch)
        _, ready = await documents_of(desk.database, desk.project)
        return {
            "version": persona.version,
            "documents": len(ready),
            "first_category_milliseconds": first[0] if first else None,
        }


@tool()
async def read_buyer_persona(context: ToolContext) -> dict[str, Any]:
    """The newest version of the buyer persona."""
    async with desk_of(context) as desk:
        persona = await desk.works.persona()
        _, ready = await documents_of(desk.database, desk.project)
        return {"version": persona.version if persona else None, "documents": len(ready)}
