"""Turns taken by hand, one claim at a time, so that a test decides what happens between them."""

from typing import Any

from relevo.app import App
from relevo.domain.ids import ChannelName, CustomerRef
from relevo.domain.message import InboundMessage, Wake
from relevo.pipeline.receive import receive
from relevo.pipeline.state import Engine
from relevo.pipeline.turn import Turns

API = ChannelName("api")


class Bench:
    """One installation that does not work by itself; ``graph`` answers, after at most ``tries`` tries."""

    def __init__(self, app: App, engine: Engine, graph: Any, tries: int = 5) -> None:
        async def staff(project: object) -> tuple[Engine, Any]:
            return engine, graph

        self.app = app
        self.graph = graph
        self.turns = Turns(app.database, staff, {}, lambda wake: None, max_attempts=tries)

    async def put(self, address: str, provider_id: str, text: str, customer: str | None = None) -> Wake:
        message = InboundMessage(
            self.app.default_project, API, address, provider_id, text,
            customer=CustomerRef(customer) if customer else None,
        )  # fmt: skip
        stored = await receive(self.app.database, self.app.wakeups, message, per_minute=30)
        return Wake(self.app.default_project, stored.conversation)

    async def take(self, wake: Wake) -> None:
        """One claim, when its time has come."""
        async with self.app.database.project(wake.project) as connection:
            await connection.execute(
                "UPDATE conversations SET due_at = now() WHERE id = %s AND due_at IS NOT NULL",
                (wake.conversation,),
            )
        await self.turns.take(wake)

    async def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        async with self.app.database.project(self.app.default_project) as connection:
            return await (await connection.execute(query, values)).fetchall()

    async def states(self, wake: Wake) -> list[str]:
        rows = await self.rows(
            "SELECT state FROM messages WHERE conversation_id = %s AND role = 'customer' ORDER BY id",
            wake.conversation,
        )
        return [row["state"] for row in rows]
