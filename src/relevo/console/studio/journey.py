"""The journey in three columns: what is searched for, what goes through the head, which formats fit."""

from fastapi import Request
from nicegui import ui

from relevo.console.frame import frame
from relevo.console.seat import Seat
from relevo.console.studio.finding import finding
from relevo.teams.marketing.desk import Desk
from relevo.teams.marketing.findings import Journey, Phase
from relevo.teams.marketing.journey import map_journey


@ui.page("/studio/journey")
async def journey(request: Request) -> None:
    async with frame(request, "journey") as seat:
        if seat is None:
            return

        async def show(found: Journey, desk: Desk) -> None:
            with ui.element("div").classes("columns"):
                for phase in found.phases:
                    _phase(seat, phase)

        await finding(seat, Journey, map_journey, show)


def _phase(seat: Seat, phase: Phase) -> None:
    with ui.card().classes("card").props("data-testid=phase"):
        ui.label(seat.say(f"phase_{phase.name}")).classes("heading")
        formats = ", ".join(seat.say(f"format_{each}") for each in phase.formats)
        ui.label(f"{seat.say('formats')}: {formats}").classes("soft")
        if phase.why_formats:
            ui.label(phase.why_formats).classes("soft text")
        for name, entries in (("searches", phase.searches), ("questions", phase.questions)):
            ui.label(seat.say(name)).classes("strong")
            with ui.element("ul").classes("list"):
                for entry in entries or (seat.say("not_known"),):
                    with ui.element("li"):
                        ui.label(entry).classes("text")
