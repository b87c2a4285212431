"""The project at a glance: what it is at, the first questions, the whole analysis, what has been made."""

import asyncio

from fastapi import Request
from nicegui import ui

from relevo.console.frame import ROOMS, frame
from relevo.console.seat import Seat
from relevo.storage.analyses import (
    Analysis,
    begin_analysis,
    cancel_analysis,
    latest_analysis,
    resume_analysis,
)
from relevo.teams.marketing.analysis import STEPS
from relevo.teams.marketing.desk import documents_of
from relevo.teams.marketing.findings import Forum, Journey, PainPoints
from relevo.teams.marketing.onboarding import LONGEST, First, changed, questions
from relevo.teams.marketing.policy import standing_of
from relevo.teams.marketing.router import state_of
from relevo.teams.marketing.works import Works

LOOK_SECONDS = 1.0


@ui.page("/studio")
async def overview(request: Request) -> None:
    async with frame(request, "overview") as seat:
        if seat is None:
            return
        await _where_it_stands(seat)
        await _analysis(seat)
        await _brief(seat)


async def _where_it_stands(seat: Seat) -> None:
    @ui.refreshable
    async def standing() -> None:
        known = await standing_of(seat.app.database, seat.project)
        analysis = await _latest(seat)
        state = state_of(known, analysis.step if analysis is not None and analysis.goes_on else "")
        made = await _made(seat)
        with ui.row().classes("bar"):
            ui.label(seat.say("state")).classes("soft")
            ui.label(state).classes("basis documents").props("data-testid=state")
            ui.label(seat.say(f"state_{state.lower()}")).classes("soft")
        with ui.element("div").classes("steps"):
            for name, done in made.items():
                with ui.link(target=ROOMS[name][0]).classes("step"):
                    icon = "check_circle" if done else "radio_button_unchecked"
                    ui.icon(icon, size="20px", color="positive" if done else None).props("aria-hidden=true")
                    ui.label(f"{seat.say(name)}: {done or seat.say('not_yet')}")

    with ui.card().classes("card"):
        await standing()
    ui.timer(5.0, standing.refresh)


async def _made(seat: Seat) -> dict[str, str]:
    """What there is of each kind, in a word; empty where there is none."""
    works = Works(seat.app.database, seat.project)
    (_, ready), persona, forum, points, journey, library = await asyncio.gather(
        documents_of(seat.app.database, seat.project),
        works.persona(),
        works.newest(Forum),
        works.newest(PainPoints),
        works.newest(Journey),
        works.library(),
    )
    return {
        "documents": str(len(ready) or ""),
        "persona": f"{persona.name} (v{persona.version})" if persona else "",
        "forum": seat.say("posts", count=len(forum.posts)) if forum else "",
        "pain_points": str(len(points.points)) if points else "",
        "journey": seat.say("ready") if journey else "",
        "content": str(len(library) or ""),
    }


async def _latest(seat: Seat) -> Analysis | None:
    async with seat.app.database.project(seat.project) as connection:
        return await latest_analysis(connection, seat.project)


async def _analysis(seat: Seat) -> None:
    """One click for everything, with its progress, which can be stopped and gone on with."""

    async def begin() -> None:
        desk = await seat.desk()
        async with seat.app.database.project(seat.project) as connection:
            await begin_analysis(connection, seat.project, STEPS, desk.language)
        shown.refresh()

    async def stop(id: str) -> None:
        async with seat.app.database.project(seat.project) as connection:
            await cancel_analysis(connection, seat.project, id)
        seat.tell(seat.say("stopping"))

    async def go_on(id: str) -> None:
        async with seat.app.database.project(seat.project) as connection:
            await resume_analysis(connection, seat.project, id)
        shown.refresh()

    @ui.refreshable
    async def shown() -> None:
        analysis = await _latest(seat)
        with ui.row().classes("bar"):
            ui.label(seat.say("analysis")).classes("heading grow")
            if analysis is not None and analysis.goes_on:
                ui.button(
                    seat.say("stop"), icon="stop", on_click=seat.doing(lambda: stop(analysis.id))
                ).props("outline no-caps")
            else:
                if analysis is not None and analysis.state in ("cancelled", "failed"):
                    ui.button(
                        seat.say("go_on"), icon="play_arrow", on_click=seat.doing(lambda: go_on(analysis.id))
                    ).props("outline no-caps")
                ui.button(seat.say("analyse"), icon="auto_awesome", on_click=seat.doing(begin)).props(
                    "no-caps data-testid=analyse"
                )
        if analysis is None:
            ui.label(seat.say("analysis_how")).classes("soft")
        else:
            _progress(seat, analysis)

    with ui.card().classes("card"):
        await shown()
    ui.timer(LOOK_SECONDS, shown.refresh)


def _progress(seat: Seat, analysis: Analysis) -> None:
    ui.linear_progress(analysis.done, show_value=False, size="10px").props(
        f'aria-label="{seat.say("analysis")}"'
    )
    step = seat.say(f"step_{analysis.step}") if analysis.goes_on and analysis.step else ""
    text = seat.say(
        f"analysis_{analysis.state}",
        done=len(analysis.finished),
        of=len(analysis.steps),
        calls=analysis.calls,
    )
    ui.label(" · ".join(filter(None, (text, step)))).classes("soft").props(
        "aria-live=polite data-testid=analysis"
    )
    if analysis.why:
        ui.label(analysis.why).classes("soft")


async def _brief(seat: Seat) -> None:
    works = Works(seat.app.database, seat.project)
    brief = await works.brief()

    async def keep(question: First, text: str) -> None:
        now = await works.brief()
        if now.answers.get(question.key, "") != text:
            await works.save_brief(changed(now, question, text.strip()[:LONGEST]))
            seat.tell(seat.say("kept"))

    with ui.card().classes("card"):
        ui.label(seat.say("brief")).classes("heading")
        ui.label(seat.say("brief_how")).classes("soft")
        for each in questions():
            field = ui.input(each.ask[seat.language], value=brief.answers.get(each.key, ""))
            field.classes("wide").props(f"stack-label maxlength={LONGEST} data-testid=brief-{each.key}")
            field.on("blur", seat.doing(lambda each=each, field=field: keep(each, str(field.value or ""))))
            field.set_enabled(seat.may_change)
