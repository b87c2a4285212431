"""The pain points, ranked, each with what is behind it."""

from fastapi import Request
from nicegui import ui

from relevo.console.frame import frame
from relevo.console.studio.evidence import quotes
from relevo.console.studio.finding import finding
from relevo.teams.marketing.desk import Desk
from relevo.teams.marketing.findings import PainPoints
from relevo.teams.marketing.pain_points import find_pain_points


@ui.page("/studio/pain-points")
async def pain_points(request: Request) -> None:
    async with frame(request, "pain_points") as seat:
        if seat is None:
            return

        async def show(found: PainPoints, desk: Desk) -> None:
            asked = {each.key: each.ask[found.language] for each in (await desk.works.template()).questions}
            for point in found.points:
                with ui.card().classes("card").props("data-testid=pain-point"):
                    with ui.row().classes("bar").style("flex-wrap: nowrap; align-items: flex-start"):
                        severity = f"{point.severity}/10"
                        ui.label(severity).classes("severity").props(
                            f'aria-label="{seat.say("severity")}: {severity}"'
                        )
                        ui.label(f"{point.rank}. {point.title}").classes("strong grow text")
                    if point.detail:
                        ui.label(point.detail).classes("text")
                    behind = [asked.get(key, key) for key in point.answers]
                    if behind:
                        ui.label(f"{seat.say('answers_behind')}: {' · '.join(behind)}").classes("soft")
                    if point.posts:
                        with ui.row().classes("bar"):
                            ui.label(seat.say("posts_behind")).classes("soft")
                            for number in point.posts:
                                ui.link(str(number), f"/studio/forum#post-{number}")
                    quotes(seat, point.quotes)

        await finding(seat, PainPoints, find_pain_points, show)
