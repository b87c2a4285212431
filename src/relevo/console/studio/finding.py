"""What the pages of the findings share: made by a button, shown with its version, missing at first."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from nicegui import ui

from relevo.console.frame import empty
from relevo.console.seat import Seat
from relevo.teams.marketing.desk import Desk
from relevo.teams.marketing.findings import Finding

Of = TypeVar("Of", bound=Finding)


async def finding(
    seat: Seat,
    kind: type[Of],
    make: Callable[[Desk], Awaitable[Of]],
    show: Callable[[Of, Desk], Awaitable[None]],
) -> None:
    """The newest finding of a kind as ``show`` draws it, with the button that has it made anew."""

    @ui.refreshable
    async def shown() -> None:
        desk = await seat.desk()
        found = await desk.works.newest(kind)
        if found is None:
            with empty(seat.say(f"no_{kind.__name__.lower()}")):
                _button()
            return
        with ui.row().classes("bar"):
            facts = f"{seat.say('version', number=found.version)} · {seat.say(f'made_by_{found.maker}')}"
            ui.label(facts).classes("soft grow")
            _button()
        await show(found, desk)

    def _button() -> None:
        async def work() -> None:
            button.props("loading")
            try:
                await make(await seat.desk())
            finally:
                button.props(remove="loading")
            shown.refresh()

        button = ui.button(seat.say("make_anew"), icon="auto_awesome", on_click=seat.doing(work)).props(
            "no-caps data-testid=make"
        )

    await shown()
