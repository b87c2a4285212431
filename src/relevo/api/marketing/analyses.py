"""The whole analysis as a background job: begun, watched, cancelled, resumed."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from relevo.api.errors import ApiError
from relevo.api.marketing.at_the_desk import AtDesk, Origin
from relevo.domain.ids import ProjectId
from relevo.storage.analyses import (
    Analysis,
    State,
    begin_analysis,
    cancel_analysis,
    latest_analysis,
    read_analysis,
    resume_analysis,
)
from relevo.storage.database import Connection
from relevo.teams.marketing.analysis import STEPS
from relevo.teams.marketing.desk import Desk

router = APIRouter(prefix="/api", tags=["marketing"])


class AnalysisOut(BaseModel):
    """``done`` runs from 0 to 1; ``step`` is what is being done; ``calls`` counts calls to the model."""

    id: str = Field(examples=["a_019a5b1e0c7a5d2f8e3b9c4a1f60"])
    state: State
    step: str
    finished: list[str]
    steps: list[str]
    done: float
    calls: int
    why: str
    created_at: datetime


@router.post("/analyses", status_code=202, summary="Begin the whole analysis")
async def begin(desk: AtDesk, origin: Origin) -> AnalysisOut:
    """Documents, persona, forum, pain points and journey, in the background. One that goes on is given."""
    async with desk.database.project(desk.project) as connection:
        return _shown(await begin_analysis(connection, desk.project, STEPS, desk.language, None, origin))


@router.get("/analyses/latest", summary="See the analysis that was begun last")
async def latest(desk: AtDesk) -> AnalysisOut:
    async with desk.database.project(desk.project) as connection:
        return _found(await latest_analysis(connection, desk.project))


@router.get("/analyses/{analysis_id}", summary="See how far an analysis is")
async def analysis(desk: AtDesk, analysis_id: str) -> AnalysisOut:
    return await _do(desk, read_analysis, analysis_id)


@router.post("/analyses/{analysis_id}/cancel", status_code=202, summary="Stop an analysis")
async def cancel(desk: AtDesk, analysis_id: str) -> AnalysisOut:
    """Its finished steps stay, and it can be resumed."""
    return await _do(desk, cancel_analysis, analysis_id)


@router.post("/analyses/{analysis_id}/resume", status_code=202, summary="Go on with an analysis")
async def resume(desk: AtDesk, analysis_id: str) -> AnalysisOut:
    """With one that was cancelled or failed, after its finished steps."""
    return await _do(desk, resume_analysis, analysis_id)


async def _do(
    desk: Desk, do: Callable[[Connection, ProjectId, str], Awaitable[Analysis | None]], id: str
) -> AnalysisOut:
    async with desk.database.project(desk.project) as connection:
        return _found(await do(connection, desk.project, id.replace("\x00", "")))


def _found(analysis: Analysis | None) -> AnalysisOut:
    if analysis is None:
        raise ApiError(404, "not_found")
    return _shown(analysis)


def _shown(analysis: Analysis) -> AnalysisOut:
    return AnalysisOut(**{name: getattr(analysis, name) for name in AnalysisOut.model_fields})
