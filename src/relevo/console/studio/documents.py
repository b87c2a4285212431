"""Documents: dropped in, watched while they are read, looked into, searched, revoked and deleted."""

from fastapi import Request
from nicegui import events, ui

from relevo.console.frame import empty, frame, named, page_dialog
from relevo.console.seat import Seat
from relevo.domain.ids import DocumentId
from relevo.domain.knowledge import Document, DocumentState, Kind
from relevo.knowledge.reading.errors import told
from relevo.storage.knowledge_documents import list_documents
from relevo.storage.knowledge_index import document_passages

KINDS = (Kind.USER, Kind.EXPERT, Kind.BOOK)
LOOK_SECONDS = 1.0
SHOWN_PASSAGES = 100
FOUND = 8


@ui.page("/studio/documents")
async def documents(request: Request) -> None:
    async with frame(request, "documents") as seat:
        if seat is not None:
            await _Documents(seat).draw()


class _Documents:
    """The page's parts, which know each other: what comes in is seen in the list."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._shown: list[Document] | None = None
        self._kind = Kind.USER

    async def draw(self) -> None:
        seat = self._seat
        if seat.may_change:
            self._ways_in()
        with ui.card().classes("card"):
            with ui.row().classes("bar"):
                query = ui.input(seat.say("search_documents")).classes("grow").props("clearable")
                find = seat.doing(lambda: self._find(str(query.value or "")), reading=True)
                query.on("keydown.enter", lambda _: find())
                ui.button(seat.say("search"), icon="search", on_click=find).props("outline no-caps")
            self._results = ui.column().classes("talk").style("min-height: 0")
        with ui.card().classes("card"):
            await self._list()
        ui.timer(LOOK_SECONDS, self._look)

    def _ways_in(self) -> None:
        seat, most = self._seat, self._seat.app.settings.knowledge_max_file_mb
        with ui.card().classes("card"):
            take_file = seat.doing(self._take)
            upload = ui.upload(
                label=seat.say("drop", most=most),
                multiple=True,
                auto_upload=True,
                max_file_size=most * 1_000_000,
                on_upload=lambda event: take_file(event),
                on_rejected=lambda: seat.warn(seat.say("too_large", most=most)),
            )
            upload.props("flat data-testid=upload")
            upload.on("finish", upload.reset)
            with ui.row().classes("bar"):
                address = (
                    ui.input(seat.say("address"), placeholder="https://").classes("grow").props("stack-label")
                )
                take = seat.doing(lambda: self._take_address(address))
                address.on("keydown.enter", lambda _: take())
                ui.button(seat.say("add"), icon="add_link", on_click=take).props("outline no-caps")
                kinds = {each.value: seat.say(f"kind_{each}") for each in KINDS}
                ui.select(kinds, value=Kind.USER.value, label=seat.say("kind"), on_change=self._set_kind)

    def _set_kind(self, event: events.ValueChangeEventArguments[str]) -> None:
        self._kind = Kind(event.value)

    async def _take(self, event: events.UploadEventArguments) -> None:
        name, body = event.file.name, await event.file.read()
        document, fresh = await self._seat.app.library.add(self._seat.project, name, body, kind=self._kind)
        self._told(document, fresh)

    async def _take_address(self, address: ui.input) -> None:
        given = str(address.value or "").strip()
        document, fresh = await self._seat.app.library.add_address(self._seat.project, given, kind=self._kind)
        address.value = ""
        self._told(document, fresh)

    def _told(self, document: Document, fresh: bool) -> None:
        name = "taken" if fresh else "here_already"
        self._seat.tell(self._seat.say(name, title=document.title))
        self._list.refresh()

    async def _look(self) -> None:
        """Draws the list anew where something has changed since."""
        if await self._read() != self._shown:
            self._list.refresh()

    async def _read(self) -> list[Document]:
        async with self._seat.app.database.project(self._seat.project) as connection:
            return await list_documents(connection, self._seat.project, KINDS)

    @ui.refreshable_method
    async def _list(self) -> None:
        self._shown = await self._read()
        if not self._shown:
            with empty(self._seat.say("no_documents")):
                ui.label(self._seat.say("no_documents_how")).classes("soft")
        for each in self._shown:
            self._one(each)

    def _one(self, document: Document) -> None:
        seat = self._seat
        with ui.element("div").classes("document").props(f"data-testid=document data-state={document.state}"):
            with ui.element("div").classes("about"):
                ui.label(document.title).classes("name")
                facts = [seat.say(f"document_{document.state}"), seat.say(f"kind_{document.kind}")]
                if document.state is DocumentState.READY:
                    facts.append(seat.say("passages", count=document.passages))
                ui.label(" · ".join([*facts, f"{document.size / 1000:.0f} kB"])).classes("soft")
                if document.why:
                    ui.label(told(document.why, seat.language)).classes("text").style("color: var(--warm)")
                if document.state.pending:
                    ui.linear_progress(document.done, show_value=False, size="8px")
            with ui.row().style("gap: 0; flex-wrap: nowrap"):
                self._tools(document)

    def _tools(self, document: Document) -> None:
        seat = self._seat
        tools = []
        if document.state is DocumentState.READY:
            tools.append(("visibility", "look_into", seat.doing(lambda: self._open(document), reading=True)))
        if seat.may_change:
            if not document.state.pending:
                tools.append(("refresh", "reread", seat.doing(lambda: self._reread(document.id))))
            if document.state is not DocumentState.REVOKED:
                tools.append(("block", "revoke", seat.doing(lambda: self._revoke(document))))
            tools.append(("delete", "delete", seat.doing(lambda: self._delete(document))))
        for icon, name, do in tools:
            named(
                ui.button(icon=icon, on_click=do).props("flat round"), f"{seat.say(name)}: {document.title}"
            )

    async def _reread(self, document: DocumentId) -> None:
        await self._seat.app.library.queue(self._seat.project, document)
        self._list.refresh()

    async def _revoke(self, document: Document) -> None:
        await self._seat.app.library.revoke(self._seat.project, document.id)
        self._seat.tell(self._seat.say("revoked", title=document.title))
        self._list.refresh()

    async def _delete(self, document: Document) -> None:
        seat = self._seat
        with page_dialog() as dialog, ui.card().classes("card"):
            ui.label(seat.say("delete_sure", title=document.title)).classes("text")
            with ui.row().classes("bar"):
                ui.button(seat.say("keep"), on_click=lambda: dialog.submit(False)).props("flat no-caps")
                ui.button(seat.say("delete"), on_click=lambda: dialog.submit(True)).props(
                    "no-caps color=negative"
                )
        if await dialog:
            await seat.app.library.delete(seat.project, document.id)
            seat.tell(seat.say("deleted", title=document.title))
            self._list.refresh()

    async def _open(self, document: Document) -> None:
        seat = self._seat
        async with seat.app.database.project(seat.project) as connection:
            passages = await document_passages(connection, seat.project, document.id)
        with page_dialog() as dialog, ui.card().classes("card").style("max-width: 720px; max-height: 85vh"):
            ui.label(document.title).classes("heading")
            with ui.scroll_area().style("height: 60vh"):
                for each in passages[:SHOWN_PASSAGES]:
                    ui.label(str(each.place)).classes("soft")
                    ui.label(each.text).classes("text")
                if len(passages) > SHOWN_PASSAGES:
                    ui.label(seat.say("and_more", count=len(passages) - SHOWN_PASSAGES)).classes("soft")
            ui.button(seat.say("close"), on_click=dialog.close).props("flat no-caps")
        dialog.open()

    async def _find(self, query: str) -> None:
        seat = self._seat
        self._results.clear()
        if not query.strip():
            return
        found = await (await seat.desk()).search.search(seat.project, query, most=FOUND)
        with self._results:
            if not found:
                ui.label(seat.say("nothing_found")).classes("soft")
            for each in found:
                with ui.element("div").classes("post"):
                    ui.label(" · ".join(filter(None, (each.title, str(each.place))))).classes("strong")
                    ui.label(each.sentence or each.text).classes("text")
                    ui.label(seat.say("matched", words=", ".join(each.matched))).classes("soft")
