"""A model that is not asked when the account has spent what it may."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import structlog
from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from relevo.domain.clock import Clock, Deadline
from relevo.llm.errors import CeilingReached, ModelError
from relevo.llm.port import Account, Model, ModelCall, ModelReply, ModelRequest
from relevo.llm.prices import Prices
from relevo.storage.database import Database
from relevo.storage.spend import Ceilings, give_back, take

log = structlog.get_logger()

CHARS_PER_TOKEN = 3.0
"""Few enough for an estimate from above: Spanish and English prose takes four (OpenAI's tokenizer page), JSON
about three."""


@dataclass(frozen=True, slots=True)
class Treasury:
    """Where it is written what accounts have spent, and what they may."""

    database: Database
    clock: Clock
    ceilings: Ceilings


class Budgeted:
    """Sets aside what a wire call may cost before it is made, and gives back what it did not.

    Calls are set aside one after the other, each while the account is below its ceiling: however many are
    made at once, all together exceed it by one call at most. An answer does not wait until the rest is given
    back; the account's next call does. A process that dies in between leaves what it had set aside as spent.
    """

    def __init__(self, inner: Model, model: str, prices: Prices, treasury: Treasury) -> None:
        self._inner = inner
        self._model = model
        self._prices = prices
        self._treasury = treasury
        self._returning: dict[Account, asyncio.Task[None]] = {}

    async def ask(
        self, request: ModelRequest, deadline: Deadline, on_text: Callable[[str], None] | None = None
    ) -> ModelReply:
        """See ``Model.ask``. Raises CeilingReached, without a call, where nothing may be spent any more."""
        if request.account is None:
            return await self._inner.ask(request, deadline, on_text)
        aside = self._estimate(request)
        if (earlier := self._returning.get(request.account)) is not None:
            await asyncio.wait([earlier])
        today = self._treasury.clock.now().date()
        async with self._treasury.database.door() as connection:
            reached = await take(connection, request.account, today, aside, self._treasury.ceilings)
        if reached is not None:
            raise CeilingReached(f"this {reached} has spent what it may on models")
        spent = 0.0
        try:
            reply = await self._inner.ask(request, deadline, on_text)
            spent = _cost(reply.calls)
            return reply
        except ModelError as error:
            spent = _cost(error.calls)
            raise
        finally:
            if aside != spent:
                self._return(request.account, today, aside - spent)

    async def settled(self) -> None:
        """Waits until all that calls did not cost has been given back."""
        while self._returning:
            await asyncio.wait(list(self._returning.values()))
            await asyncio.sleep(0)

    async def close(self) -> None:
        await self.settled()
        await self._inner.close()

    def _return(self, account: Account, today: date, amount: float) -> None:
        earlier = self._returning.get(account)
        task = asyncio.create_task(self._give_back(account, today, amount, earlier))
        self._returning[account] = task
        task.add_done_callback(lambda done: self._returned(account, done))

    def _returned(self, account: Account, task: asyncio.Task[None]) -> None:
        if self._returning.get(account) is task:
            del self._returning[account]

    async def _give_back(
        self, account: Account, today: date, amount: float, earlier: asyncio.Task[None] | None
    ) -> None:
        if earlier is not None:
            await asyncio.wait([earlier])
        try:
            async with self._treasury.database.door() as connection:
                await give_back(connection, account, today, amount)
        except (OperationalError, PoolTimeout) as error:  # it stays set aside: too much, never too little
            log.warning("not_given_back", conversation=account.conversation, usd=amount, error=str(error))

    def _estimate(self, request: ModelRequest) -> float:
        """US dollars, from above: all that is sent, and the longest answer that may come."""
        price = self._prices.of(self._model)
        if price is None:
            return 0.0
        chars = sum(len(str(message)) for message in request.messages)
        chars += sum(len(str(tool.parameters)) + len(tool.description) for tool in request.tools)
        return price.cost(int(chars / CHARS_PER_TOKEN), request.max_tokens)


def _cost(calls: tuple[ModelCall, ...]) -> float:
    return sum(call.cost_usd for call in calls)
