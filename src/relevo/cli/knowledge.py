"""`relevo knowledge`: a project's documents, and what is found in them."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from relevo.app import App
from relevo.cli.console import console, fail, print_json
from relevo.cli.project import OfProject, within
from relevo.desk.quote import quoted
from relevo.domain.ids import DocumentId, ProjectId
from relevo.domain.knowledge import Document, DocumentState, Filters, Found, Kind
from relevo.domain.signals import Language
from relevo.knowledge.gaps import Gap, grouped
from relevo.knowledge.reading.errors import Unreadable, told
from relevo.storage.knowledge_documents import list_documents, read_document
from relevo.storage.knowledge_gaps import read_gaps
from relevo.storage.knowledge_index import Stored, document_passages

app = typer.Typer(help="Documents and what is found in them.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print everything about them")]
OfKind = Annotated[Kind | None, typer.Option("--kind", help="Only documents of this kind")]
Number = Annotated[str, typer.Argument(help="The document's id (relevo knowledge list)")]


@app.command("add")
def add(
    sources: Annotated[list[str], typer.Argument(help="Files, folders or web addresses")],
    project: OfProject = None,
    kind: Annotated[Kind, typer.Option(help="Whose words they are")] = Kind.USER,
    tags: Annotated[list[str] | None, typer.Option("--tag", help="A tag; more than one may be given")] = None,
) -> None:
    """Takes documents in and reads them. The same file twice is one document."""

    async def job(opened: App, of_project: ProjectId) -> int:
        failed = 0
        for source in _each(sources):
            try:
                document, fresh = await _stored(opened, of_project, source, kind, tuple(tags or ()))
            except (Unreadable, OSError) as error:
                console.print(f"[red]✗[/] {source}: {error}", markup=True)
                failed += 1
                continue
            if fresh or document.state in (DocumentState.QUEUED, DocumentState.FAILED):
                document = await opened.library.read(of_project, document.id, _watched)
            _tell(document, fresh)
            failed += document.state is DocumentState.FAILED
        return failed

    if within(project, job):
        raise typer.Exit(1)


@app.command("list")
def list_all(project: OfProject = None, kind: OfKind = None, as_json: AsJson = False) -> None:
    """Lists documents, the newest first, with their state."""

    async def job(opened: App, of_project: ProjectId) -> list[Document]:
        async with opened.database.project(of_project) as connection:
            return await list_documents(connection, of_project, (kind,) if kind else tuple(Kind))

    documents = within(project, job)
    if as_json:
        print_json([_plain(each) for each in documents])
        return
    if not documents:
        console.print("No documents.")
        return
    table = Table("id", "kind", "title", "state", "passages", "size")
    for each in documents:
        state = f"{each.state}: {told(each.why)}" if each.why else each.state.value
        table.add_row(each.id, each.kind, Text(each.title), Text(state), str(each.passages), _size(each.size))
    console.print(table)


@app.command("show")
def show(document: Number, project: OfProject = None, as_json: AsJson = False) -> None:
    """Shows a document's passages with their places."""

    async def job(opened: App, of_project: ProjectId) -> tuple[Document | None, list[Stored]]:
        async with opened.database.project(of_project) as connection:
            known = await read_document(connection, of_project, DocumentId(document))
            return known, await document_passages(connection, of_project, DocumentId(document))

    known, passages = within(project, job)
    if known is None:
        fail(f"no document {document!r}")
    if as_json:
        print_json(
            {**_plain(known), "text": [{"place": str(each.place), "text": each.text} for each in passages]}
        )
        return
    _tell(known, True)
    for each in passages:
        console.print(f"\n— {each.place or '·'}", markup=False)
        console.print(each.text, markup=False)


@app.command("search")
def search(
    query: Annotated[str, typer.Argument(help="What to look for")],
    project: OfProject = None,
    kind: OfKind = None,
    language: Annotated[Language | None, typer.Option("--lang", help="Only in this language")] = None,
    tags: Annotated[list[str] | None, typer.Option("--tag", help="Only documents with this tag")] = None,
    most: Annotated[int, typer.Option(min=1, max=100, help="How many passages")] = 5,
    as_json: AsJson = False,
) -> None:
    """Finds passages: with their score, the words that matched, and their place."""
    filters = Filters(kinds=(kind,) if kind else (), language=language, tags=tuple(tags or ()))

    async def job(opened: App, of_project: ProjectId) -> list[Found]:
        return await opened.library.search.search(of_project, query, filters, most)

    found = within(project, job)
    if as_json:
        print_json(found)
        return
    if not found:
        console.print("Nothing found.")
    for each in found:
        place = f" · {each.place}" if str(each.place) else ""
        console.print(f"{each.score:.2f} · {each.title}{place} · {each.document}", markup=False)
        console.print(f"    {each.sentence or each.text[:200]}", markup=False)
        console.print(f"    matched: {', '.join(each.matched)}", markup=False)


@app.command("reread")
def reread(document: Number, project: OfProject = None) -> None:
    """Reads a stored document anew; a revoked one is allowed again."""

    async def job(opened: App, of_project: ProjectId) -> Document:
        return await opened.library.again(of_project, DocumentId(document), _watched)

    _tell(_known(project, job), True)


@app.command("revoke")
def revoke(document: Number, project: OfProject = None) -> None:
    """Takes a document out of every answer, at once; its file stays."""

    async def job(opened: App, of_project: ProjectId) -> None:
        await opened.library.revoke(of_project, DocumentId(document))

    _known(project, job)
    console.print(f"{document} is revoked: no answer uses it")


@app.command("delete")
def delete(document: Number, project: OfProject = None) -> None:
    """Deletes a document with everything that came of it."""

    async def job(opened: App, of_project: ProjectId) -> None:
        await opened.library.delete(of_project, DocumentId(document))

    _known(project, job)
    console.print(f"{document} is deleted")


@app.command("gaps")
def gaps(
    project: OfProject = None,
    most: Annotated[int, typer.Option(min=1, max=10_000, help="Newest messages looked at")] = 1_000,
    as_json: AsJson = False,
) -> None:
    """Shows what people asked and nobody could answer, the most asked first, with examples."""

    async def job(opened: App, of_project: ProjectId) -> list[Gap]:
        async with opened.database.project(of_project) as connection:
            return grouped(await read_gaps(connection, of_project, most))

    found = within(project, job)
    if as_json:
        print_json(found)
        return
    if not found:
        console.print("No gaps.")
    for each in found:
        times = f"{each.times} time{'' if each.times == 1 else 's'}"
        told_by = ", ".join(each.agents)
        console.print(
            f"{times} · {each.language} · {told_by} · last {each.last:%Y-%m-%d %H:%M}", markup=False
        )
        for example in each.examples:
            console.print(quoted(example), markup=False)


def _known(project: str | None, job: Callable[[App, ProjectId], Awaitable[Any]]) -> Any:
    try:
        return within(project, job)
    except LookupError as error:
        fail(str(error.args[0]))


def _each(sources: list[str]) -> list[str]:
    """Folders as the files in them."""
    found = []
    for source in sources:
        path = Path(source)
        if "://" not in source and path.is_dir():
            found += sorted(str(each) for each in path.rglob("*") if each.is_file())
        else:
            found.append(source)
    return found


async def _stored(
    opened: App, project: ProjectId, source: str, kind: Kind, tags: tuple[str, ...]
) -> tuple[Document, bool]:
    if "://" in source:
        return await opened.library.add_address(project, source, kind=kind, tags=tags)
    path = Path(source)
    body = await asyncio.to_thread(path.read_bytes)
    return await opened.library.add(project, path.name, body, kind=kind, tags=tags)


def _watched(document: Document) -> None:
    if document.state in (DocumentState.READING, DocumentState.EMBEDDING):
        bar = "█" * round(10 * document.done)
        console.print(f"  {bar:<10} {document.state} {document.title}", markup=False)


def _tell(document: Document, fresh: bool) -> None:
    if document.state is DocumentState.FAILED:
        console.print(f"✗ {document.title}: {told(document.why)} ({document.id})", markup=False)
        return
    again = "" if fresh else " · already here"
    count = f"{document.passages} passage{'' if document.passages == 1 else 's'}"
    console.print(f"{document.id} · {document.title} · {document.state}, {count}{again}", markup=False)


def _plain(document: Document) -> dict[str, Any]:
    return {
        name: getattr(document, name)
        for name in (
            "id", "kind", "title", "source", "state", "why", "done", "language", "tags", "passages", "size",
            "sha256", "created_at", "updated_at",
        )
    }  # fmt: skip


def _size(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB" if size >= 100_000 else f"{size / 1_000:.1f} kB"
