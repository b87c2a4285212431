"""What the assistant can do: keep the first answers, and start, stop and resume the whole analysis."""

from typing import Any

from relevo.agents.tool import ToolContext, tool
from relevo.storage.analyses import begin_analysis, cancel_analysis, latest_analysis, resume_analysis
from relevo.storage.database import Database
from relevo.teams.marketing.analysis import STEPS
from relevo.teams.marketing.desk import project_language
from relevo.teams.marketing.findings import Forum, Journey, PainPoints
from relevo.teams.marketing.onboarding import answered, asked, change_in, changed, next_question
from relevo.teams.marketing.works import Works


@tool(effect=True)
async def keep_answer(context: ToolContext, text: str) -> dict[str, Any]:
    """Keeps the answer to the first question that was put, and says which comes next."""
    works = Works(context.service(Database), context.project)
    brief = answered(await works.brief(), text, context.language)
    question = next_question(brief)
    await works.save_brief(asked(brief, question))
    return {"first": not brief.answers and not brief.skipped, "next": question.key if question else None}


@tool(effect=True)
async def change_answer(context: ToolContext, text: str) -> dict[str, Any]:
    """Changes one of the first answers: "market: Mexico"."""
    works = Works(context.service(Database), context.project)
    change = change_in(text)
    if change is None:
        return {"changed": None}
    question, value = change
    await works.save_brief(changed(await works.brief(), question, value))
    return {"changed": question.key}


@tool(effect=True)
async def start_analysis(context: ToolContext) -> dict[str, Any]:
    """Starts the whole analysis in the background, unless one is under way."""
    database = context.service(Database)
    language = await project_language(database, context.project, context.language)
    async with database.project(context.project) as connection:
        analysis = await begin_analysis(
            connection,
            context.project,
            STEPS,
            language,
            context.conversation,
            context.idempotency_key or None,
        )
    return {"analysis": analysis.id}


@tool(effect=True)
async def stop_analysis(context: ToolContext) -> dict[str, Any]:
    """Asks the analysis that is under way to stop."""
    async with context.service(Database).project(context.project) as connection:
        analysis = await latest_analysis(connection, context.project)
        if analysis is None or not analysis.goes_on:
            return {"stopped": False}
        await cancel_analysis(connection, context.project, analysis.id)
    return {"stopped": True}


@tool(effect=True)
async def go_on_with_analysis(context: ToolContext) -> dict[str, Any]:
    """Goes on with the analysis that was stopped or failed last."""
    async with context.service(Database).project(context.project) as connection:
        analysis = await latest_analysis(connection, context.project)
        if analysis is None or analysis.state not in ("cancelled", "failed"):
            return {"resumed": False}
        await resume_analysis(connection, context.project, analysis.id)
    return {"resumed": True, "done": len(analysis.finished), "of": len(analysis.steps)}


@tool()
async def read_project(context: ToolContext) -> dict[str, Any]:
    """How the project stands: what was answered and made, and the analysis under way."""
    database = context.service(Database)
    works = Works(database, context.project)
    persona = await works.persona()
    async with database.project(context.project) as connection:
        analysis = await latest_analysis(connection, context.project)
    runs = analysis if analysis is not None and analysis.goes_on else None
    return {
        "answers": (await works.brief()).answers,
        "persona": {"name": persona.name, "version": persona.version} if persona else None,
        "forum": await works.newest(Forum) is not None,
        "pain_points": await works.newest(PainPoints) is not None,
        "journey": await works.newest(Journey) is not None,
        "content": len(await works.library()),
        "analysis": {"step": runs.step, "done": len(runs.finished), "of": len(runs.steps)} if runs else None,
    }
