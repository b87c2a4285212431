"""A model whose calls carry their cost."""

from collections.abc import Callable
from dataclasses import replace

import structlog

from relevo.domain.clock import Deadline
from relevo.llm.errors import ModelError
from relevo.llm.port import Model, ModelCall, ModelReply, ModelRequest
from relevo.llm.prices import Prices

log = structlog.get_logger(__name__)


class Metered:
    """Fills ``cost_usd`` of every call of ``inner``, of those that failed too.

    A cost the provider reported is kept. A model that is not on the price list costs 0, and the log says
    once that it is not priced.
    """

    def __init__(self, inner: Model, prices: Prices) -> None:
        self._inner = inner
        self._prices = prices
        self._unpriced: set[str] = set()

    async def ask(
        self, request: ModelRequest, deadline: Deadline, on_text: Callable[[str], None] | None = None
    ) -> ModelReply:
        """See ``Model.ask``."""
        try:
            reply = await self._inner.ask(request, deadline, on_text)
        except ModelError as error:
            error.calls = self._priced(error.calls)
            raise
        return replace(reply, calls=self._priced(reply.calls))

    async def close(self) -> None:
        await self._inner.close()

    def _priced(self, calls: tuple[ModelCall, ...]) -> tuple[ModelCall, ...]:
        return tuple(call if call.cost_usd else replace(call, cost_usd=self._cost(call)) for call in calls)

    def _cost(self, call: ModelCall) -> float:
        price = self._prices.of(call.model)
        if price is not None:
            return price.cost(call.input_tokens, call.output_tokens)
        if call.model not in self._unpriced:
            self._unpriced.add(call.model)
            log.warning("model_not_priced", model=call.model, priced=False)
        return 0.0
