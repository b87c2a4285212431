"""What was found out about the persona: forum, pain points, journey, and what the documents say."""

from typing import TypeVar

from fastapi import APIRouter

from relevo.api.errors import ApiError
from relevo.api.marketing.at_the_desk import AtDesk, Origin
from relevo.api.marketing.persona import Version
from relevo.teams.marketing.desk import Desk
from relevo.teams.marketing.findings import Finding, Forum, Journey, PainPoints, Summary
from relevo.teams.marketing.forum import simulate_forum
from relevo.teams.marketing.journey import map_journey
from relevo.teams.marketing.pain_points import find_pain_points
from relevo.teams.marketing.summary import process_documents

router = APIRouter(prefix="/api", tags=["marketing"])

Of = TypeVar("Of", bound=Finding)


class ForumOut(Forum):
    """``bias`` is the share of posts that merely praise, 0–1."""

    bias: float


@router.get("/forum", summary="Read the forum")
async def forum(desk: AtDesk, version: Version = None) -> ForumOut:
    return _with_bias(await _newest(desk, Forum, version))


@router.post("/forum", status_code=201, summary="Simulate the forum anew")
async def simulate(desk: AtDesk, origin: Origin) -> ForumOut:
    """The personas complain in a thread; it needs a model."""
    return _with_bias(await simulate_forum(desk, origin))


@router.get("/pain-points", summary="Read the pain points")
async def pain_points(desk: AtDesk, version: Version = None) -> PainPoints:
    return await _newest(desk, PainPoints, version)


@router.post("/pain-points", status_code=201, summary="Find the pain points anew")
async def find(desk: AtDesk, origin: Origin) -> PainPoints:
    """Ranked, each with the answers and posts behind it; without a model, out of the documents."""
    return await find_pain_points(desk, origin)


@router.get("/journey", summary="Read the journey")
async def journey(desk: AtDesk, version: Version = None) -> Journey:
    return await _newest(desk, Journey, version)


@router.post("/journey", status_code=201, summary="Map the journey anew")
async def map_anew(desk: AtDesk, origin: Origin) -> Journey:
    """Searches, questions and formats for each phase; without a model, out of the documents."""
    return await map_journey(desk, origin)


@router.get("/summary", summary="Read what the documents say")
async def summary(desk: AtDesk, version: Version = None) -> Summary:
    return await _newest(desk, Summary, version)


@router.post("/summary", status_code=201, summary="Summarise the documents anew")
async def summarise(desk: AtDesk, origin: Origin) -> Summary:
    """What each document says, and which of the template's questions have no evidence."""
    return (await process_documents(desk, origin))[0]


async def _newest(desk: Desk, kind: type[Of], version: int | None) -> Of:
    found = await desk.works.newest(kind, version)
    if found is None:
        raise ApiError(404, "not_found")
    return found


def _with_bias(forum: Forum) -> ForumOut:
    return ForumOut.model_validate(forum.model_dump() | {"bias": round(forum.agreement_bias, 3)})
