"""`relevo persona`: a project's buyer persona, made, shown, compared, edited and handed on as a file."""

import asyncio
import tomllib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import orjson
import typer
from rich.table import Table
from rich.text import Text

from relevo.app import App
from relevo.cli.console import console, fail, print_json
from relevo.cli.project import OfProject, within
from relevo.domain.ids import ConversationId, ProjectId
from relevo.domain.signals import Language
from relevo.storage.analyses import (
    Analysis,
    begin_analysis,
    cancel_analysis,
    claim_analysis,
    latest_analysis,
    read_analysis,
    resume_analysis,
)
from relevo.teams.marketing.analysis import STEPS
from relevo.teams.marketing.background import LEASE_SECONDS, Analyses
from relevo.teams.marketing.desk import Desk, documents_of, project_language
from relevo.teams.marketing.export import FORMATS, Report, report_of
from relevo.teams.marketing.persona import (
    build_persona,
    edit_answer,
    known_persona,
    lock_answer,
    regenerate_answer,
)
from relevo.teams.marketing.values import Basis, Persona, compare
from relevo.teams.marketing.works import MAIN

app = typer.Typer(help="The buyer persona of a project of the marketing team.", no_args_is_help=True)
SECONDS = 300.0
Result = TypeVar("Result")
Named = Annotated[str, typer.Option("--persona", help="Which of the project's personas")]
Out = Annotated[Path | None, typer.Option(help="Write it to a file: .json, .md, .pdf or .docx")]
Key = Annotated[str, typer.Argument(help="The question's key, such as dolor (relevo persona show)")]
InLanguage = Annotated[Language | None, typer.Option("--lang", help="Its language; else the project's")]


@app.command("build")
def build(
    project: OfProject = None,
    out: Out = None,
    persona: Named = MAIN,
    language: InLanguage = None,
    model: Annotated[bool, typer.Option(help="Ask the model, where there is one")] = True,
) -> None:
    """Makes the persona from the project's documents; locked answers stay. Its earlier version is kept."""
    _check(out)

    async def job(desk: Desk) -> Report:
        if not model:
            desk.asking = None
        await read_pending(desk)
        return await report_of(desk, await build_persona(desk, persona, watch=_category))

    report = _with_desk(project, job, language)
    _tell(report.persona)
    _write(report, out)


@app.command("show")
def show(
    project: OfProject = None,
    persona: Named = MAIN,
    version: Annotated[int | None, typer.Option(min=1, help="Which version; else the newest")] = None,
    out: Out = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything about it")] = False,
) -> None:
    """Shows every answer with its basis and its evidence."""
    _check(out)

    async def job(desk: Desk) -> Report:
        return await report_of(desk, await known_persona(desk, persona, version))

    report = _with_desk(project, job)
    if as_json:
        print_json(report.persona.model_dump(mode="json"))
    elif out is None:
        console.print(FORMATS["md"](report).decode(), markup=False)
    _write(report, out)


@app.command("versions")
def versions(project: OfProject = None, persona: Named = MAIN) -> None:
    """Lists the versions, the newest first."""
    table = Table("version", "made", "by", *(basis.value for basis in Basis))
    for each in _with_desk(project, lambda desk: desk.works.persona_versions(persona)):
        counts = (str(each.count(basis)) for basis in Basis)
        table.add_row(str(each.version), f"{each.created_at:%Y-%m-%d %H:%M}", each.maker, *counts)
    console.print(table)


@app.command("compare")
def compare_versions(
    before: Annotated[int, typer.Argument(min=1)],
    after: Annotated[int, typer.Argument(min=1)],
    project: OfProject = None,
    persona: Named = MAIN,
) -> None:
    """Shows which answers differ between two versions."""

    async def job(desk: Desk) -> tuple[Persona, Persona]:
        return await known_persona(desk, persona, before), await known_persona(desk, persona, after)

    changes = compare(*_with_desk(project, job))
    for each in changes:
        console.print(f"{each.key}", style="bold", markup=False)
        console.print(f"  - {each.before.text or '·'} ({each.before.basis})", markup=False)
        console.print(f"  + {each.after.text or '·'} ({each.after.basis})", markup=False)
    if not changes:
        console.print("They say the same.")


@app.command("edit")
def edit(
    key: Key,
    text: Annotated[str, typer.Argument(help="The answer")],
    project: OfProject = None,
    persona: Named = MAIN,
) -> None:
    """Writes an answer yourself; it is locked."""
    _tell(_with_desk(project, lambda desk: edit_answer(desk, key, text, persona)))


@app.command("lock")
def lock(
    key: Key,
    project: OfProject = None,
    persona: Named = MAIN,
    release: Annotated[bool, typer.Option("--open", help="Open it again")] = False,
) -> None:
    """Keeps an answer as it is when the persona is made anew."""
    _tell(_with_desk(project, lambda desk: lock_answer(desk, key, not release, persona)))


@app.command("regenerate")
def regenerate(key: Key, project: OfProject = None, persona: Named = MAIN) -> None:
    """Makes one answer anew."""
    _tell(_with_desk(project, lambda desk: regenerate_answer(desk, key, persona)))


@app.command("template")
def template(
    project: OfProject = None,
    given: Annotated[Path | None, typer.Option("--set", help="A template of its own: .toml or .json")] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Go back to the one that is shipped")] = False,
) -> None:
    """Prints the questions of the project's personas as JSON, or gives it questions of its own."""

    async def job(desk: Desk) -> dict[str, Any]:
        if given is not None:
            text = await asyncio.to_thread(given.read_text, "utf-8")
            await desk.works.save_template(
                tomllib.loads(text) if given.suffix == ".toml" else orjson.loads(text)
            )
        elif reset:
            await desk.works.save_template(None)
        return (await desk.works.template()).model_dump(mode="json")

    try:
        print_json(_with_desk(project, job))
    except OSError as error:
        fail(str(error))


@app.command("analyse")
def analyse(
    project: OfProject = None,
    out: Out = None,
    language: InLanguage = None,
    cancel: Annotated[bool, typer.Option("--cancel", help="Stop the one that is under way")] = False,
) -> None:
    """Runs the whole analysis here, or goes on with one that was stopped; its finished steps stay."""
    _check(out)

    async def job(opened: App, of_project: ProjectId) -> tuple[Analysis | None, Report | None]:
        async with opened.database.project(of_project) as connection:
            known = await latest_analysis(connection, of_project)
            if cancel:
                return (await cancel_analysis(connection, of_project, known.id) if known else None), None
            if known is not None and known.state in ("cancelled", "failed"):
                await resume_analysis(connection, of_project, known.id)
            spoken = language or await project_language(opened.database, of_project, Language.ES)
            known = await begin_analysis(connection, of_project, STEPS, spoken)
        chore = Analyses(opened)
        async with opened.database.project(of_project) as connection:
            claimed = await claim_analysis(connection, of_project, known.id, LEASE_SECONDS)
        if claimed is not None:
            await chore.run(claimed)
        desk = Desk(opened.database, of_project, opened.library, known.language)
        async with opened.database.project(of_project) as connection:
            known = await read_analysis(connection, of_project, known.id)
        persona = await desk.works.persona()
        return known, await report_of(desk, persona) if persona else None

    analysis, report = within(project, job)
    if analysis is None:
        fail("no analysis has been begun in this project")
    console.print(
        f"{analysis.state} · {len(analysis.finished)}/{len(analysis.steps)} steps"
        f" · {analysis.calls} calls to the model{f' · {analysis.why}' if analysis.why else ''}",
        markup=False,
    )
    if report is not None:
        _tell(report.persona)
        _write(report, out)


def _with_desk(
    project: str | None, job: Callable[[Desk], Awaitable[Result]], language: Language | None = None
) -> Result:
    async def work(opened: App, of_project: ProjectId) -> Result:
        spoken = language or await project_language(opened.database, of_project, Language.ES)
        asking = opened.asking(of_project, ConversationId("persona"), SECONDS)
        return await job(Desk(opened.database, of_project, opened.library, spoken, asking))

    try:
        return within(project, work)
    except (LookupError, ValueError) as error:
        fail(str(error.args[0] if error.args else error))


async def read_pending(desk: Desk) -> None:
    """Reads the documents that wait to be read."""
    pending, _ = await documents_of(desk.database, desk.project)
    for document in pending:
        await desk.library.read(desk.project, document)


def _category(done: int, of: int) -> None:
    console.print(f"  {'█' * done:<{of}} {done}/{of}", markup=False)


def _tell(persona: Persona) -> None:
    counts = ", ".join(f"{basis} {persona.count(basis)}" for basis in Basis if persona.count(basis))
    head = f"{persona.name} · version {persona.version} · {len(persona.answers)} answers: {counts}"
    console.print(Text(head), soft_wrap=True)
    if persona.dropped:
        console.print(f"{persona.dropped} quotes stood nowhere and were dropped")
    if persona.note:
        console.print(f"The model gave no answer ({persona.note}): the documents answered", markup=False)


def _check(out: Path | None) -> None:
    if out is not None and out.suffix.lower().lstrip(".") not in FORMATS:
        fail(f"{out}: the file's name ends with .{', .'.join(FORMATS)}")


def _write(report: Report, out: Path | None) -> None:
    if out is not None:
        try:
            out.write_bytes(FORMATS[out.suffix.lower().lstrip(".")](report))
        except OSError as error:
            fail(str(error))
        console.print(f"written to {out}", markup=False)
