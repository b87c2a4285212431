"""The buyer persona, category by category: its evidence, its versions, its answers edited in place."""

import asyncio

from fastapi import Request
from nicegui import ui

from relevo.console.frame import empty, frame, named
from relevo.console.seat import Seat
from relevo.console.studio.evidence import basis
from relevo.console.studio.versions import compared
from relevo.teams.marketing.export import FORMATS, TYPES, report_of
from relevo.teams.marketing.persona import (
    LONGEST,
    build_persona,
    edit_answer,
    known_persona,
    lock_answer,
    regenerate_answer,
)
from relevo.teams.marketing.template import Question
from relevo.teams.marketing.values import Answer, Basis, Persona


@ui.page("/studio/persona")
async def persona(request: Request, version: int = 0) -> None:
    async with frame(request, "persona") as seat:
        if seat is not None:
            await _Page(seat, version or None).draw()


class _Page:
    def __init__(self, seat: Seat, version: int | None) -> None:
        self._seat = seat
        self._version = version

    async def draw(self) -> None:
        self._bar = ui.linear_progress(0, show_value=False, size="10px")
        self._bar.set_visibility(False)
        self._bar.props["aria-label"] = self._seat.say("building")
        await self._shown()

    @ui.refreshable_method
    async def _shown(self) -> None:
        seat, desk = self._seat, await self._seat.desk()
        persona = await desk.works.persona(version=self._version)
        if persona is None:
            with empty(seat.say("no_persona")):
                ui.label(seat.say("no_persona_how")).classes("soft")
                self._build_button()
            return
        template, versions = await desk.works.template(), await desk.works.persona_versions()
        newest = persona.version == versions[0].version
        with ui.card().classes("card"):
            with ui.row().classes("bar"):
                ui.label(persona.name).classes("heading grow").props("data-testid=persona-name")
                ui.select(
                    {each.version: seat.say("version", number=each.version) for each in versions},
                    value=persona.version,
                    on_change=lambda event: ui.navigate.to(f"/studio/persona?version={event.value}"),
                ).props(f'dense aria-label="{seat.say("versions")}" data-testid=version')
                if persona.version > 1:
                    self._compare_button(persona)
                if newest:
                    self._build_button()
            self._counts(persona)
            self._exports(persona)
        for category in template.categories:
            with (
                ui.expansion(category.title[persona.language], value=True)
                .classes("card")
                .props("header-class=heading")
            ):
                for question in category.questions:
                    self._answer(persona, question, persona.answer(question.key), editable=newest)

    def _build_button(self) -> None:
        ui.button(self._seat.say("build"), icon="auto_awesome", on_click=self._seat.doing(self._build)).props(
            "no-caps data-testid=build"
        )

    async def _build(self) -> None:
        self._bar.value = 0
        self._bar.set_visibility(True)

        def watch(done: int, of: int) -> None:
            self._bar.value = done / of

        try:
            await build_persona(await self._seat.desk(), watch=watch)
        finally:
            self._bar.set_visibility(False)
        self._version = None
        self._shown.refresh()

    def _counts(self, persona: Persona) -> None:
        seat = self._seat
        with ui.row().classes("bar"):
            for each in Basis:
                ui.label(f"{seat.say(f'basis_{each}')}: {persona.count(each)}").classes(f"basis {each}")
        notes = [seat.say(f"made_by_{persona.maker}")]
        if persona.dropped:
            notes.append(seat.say("dropped", count=persona.dropped))
        if persona.note:
            notes.append(seat.say("model_failed", kind=persona.note))
        ui.label(" ".join(notes)).classes("soft")

    def _exports(self, persona: Persona) -> None:
        seat = self._seat

        async def give(format: str) -> None:
            report = await report_of(await seat.desk(), persona)
            body = await asyncio.to_thread(FORMATS[format], report)
            ui.download.content(body, f"persona.{format}", TYPES[format])

        with ui.row().classes("bar"):
            for format in FORMATS:
                ui.button(
                    format.upper(),
                    icon="download",
                    on_click=seat.doing(lambda format=format: give(format), reading=True),
                ).props(f"outline dense no-caps data-testid=export-{format}")

    def _compare_button(self, persona: Persona) -> None:
        seat = self._seat

        async def compare() -> None:
            desk = await seat.desk()
            before = await known_persona(desk, persona.id, persona.version - 1)
            compared(seat, before, persona, await desk.works.template())

        ui.button(seat.say("compare"), icon="difference", on_click=seat.doing(compare, reading=True)).props(
            "outline no-caps"
        )

    def _answer(self, persona: Persona, question: Question, answer: Answer, *, editable: bool) -> None:
        seat = self._seat
        with ui.element("div").classes("answer").props(f"data-testid=answer-{question.key}"):
            with ui.element("div").classes("asked"):
                ui.label(question.ask[persona.language])
                if question.ours:
                    ui.label(seat.say("addition")).classes("soft").style("font-size: 0.75rem")
            said = ui.element("div").classes("said")
            with said:
                ui.label(answer.text or seat.say("not_known")).classes("text" if answer.text else "soft")
                basis(seat, answer)
            with ui.element("div").classes("tools"):
                if editable and seat.may_change:
                    self._tools(question, answer, said)
                elif answer.locked:
                    named(ui.icon("lock", size="20px"), seat.say("locked"))

    def _tools(self, question: Question, answer: Answer, said: ui.element) -> None:
        seat = self._seat
        asked = question.ask[seat.language]
        tools = (
            ("edit", "edit", lambda: self._edit(question, answer, said)),
            ("lock", "unlock", lambda: self._lock(answer, False))
            if answer.locked
            else ("lock_open", "lock", lambda: self._lock(answer, True)),
            ("refresh", "regenerate", lambda: self._regenerate(question)),
        )
        for icon, name, do in tools:
            button = ui.button(icon=icon, on_click=seat.doing(do)).props("flat round dense")
            named(button, f"{seat.say(name)}: {asked}")

    async def _edit(self, question: Question, answer: Answer, said: ui.element) -> None:
        """Puts a field in the answer's place."""
        seat = self._seat
        said.clear()
        with said:
            field = ui.textarea(value=answer.text).props(
                f"autogrow outlined autofocus maxlength={LONGEST} data-testid=edit"
            )
            named(field, question.ask[seat.language])
            with ui.row().classes("bar"):

                async def keep() -> None:
                    await edit_answer(await seat.desk(), question.key, str(field.value or ""))
                    seat.tell(seat.say("kept_locked"))
                    self._shown.refresh()

                ui.button(seat.say("keep_answer"), on_click=seat.doing(keep)).props("no-caps")
                ui.button(seat.say("cancel"), on_click=self._shown.refresh).props("flat no-caps")
            field.on("keydown.escape", self._shown.refresh)

    async def _lock(self, answer: Answer, locked: bool) -> None:
        await lock_answer(await self._seat.desk(), answer.key, locked)
        self._shown.refresh()

    async def _regenerate(self, question: Question) -> None:
        await regenerate_answer(await self._seat.desk(), question.key)
        self._seat.tell(self._seat.say("made_anew"))
        self._shown.refresh()
