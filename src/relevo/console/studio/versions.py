"""How two versions of a persona differ, side by side."""

from nicegui import ui

from relevo.console.frame import page_dialog
from relevo.console.seat import Seat
from relevo.console.studio.evidence import basis
from relevo.teams.marketing.template import Template
from relevo.teams.marketing.values import Persona, compare


def compared(seat: Seat, before: Persona, after: Persona, template: Template) -> None:
    """Opens a dialog with the answers that differ."""
    changes = compare(before, after)
    asked = {each.key: each.ask[seat.language] for each in template.questions}
    with page_dialog() as dialog, ui.card().classes("card").style("max-width: 900px; max-height: 85vh"):
        ui.label(seat.say("compared", before=before.version, after=after.version)).classes("heading")
        with ui.scroll_area().style("height: 60vh"):
            if not changes:
                ui.label(seat.say("no_changes")).classes("soft")
            for each in changes:
                ui.label(asked.get(each.key, each.key)).classes("strong")
                with ui.element("div").classes("columns"):
                    for answer in (each.before, each.after):
                        with ui.element("div").classes("said"):
                            ui.label(answer.text or seat.say("not_known")).classes("text")
                            basis(seat, answer)
        ui.button(seat.say("close"), on_click=dialog.close).props("flat no-caps")
    dialog.open()
