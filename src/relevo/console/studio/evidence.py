"""What an answer stands on: told in a word, and its quotes where the mouse rests, or on a click."""

from collections.abc import Sequence

from nicegui import ui

from relevo.console.seat import Seat
from relevo.teams.marketing.values import Answer, Basis, Quote


def basis(seat: Seat, answer: Answer) -> None:
    """The basis of an answer, with its quotes behind it."""
    name = seat.say("basis_edited" if answer.edited else f"basis_{answer.basis}")
    kind = Basis.ONBOARDING if answer.edited else answer.basis
    if not answer.quotes:
        ui.label(name).classes(f"basis {kind}")
        return
    shown = f"{name} · {seat.say('quotes', count=len(answer.quotes))}"
    with ui.element("button").classes(f"basis {kind}").props("type=button aria-expanded=false") as button:
        ui.label(shown)
        with ui.tooltip().props("max-width=420px"):
            quotes(seat, answer.quotes)
    held = ui.column().style("gap: 6px; display: none")
    with held:
        quotes(seat, answer.quotes)

    def toggle() -> None:
        open_now = button.props["aria-expanded"] == "true"
        button.props["aria-expanded"] = "false" if open_now else "true"
        button.update()
        held.style(f"display: {'none' if open_now else 'flex'}")

    button.on("click", toggle)


def quotes(seat: Seat, given: Sequence[Quote]) -> None:
    """Quotes with their places."""
    for each in given:
        with ui.element("div").classes("quote"):
            ui.label(f"“{each.text}”")
            where = [each.title, each.place] if each.document else [seat.say("brief")]
            ui.label(", ".join(filter(None, where))).style("opacity: 0.8; font-size: 0.8rem")
