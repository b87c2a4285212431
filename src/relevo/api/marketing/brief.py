"""The first questions and their answers: what is offered, to whom, in which market, to what end."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from relevo.api.errors import ApiError
from relevo.api.marketing.at_the_desk import AtDesk
from relevo.domain.signals import Language
from relevo.teams.marketing.onboarding import LONGEST, changed, questions
from relevo.teams.marketing.values import Brief

router = APIRouter(prefix="/api", tags=["marketing"])


class BriefQuestion(BaseModel):
    key: str = Field(examples=["offer"])
    ask: dict[Language, str]
    answer: str | None


class BriefOut(BaseModel):
    """``language`` is the one the works are written in; None: that of most documents."""

    language: Language | None
    questions: list[BriefQuestion]


class BriefChange(BaseModel):
    """Answers by key; what is left out stays as it is, an empty answer is a skipped question."""

    model_config = ConfigDict(extra="forbid")

    language: Language | None = None
    answers: dict[str, Annotated[str, Field(max_length=LONGEST)]] = Field(
        default_factory=dict, examples=[{"offer": "Velas artesanales de soja", "market": "México"}]
    )


@router.get("/brief", summary="Read the first questions and their answers")
async def brief(desk: AtDesk) -> BriefOut:
    return _shown(await desk.works.brief())


@router.patch("/brief", summary="Answer or change the first questions")
async def change(desk: AtDesk, wanted: BriefChange) -> BriefOut:
    known = {each.key: each for each in questions()}
    for key in wanted.answers:
        if key not in known:
            raise ApiError(422, "unreadable", f"no question {key!r}; there are: {', '.join(known)}")
    now = await desk.works.brief()
    for key, text in wanted.answers.items():
        now = changed(now, known[key], text.replace("\x00", "").strip())
    if wanted.language is not None:
        now = now.model_copy(update={"language": wanted.language})
    await desk.works.save_brief(now)
    return _shown(now)


def _shown(brief: Brief) -> BriefOut:
    return BriefOut(
        language=brief.language,
        questions=[
            BriefQuestion(key=each.key, ask=each.ask, answer=brief.answers.get(each.key))
            for each in questions()
        ],
    )
