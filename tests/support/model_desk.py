"""A real client in front of the scripted server, on a clock that no test waits for."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest
from tests.support.model_protocol import Fault
from tests.support.model_server import ModelServer

from relevo.domain.clock import Deadline, ManualClock
from relevo.llm.build import ModelConfig, build_model
from relevo.llm.errors import ModelError
from relevo.llm.port import Model, ModelReply, ModelRequest

KEY = "sk-relevo-test-0123456789"
QUESTION = ModelRequest([{"role": "system", "content": "You sell."}, {"role": "user", "content": "Hola"}])


@dataclass
class Desk:
    """A real client in front of the scripted server, on a clock that no test waits for."""

    server: ModelServer
    model: Model
    clock: ManualClock
    pieces: list[str] = field(default_factory=list)

    async def ask(
        self, request: ModelRequest = QUESTION, *, seconds: float = 60.0, stream: bool = False
    ) -> ModelReply:
        on_text = self.pieces.append if stream else None
        return await self.model.ask(request, Deadline.after(self.clock, seconds), on_text)

    async def fails(
        self, kind: type[ModelError], *, seconds: float = 60.0, stream: bool = False
    ) -> ModelError:
        with pytest.raises(kind) as raised:
            await self.ask(seconds=seconds, stream=stream)
        assert type(raised.value) is kind
        return raised.value

    @property
    def wire_calls(self) -> int:
        return len(self.server.requests)


@asynccontextmanager
async def desk_with(**settings: object) -> AsyncIterator[Desk]:
    clock = ManualClock()
    async with ModelServer() as server:
        config = ModelConfig("compatible", "gpt-4o-mini", server.url, KEY)
        model = build_model(replace(config, **settings), clock)  # type: ignore[arg-type]
        assert model is not None
        try:
            yield Desk(server, model, clock)
        finally:
            await model.close()


def desk_for(fault: Fault) -> AbstractAsyncContextManager[Desk]:
    """A desk that waits only a moment where nothing but silence will come."""
    return desk_with(
        call_timeout=1.0 if fault.kind == "never" else 20.0,
        stream_gap=0.5 if fault.kind == "hang_mid_stream" else 10.0,
    )
