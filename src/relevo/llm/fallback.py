"""What if the model is used up? Another one is asked, once (``LLM_FALLBACK``)."""

from collections.abc import Callable
from dataclasses import replace

from relevo.domain.clock import Deadline
from relevo.llm.errors import CeilingReached, ModelError, RateLimited
from relevo.llm.ladder import no_time
from relevo.llm.port import Model, ModelReply, ModelRequest


class Fallback:
    """Asks ``first``; where it gives no answer and time is left, ``second``.

    Where the asker will ask again after a rate limit, that is waited for first. When both fail, the error of
    ``first`` is raised, for it says what the person should be told; its calls are those of both.
    """

    def __init__(self, first: Model, second: Model) -> None:
        self._first = first
        self._second = second

    async def ask(
        self, request: ModelRequest, deadline: Deadline, on_text: Callable[[str], None] | None = None
    ) -> ModelReply:
        """See ``Model.ask``."""
        try:
            return await self._first.ask(request, deadline, on_text)
        except ModelError as used_up:
            if no_time(deadline) or isinstance(used_up, CeilingReached):
                raise
            if request.asks_again and isinstance(used_up, RateLimited):
                raise
            try:
                reply = await self._second.ask(request, deadline, on_text)
            except ModelError as error:
                used_up.calls += error.calls
                raise used_up from error
            return replace(reply, calls=used_up.calls + reply.calls)

    async def close(self) -> None:
        await self._first.close()
        await self._second.close()
