"""`relevo music`: the music team's own commands."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from relevo.app import App
from relevo.cli.console import console
from relevo.cli.project import OfProject, within
from relevo.domain.ids import ProjectId
from relevo.teams.music.importer import ImportRefused, ImportReport, import_csv

app = typer.Typer(help="The music team: import releases and statements.", no_args_is_help=True)
SHOWN_ERRORS = 50
SHOWN_STATEMENTS = 20


@app.callback()
def _group() -> None:
    """The music team: import releases and statements."""


@app.command("import")
def import_files(
    files: Annotated[
        list[Path],
        typer.Argument(help="releases.csv, statements.csv, sales reports (docs/import-formats.md)"),
    ],
    project: OfProject = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change; write nothing")] = False,
) -> None:
    """Imports releases, statements and sales; importing twice changes nothing, bad rows are told by line.

    Every file is imported, whatever is wrong with another; anything wrong ends with status 1.
    """

    there = [file for file in files if file.is_file()]
    for file in files:
        if file not in there:
            console.print(f"✗ {file} is not a file", markup=False)

    async def job(opened: App, of_project: ProjectId) -> list[bool]:
        if opened.settings.label_api_url is not None:
            console.print("note: LABEL_API_URL is set, so the agents do not read what is imported here")
        return [await _import(opened, of_project, file, dry_run=dry_run) for file in there]

    if not all(within(project, job)) or len(there) < len(files):
        raise typer.Exit(1)


async def _import(opened: App, project: ProjectId, file: Path, *, dry_run: bool) -> bool:
    """Imports one file and tells what came of it; returns whether nothing was wrong."""
    try:
        with Progress(console=console, transient=True) as progress:
            task = progress.add_task(file.name, total=None)
            report = await import_csv(
                opened.database,
                project,
                file,
                lambda done, total: progress.update(task, completed=done, total=total),
                dry_run=dry_run,
            )
    except ImportRefused as error:
        console.print(f"✗ {file}: {error}", markup=False)
        return False
    _show(file, report)
    return not report.bad


def _show(file: Path, report: ImportReport) -> None:
    if not report.written:
        console.print("dry run, nothing is written; this is what would happen:")
    console.print(
        f"{file.name} ({report.kind}): {report.rows} rows, {report.changed} new or changed, "
        f"{report.unchanged} already there, {len(report.bad)} bad",
        markup=False,
    )
    for each in report.statements[:SHOWN_STATEMENTS]:
        before = "new" if each.before is None else f"{each.before:,.2f} before"
        console.print(f"  {each.customer} {each.period}: {each.after:,.2f} ({before})", markup=False)
    if len(report.statements) > SHOWN_STATEMENTS:
        console.print(f"  … and {len(report.statements) - SHOWN_STATEMENTS} more statements")
    for row in report.bad[:SHOWN_ERRORS]:
        console.print(f"  line {row.line}: {row.reason}", markup=False)
    if len(report.bad) > SHOWN_ERRORS:
        console.print(f"  … and {len(report.bad) - SHOWN_ERRORS} more")
