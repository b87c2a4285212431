"""What stands around every page: where one is, the way to the others, project, language, theme, sign-out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import copy
from pathlib import Path
from urllib.parse import quote

from fastapi import Request
from nicegui import context, ui

from relevo.console.preferences import THEMES
from relevo.console.seat import Seat, seat_of
from relevo.domain.signals import Language

CSS = Path(__file__).parent / "console.css"
ROOMS = {
    "overview": ("/studio", "dashboard"),
    "chat": ("/studio/chat", "forum"),
    "documents": ("/studio/documents", "description"),
    "persona": ("/studio/persona", "person_search"),
    "forum": ("/studio/forum", "record_voice_over"),
    "pain_points": ("/studio/pain-points", "healing"),
    "journey": ("/studio/journey", "route"),
    "content": ("/studio/content", "edit_note"),
}
"""Every page of the studio: its path and its icon."""
CHECK_SECONDS = 20.0
"""How often an open page looks whether its session goes on: one that was ended is left within a minute."""
TEAM = "marketing"


@asynccontextmanager
async def frame(request: Request, room: str) -> AsyncIterator[Seat | None]:
    """Draws the frame; what is built inside the block is the page. None where another team works."""
    seat = seat_of(request)
    page = context.client.page = copy(context.client.page)
    page.language = "es" if seat.language is Language.ES else "en-US"
    page.dark = {"light": False, "dark": True}.get(seat.theme)
    page.title = f"{seat.say(room)} · {seat.project} · Relevo"
    ui.colors(
        primary="#0a7a5c", secondary="#22577a", accent="#b4552d", positive="#0a7a5c", negative="#b3261e"
    )
    ui.add_css(CSS)
    drawer = _drawer(seat, room)
    _header(seat, drawer)
    ui.timer(CHECK_SECONDS, seat.leave_if_ended)
    team = (await seat.app.team_of(seat.project)).name
    with ui.element("div").classes("page").props("id=main"):
        ui.label(seat.say(room)).classes("title").props("role=heading aria-level=1")
        if team == TEAM:
            yield seat
        else:
            _other_team(seat)
            yield None


def _drawer(seat: Seat, room: str) -> ui.left_drawer:
    drawer = ui.left_drawer(value=False, bordered=True).classes("drawer")
    drawer.props("show-if-above breakpoint=900 width=220")  # open where there is room, else by the button
    with drawer, ui.element("nav").classes("rooms") as nav:
        named(nav, seat.say("rooms"))
        for name, (path, icon) in ROOMS.items():
            with ui.link(target=path).classes("room") as link:
                ui.icon(icon, size="20px").props("aria-hidden=true")
                ui.label(seat.say(name))
            if name == room:
                link.classes("here").props("aria-current=page")
    return drawer


def _header(seat: Seat, drawer: ui.left_drawer) -> None:
    with ui.header(bordered=True).classes("header"):
        named(ui.button(icon="menu", on_click=drawer.toggle).props("flat round"), seat.say("menu"))
        ui.label("Relevo").classes("brand")
        ui.space()
        _projects(seat)
        with named(ui.button(icon="tune").props("flat round"), seat.say("settings")), ui.menu():
            _choices(seat)


def _projects(seat: Seat) -> None:
    if len(seat.account.roles) < 2:
        ui.label(seat.project).classes("project").props("data-testid=project")
        return

    async def choose(project: str) -> None:
        if await seat.app.sessions.choose(seat.token, type(seat.project)(project)):
            ui.navigate.to("/studio")

    with (
        ui.button(seat.project, icon="expand_more").props("flat no-caps data-testid=project") as button,
        ui.menu(),
    ):
        for each in sorted(seat.account.roles):
            ui.menu_item(each, on_click=seat.doing(lambda each=each: choose(each), reading=True))
    named(button, f"{seat.say('project')}: {seat.project}")


def _choices(seat: Seat) -> None:
    here = quote(seat.path)
    ui.item_label(seat.account.email).props("header")
    for code, name in ((Language.ES, "Español"), (Language.EN, "English")):
        if code is not seat.language:
            _go(name, f"/preferences?language={code}&next={here}")
    for theme in THEMES:
        if theme != seat.theme:
            _go(seat.say(f"theme_{theme}"), f"/preferences?theme={theme}&next={here}")
    ui.separator()
    _go(seat.say("account"), "/account")
    _go(seat.say("sign_out"), "/sign-out")


def _go(text: str, target: str) -> None:
    ui.menu_item(text, on_click=lambda: ui.navigate.to(target))


def _other_team(seat: Seat) -> None:
    with empty(seat.say("other_team", project=seat.project)):
        ui.label(seat.say("other_team_how")).classes("soft")


def empty(text: str) -> ui.column:
    """What stands where there is nothing yet; what is built inside says what to do about it."""
    column = ui.column().classes("empty")
    with column:
        ui.label(text).classes("strong")
    return column


def page_dialog() -> ui.dialog:
    """A dialog of the page itself: it stays open when the part that its button stands in is drawn anew."""
    with context.client.content:
        return ui.dialog()


def named(element: ui.element, name: str) -> ui.element:
    """Gives an element the name that a screen reader says, and the eye sees where the mouse rests."""
    element.props["aria-label"] = name
    if isinstance(element, ui.button):
        element.tooltip(name)
    return element
