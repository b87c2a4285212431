"""The team's routing policy: reads how the project stands, and lets the router decide."""

from relevo.agents.routing import Asked
from relevo.domain.decision import Route, RouteDecision
from relevo.domain.ids import ProjectId
from relevo.domain.knowledge import Document, DocumentState
from relevo.storage.analyses import latest_analysis
from relevo.storage.database import Database
from relevo.storage.knowledge_documents import list_documents
from relevo.storage.marketing import Work, read_brief, read_work
from relevo.teams.marketing.desk import OWN_KINDS
from relevo.teams.marketing.onboarding import next_question
from relevo.teams.marketing.router import AGENTS, HUMAN, Standing, State, step
from relevo.teams.marketing.values import Brief
from relevo.teams.marketing.works import MAIN


async def routing(asked: Asked) -> RouteDecision:
    """See RoutingPolicy: by rules alone."""
    standing = await standing_of(
        asked.services[Database],
        asked.project,
        after_content=asked.state.agent == AGENTS[State.CONTENT_GENERATION],
    )
    decided = step(standing, asked.text)
    route = Route.HUMAN if decided.agent == HUMAN else Route.AGENT
    return RouteDecision(route, decided.agent, f"{decided.state}: {decided.rule}", decided.rule)


async def standing_of(database: Database, project: ProjectId, *, after_content: bool = False) -> Standing:
    """How the project stands, read in one transaction."""
    async with database.project(project) as connection:
        brief = Brief.model_validate((await read_brief(connection, project)).body)
        persona = await read_work(connection, project, "persona", MAIN)
        summary = await read_work(connection, project, "summary", MAIN)
        documents = await list_documents(connection, project, OWN_KINDS)
        analysis = await latest_analysis(connection, project)
    return Standing(
        begun=bool(brief.asked or brief.answers),
        onboarded=next_question(brief) is None,
        persona=persona is not None,
        documents_pending=sum(_is_news(each, summary or persona) for each in documents),
        analysis_runs=analysis is not None and analysis.goes_on,
        after_content=after_content,
    )


def _is_news(document: Document, told: Work | None) -> bool:
    """Whether nobody has been told of a document: it waits, or was read after ``told`` was made."""
    if document.state is DocumentState.READY:
        return told is not None and document.updated_at > told.created_at
    return document.state.pending
