"""How the team's tools get to work: a desk for their conversation, refusals in words, and what is told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from relevo.agents.tool import ToolContext, ToolError
from relevo.domain.signals import Language
from relevo.knowledge.library import Library
from relevo.llm.errors import ModelError
from relevo.storage.database import Database
from relevo.teams.marketing.desk import Desk, project_language
from relevo.teams.marketing.needs import Missing
from relevo.teams.marketing.works import Works

NO_ANSWER: dict[str, str] = {
    Language.ES: "El modelo no respondió ({kind}). No guardé nada; inténtalo de nuevo en un rato.",
    Language.EN: "The model gave no answer just now ({kind}). I kept nothing; try again in a while.",
}


@asynccontextmanager
async def desk_of(context: ToolContext) -> AsyncIterator[Desk]:
    """The desk of the conversation's project; what is missing, or the model's silence, is a ToolError."""
    database = context.service(Database)
    language = await project_language(database, context.project, context.language)
    desk = Desk(database, context.project, context.service(Library), language, context.asking)
    try:
        yield desk
    except Missing as missing:
        raise ToolError(missing.code, {**missing.texts}) from missing
    except ModelError as error:
        texts = {language: text.format(kind=error.kind) for language, text in NO_ANSWER.items()}
        raise ToolError("model_failed", texts) from error


def works_of(context: ToolContext) -> Works:
    return Works(context.service(Database), context.project)


def origin_of(context: ToolContext) -> str | None:
    """What names this asking, so that it stores one version however often the turn runs."""
    return context.idempotency_key or None
