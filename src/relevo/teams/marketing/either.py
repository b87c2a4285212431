"""What a model finds out about the persona, or, without an answer of it, the documents."""

import contextlib
from collections.abc import Awaitable, Callable
from typing import TypeVar

from relevo.agents.asking import Asking
from relevo.llm.errors import ModelError
from relevo.teams.marketing.desk import Desk
from relevo.teams.marketing.needs import NeedsPersona
from relevo.teams.marketing.values import Maker, Persona

Result = TypeVar("Result")


async def model_or_documents(
    desk: Desk,
    with_model: Callable[[Desk, Asking, Persona], Awaitable[Result]],
    from_documents: Callable[[Desk], Awaitable[Result]],
) -> tuple[Persona, Result, Maker]:
    """The persona it is about, what was found, and by whom. Raises NeedsPersona."""
    persona = await desk.works.persona()
    if persona is None:
        raise NeedsPersona
    if desk.asking is not None:
        with contextlib.suppress(ModelError):
            return persona, await with_model(desk, desk.asking, persona), Maker.MODEL
    return persona, await from_documents(desk), Maker.DOCUMENTS
