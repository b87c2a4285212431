"""What every call about the marketing team's works is given: the desk of the caller's project."""

from typing import Annotated

from fastapi import Depends, Header, Request

from relevo.api.errors import ApiError
from relevo.api.principal import Member
from relevo.api.proxies import app_of
from relevo.domain.ids import ConversationId
from relevo.domain.signals import Language
from relevo.teams.marketing.desk import Desk, project_language

TEAM = "marketing"
ACCOUNT = ConversationId("api")
"""On whose account a call asks the model: the ceiling of a conversation holds for all calls of a project."""
SECONDS = 300.0


async def desk(request: Request, caller: Member) -> Desk:
    """The desk of the caller's project. Raises ApiError 404 where another team works."""
    app = app_of(request)
    if (await app.team_of(caller.project)).name != TEAM:
        raise ApiError(404, "not_found")
    language = await project_language(app.database, caller.project, Language.ES)
    asking = app.asking(caller.project, ACCOUNT, SECONDS)
    return Desk(app.database, caller.project, app.library, language, asking)


AtDesk = Annotated[Desk, Depends(desk)]


def origin(idempotency_key: Annotated[str | None, Header(max_length=200)] = None) -> str | None:
    """What names this asking: with the same Idempotency-Key a work is made once."""
    if idempotency_key is None:
        return None
    if not idempotency_key or not idempotency_key.isascii() or not idempotency_key.isprintable():
        raise ApiError(422, "bad_key")
    return f"api:{idempotency_key}"


Origin = Annotated[str | None, Depends(origin)]
