"""The story of a turn, told once.

A message was received and stored; its conversation is due. One worker claims it, reads every unanswered
message in order, recalls what is remembered, has it understood, routed and answered (the graph), commits
replies and effects together if its lease still holds, and lets the replies be delivered.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from relevo.channels.port import Channel
from relevo.domain.clock import PATIENCE, Deadline, Patience
from relevo.domain.ids import ChannelName, ProjectId, TurnId, new_id
from relevo.domain.message import Wake
from relevo.pipeline.commit import Committed, commit, record_of, said_in
from relevo.pipeline.keep import Lease
from relevo.pipeline.news import leave_word, tell
from relevo.pipeline.poison import set_aside
from relevo.pipeline.recalling import recall
from relevo.pipeline.running import run
from relevo.pipeline.state import Engine, TakenOver, TurnContext
from relevo.storage.database import Database
from relevo.storage.lease import Fenced, Held, begin, release_idle

if TYPE_CHECKING:
    from relevo.pipeline.graph import TurnGraph


@dataclass(frozen=True, slots=True)
class Turns:
    """Takes turns for any project; ``staff`` finds the engine and the graph of a project's team."""

    database: Database
    staff: Callable[[ProjectId], Awaitable["tuple[Engine, TurnGraph]"]]
    channels: dict[ChannelName, Channel]
    deliver: Callable[[Wake], None]
    lease_seconds: float = 15.0
    deadline_seconds: float = 60.0
    max_attempts: int = 5

    async def take(self, wake: Wake, token: int | None = None, held: Held | None = None) -> None:
        """Works on a conversation until no mail is left; ``token``: it is claimed, ``held``: read too."""
        if held is None:
            held = await self._begin(wake, token)
        while held is not None:
            async with Lease(
                self.database, wake, held.token, self.lease_seconds, self.deadline_seconds
            ) as lease:
                more = await self._one_turn(wake, held, lease)
                held = await self._begin(wake, held.token) if more else None

    async def _begin(self, wake: Wake, token: int | None) -> Held | None:
        async with self.database.door() as connection:
            return await begin(connection, wake, token, self.lease_seconds)

    async def _one_turn(self, wake: Wake, held: Held, lease: Lease) -> bool:
        """Answers what waits; returns whether more has come meanwhile."""
        engine, graph = await self.staff(wake.project)
        if held.tries > self.max_attempts and held.pending:
            held = await set_aside(self.database, engine, wake, held, self.lease_seconds)
        if not held.pending:
            async with self.database.project(wake.project) as connection:
                await release_idle(connection, wake, held.token)
            return False
        started = engine.clock.monotonic()
        turn = TurnContext(
            id=TurnId(new_id("t")),
            engine=engine,
            held=held,
            deadline=Deadline.after(engine.clock, self.deadline_seconds),
            guard=lease.check,
        )
        PATIENCE.set(Patience(turn.deadline))
        turn.recalling = asyncio.create_task(recall(turn))
        try:
            done = await run(graph, turn)
            record = record_of(turn, done, started)
            async with self.database.door() as connection:
                committed = await commit(
                    connection, record, self.channels, lease=self.lease_seconds, defer=done.get("defer")
                )
        except TakenOver:
            turn.publish("reset")
            await leave_word(self.database, turn)
            return True
        except Fenced:
            turn.publish("reset")
            raise
        finally:
            turn.recalling.cancel()  # of a turn that ended without it
        await self._afterwards(turn, committed)
        return committed.more

    async def _afterwards(self, turn: TurnContext, committed: Committed) -> None:
        tell(turn, committed)
        await asyncio.sleep(0)  # who waits for the reply goes first, the fast copies are kept after
        await turn.engine.memory.remember(
            turn.held.conversation,
            committed.turn.state,
            said_in(committed, turn.engine.clock.now()),
            committed.turn.handoffs,
        )
        if turn.held.conversation.channel in self.channels and committed.messages:
            self.deliver(Wake(turn.held.conversation.project, turn.held.conversation.id))
