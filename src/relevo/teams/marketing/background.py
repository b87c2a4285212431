"""Runs analyses in the background: taken under a lease, renewed while they work, cancelled, taken up again.

A worker that dies leaves a lease that runs out; the next one goes on after the steps that are finished. Each
step stores its work under a name of its own, so that a step that runs twice stores one version.
"""

import asyncio
from contextlib import suppress
from typing import Literal

import structlog

from relevo.agents.background import Hands
from relevo.domain.ids import AgentName, ConversationId
from relevo.llm.errors import ModelError
from relevo.storage.analyses import (
    Analysis,
    Claimed,
    begin_step,
    claim_analyses,
    end_analysis,
    finish_step,
    read_analysis,
    renew_analysis,
    rest_analysis,
)
from relevo.storage.lease import Fenced
from relevo.teams.marketing.analysis import MOST_CALLS, delivered, do_step
from relevo.teams.marketing.desk import Desk
from relevo.teams.marketing.router import ASSISTANT
from relevo.teams.marketing.says import say

log = structlog.get_logger()

LEASE_SECONDS = 30.0
RENEW_SECONDS = 5.0
AT_ONCE = 2
"""Analyses that one process runs at the same time."""
STEP_SECONDS = 300.0
"""What the model may take for one step."""
MOST_TRIES = 3
REST_SECONDS = 10.0


class Analyses:
    """A chore (relevo.agents.background): the analyses of every project."""

    def __init__(self, hands: Hands, lease: float = LEASE_SECONDS, renew: float = RENEW_SECONDS) -> None:
        self._hands = hands
        self._lease = lease
        self._renew = renew
        self._running: set[asyncio.Task[None]] = set()

    async def sweep(self) -> None:
        """Takes what is due, as far as there is room."""
        free = AT_ONCE - len(self._running)
        if free <= 0:
            return
        async with self._hands.database.door() as connection:
            due = await claim_analyses(connection, free, self._lease)
        for claimed in due:
            task = asyncio.create_task(self.run(claimed))
            self._running.add(task)
            task.add_done_callback(self._ended)

    async def stop(self) -> None:
        """Breaks off; what was begun is taken up again when its lease has run out."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("analysis_broke_off", error=repr(error))  # its lease runs out, and it is tried again

    async def run(self, claimed: Claimed) -> None:
        """Does what is left of an analysis, unless another worker has it."""
        async with self._hands.database.project(claimed.project) as connection:
            analysis = await read_analysis(connection, claimed.project, claimed.id)
        if analysis is None:
            return
        work = asyncio.create_task(self._steps(claimed, analysis))
        try:
            with suppress(Fenced):
                while not work.done():
                    await asyncio.wait({work}, timeout=self._renew)
                    if not work.done() and await self._to_stop(claimed):
                        work.cancel()
                        await asyncio.gather(work, return_exceptions=True)
                        await self._end(claimed, analysis, "cancelled")
                        return
                await work
        finally:
            work.cancel()

    async def _to_stop(self, claimed: Claimed) -> bool:
        """Renews the lease; whether a person wants it to stop. Raises Fenced."""
        async with self._hands.database.project(claimed.project) as connection:
            return await renew_analysis(connection, claimed, self._lease)

    async def _steps(self, claimed: Claimed, analysis: Analysis) -> None:
        if analysis.attempts > MOST_TRIES:
            await self._end(claimed, analysis, "failed", "tries")
            return
        left = [step for step in analysis.steps if step not in analysis.finished]
        calls, done = analysis.calls, len(analysis.steps) - len(left)
        for step in left:
            async with self._hands.database.project(claimed.project) as connection:
                cancelled = await begin_step(connection, claimed, step, self._lease)
            if cancelled:
                await self._end(claimed, analysis, "cancelled")
                return
            self._tell(claimed, analysis, step, done)
            desk = self._desk(claimed, analysis, calls)
            try:
                await do_step(desk, step, f"{claimed.id}:{step}")
            except ModelError as error:
                await self._failed(claimed, analysis, step, error, _made(desk))
                return
            calls, done = calls + _made(desk), done + 1
            async with self._hands.database.project(claimed.project) as connection:
                await finish_step(connection, claimed, step, _made(desk))
        await self._done(claimed, analysis, calls)

    def _desk(self, claimed: Claimed, analysis: Analysis, calls: int) -> Desk:
        hands, account = self._hands, analysis.conversation or ConversationId(f"analysis {claimed.id}")
        asking = hands.asking(claimed.project, account, STEP_SECONDS, MOST_CALLS - calls)
        return Desk(hands.database, claimed.project, hands.library, analysis.language, asking)

    async def _failed(
        self, claimed: Claimed, analysis: Analysis, step: str, error: ModelError, calls: int
    ) -> None:
        """A step without an answer of the model is tried again a little later, then given up."""
        log.warning("analysis_step_failed", analysis=claimed.id, step=step, kind=error.kind)
        if analysis.attempts < MOST_TRIES:
            async with self._hands.database.project(claimed.project) as connection:
                await rest_analysis(connection, claimed, calls, REST_SECONDS)
            return
        await self._end(claimed, analysis, "failed", error.kind, calls)

    async def _done(self, claimed: Claimed, analysis: Analysis, calls: int) -> None:
        async with self._hands.database.project(claimed.project) as connection:
            await end_analysis(connection, claimed, "done")
        self._tell(claimed, analysis, "", len(analysis.steps))
        if analysis.conversation is not None:
            text = await delivered(self._desk(claimed, analysis, calls), analysis.language, calls)
            await self._say(claimed, analysis.conversation, ASSISTANT, text)

    async def _end(
        self,
        claimed: Claimed,
        analysis: Analysis,
        state: Literal["cancelled", "failed"],
        why: str = "",
        calls: int = 0,
    ) -> None:
        async with self._hands.database.project(claimed.project) as connection:
            await end_analysis(connection, claimed, state, why, calls)
        if analysis.conversation is not None:
            text = say(f"analysis_{state}", analysis.language, why=why)
            await self._say(claimed, analysis.conversation, ASSISTANT, text)

    async def _say(self, claimed: Claimed, conversation: ConversationId, agent: AgentName, text: str) -> None:
        await self._hands.say(claimed.project, conversation, agent, text)

    def _tell(self, claimed: Claimed, analysis: Analysis, step: str, done: int) -> None:
        if analysis.conversation is not None:
            of = len(analysis.steps)
            self._hands.tell(claimed.project, analysis.conversation, "progress", step=step, done=done, of=of)


def _made(desk: Desk) -> int:
    return desk.asking.made if desk.asking is not None else 0
