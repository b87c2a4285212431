"""The whole analysis, step by step: documents, persona, forum, pain points, journey; and what came of it."""

from relevo.domain.signals import Language
from relevo.teams.marketing.desk import Desk
from relevo.teams.marketing.findings import Forum, Journey, PainPoints
from relevo.teams.marketing.forum import simulate_forum
from relevo.teams.marketing.journey import map_journey
from relevo.teams.marketing.needs import NeedsModel
from relevo.teams.marketing.pain_points import find_pain_points
from relevo.teams.marketing.persona import build_persona
from relevo.teams.marketing.says import say
from relevo.teams.marketing.summary import process_documents
from relevo.teams.marketing.values import Basis

STEPS = ("documents", "persona", "forum", "pain_points", "journey")
MOST_CALLS = 20
"""Wire calls to the model that a whole analysis may make."""


async def do_step(desk: Desk, step: str, origin: str) -> None:
    """Does one step and stores what comes of it, once for ``origin``.

    The forum is left out where there is no model. Raises ModelError where the model gives it no answer.
    """
    match step:
        case "documents":
            await process_documents(desk, origin)
        case "persona":
            await build_persona(desk, origin=origin)
        case "forum":
            try:
                await simulate_forum(desk, origin)
            except NeedsModel:
                return
        case "pain_points":
            await find_pain_points(desk, origin)
        case "journey":
            await map_journey(desk, origin)
        case _:
            raise ValueError(f"no step {step!r}")


async def delivered(desk: Desk, language: Language, calls: int) -> str:
    """What is said when the analysis is done: what there is now, and that the team waits."""
    persona = await desk.works.persona()
    forum, points, journey = (
        await desk.works.newest(Forum),
        await desk.works.newest(PainPoints),
        await desk.works.newest(Journey),
    )
    lines = [say("analysis_done", language)]
    if persona is not None:
        counts = {basis.value: persona.count(basis) for basis in Basis}
        lines.append(say("analysis_persona", language, name=persona.name, version=persona.version, **counts))
    if forum is not None and desk.asking is not None:
        bias = f"{forum.agreement_bias:.0%}"
        lines.append(say("analysis_forum", language, posts=len(forum.posts), bias=bias))
    else:
        lines.append(say("analysis_no_forum", language))
    if points is not None and points.points:
        lines.append(say("analysis_pains", language, count=len(points.points), first=points.points[0].title))
    if journey is not None:
        searches = sum(len(each.searches) for each in journey.phases)
        questions = sum(len(each.questions) for each in journey.phases)
        lines.append(say("analysis_journey", language, searches=searches, questions=questions))
    lines.append(say("analysis_waits", language, calls=calls))
    return "\n".join(lines)
