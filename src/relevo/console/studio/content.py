"""The content library: what was asked for, what it was made from, its versions; and the place to ask."""

from fastapi import Request
from nicegui import ui

from relevo.console.frame import empty, frame, named
from relevo.console.seat import Seat
from relevo.console.studio.evidence import quotes
from relevo.teams.marketing.content import write_content
from relevo.teams.marketing.findings import Content, Used
from relevo.teams.marketing.requests import content_request
from relevo.teams.marketing.template import Template
from relevo.teams.marketing.values import Quote


@ui.page("/studio/content")
async def content(request: Request, piece: str = "", version: int = 0) -> None:
    async with frame(request, "content") as seat:
        if seat is not None:
            await _Page(seat, piece, version or None).draw()


class _Page:
    def __init__(self, seat: Seat, piece: str, version: int | None) -> None:
        self._seat = seat
        self._piece = piece
        self._version = version

    async def draw(self) -> None:
        seat, desk = self._seat, await self._seat.desk()
        library = await desk.works.library()
        here = await desk.works.content(self._piece, self._version) if self._piece else None
        if here is None and library:
            here = library[0]
        if seat.may_change:
            self._ask()
        if here is None:
            with empty(seat.say("no_content")):
                ui.label(seat.say("no_content_how")).classes("soft")
            return
        ui.select(
            {each.id: f"{seat.say(f'format_{each.format}')}: {each.title}" for each in library},
            value=here.id,
            label=seat.say("library"),
            on_change=lambda event: ui.navigate.to(f"/studio/content?piece={event.value}"),
        ).classes("wide").props("data-testid=library")
        versions = await desk.works.content_versions(here.id)
        self._one(here, [each.version for each in versions], await desk.works.template())

    def _ask(self) -> None:
        with ui.card().classes("card"):
            ui.label(self._seat.say("ask_content")).classes("strong")
            self._field("content_example", None)

    def _field(self, placeholder: str, piece: str | None) -> None:
        """Where one asks: for something new, or for a change of ``piece``."""
        seat = self._seat
        name = "refine" if piece else "write_it"
        with ui.row().classes("bar"):
            field = (
                ui.input(placeholder=seat.say(placeholder)).classes("grow").props(f"data-testid={name}-text")
            )
            named(field, seat.say("refine" if piece else "ask_content"))

            async def work() -> None:
                button.props("loading")
                try:
                    made = await self._write(str(field.value or ""), piece)
                finally:
                    button.props(remove="loading")
                ui.navigate.to(f"/studio/content?piece={made.id}")

            do = seat.doing(work)
            field.on("keydown.enter", lambda _: do())
            button = ui.button(seat.say(name), icon="edit_note", on_click=do).props(
                f"no-caps data-testid={name}"
            )

    async def _write(self, text: str, piece: str | None) -> Content:
        request = content_request(text, after_content=piece is not None)
        if request is None:
            raise ValueError(self._seat.say("no_change" if piece else "no_request"))
        return await write_content(await self._seat.desk(), request, piece=piece if request.refines else None)

    def _one(self, here: Content, versions: list[int], template: Template) -> None:
        seat = self._seat
        with ui.card().classes("card").props("data-testid=piece"):
            with ui.row().classes("bar"):
                ui.label(here.title).classes("heading grow text")
                ui.select(
                    {each: seat.say("version", number=each) for each in versions},
                    value=here.version,
                    on_change=lambda event: ui.navigate.to(
                        f"/studio/content?piece={here.id}&version={event.value}"
                    ),
                ).props(f'dense aria-label="{seat.say("versions")}" data-testid=version')
                whole = "\n\n".join(
                    filter(None, (part for each in here.pieces for part in (each.title, each.text)))
                )
                copy = ui.button(icon="content_copy", on_click=lambda: self._copy(whole)).props("flat round")
                named(copy, seat.say("copy"))
                if seat.may_change:
                    delete = ui.button(icon="delete", on_click=seat.doing(lambda: self._delete(here)))
                    named(delete.props("flat round"), seat.say("delete"))
            ui.label(seat.say("asked_for", request=here.request)).classes("soft text")
            for each in here.pieces:
                if each.title:
                    ui.label(each.title).classes("strong")
                ui.label(each.text).classes("text")
            if seat.may_change:
                self._field("refine_example", here.id)
            self._used(here.used, template)

    def _copy(self, text: str) -> None:
        ui.clipboard.write(text)
        self._seat.tell(self._seat.say("copied"))

    async def _delete(self, here: Content) -> None:
        await (await self._seat.desk()).works.delete_content(here.id)
        ui.navigate.to("/studio/content")

    def _used(self, used: Used, template: Template) -> None:
        seat = self._seat
        asked = {each.key: each.ask[seat.language] for each in template.questions}
        with ui.expansion(seat.say("used")).classes("wide").props("data-testid=used"):
            ui.label(seat.say("used_persona", version=used.persona_version)).classes("soft")
            for name, entries in (
                ("used_answers", [asked.get(key, key) for key in used.answers]),
                ("used_pains", [str(rank) for rank in used.pain_points]),
                ("used_searches", list(used.searches)),
            ):
                if entries:
                    ui.label(f"{seat.say(name)}: {' · '.join(entries)}").classes("soft text")
            documents: tuple[Quote, ...] = used.documents
            quotes(seat, documents)
