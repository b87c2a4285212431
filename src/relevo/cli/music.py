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


@app.callback()
def _group() -> None:
    """The music team: import releases and statements."""


@app.command("import")
def import_files(
    files: Annotated[list[Path], typer.Argument(help="releases.csv, statements.csv (docs/music-import.md)")],
    project: OfProject = None,
) -> None:
    """Imports releases and statements; importing twice changes nothing, bad rows are told by line.

    Every file is imported, whatever is wrong with another; anything wrong ends with status 1.
    """

    there = [file for file in files if file.is_file()]
    for file in files:
        if file not in there:
            console.print(f"✗ {file} is not a file", markup=False)

    async def job(opened: App, of_project: ProjectId) -> list[bool]:
        return [await _import(opened, of_project, file) for file in there]

    if not all(within(project, job)) or len(there) < len(files):
        raise typer.Exit(1)


async def _import(opened: App, project: ProjectId, file: Path) -> bool:
    """Imports one file and tells what came of it; returns whether nothing was wrong."""
    try:
        with Progress(console=console, transient=True) as progress:
            task = progress.add_task(file.name, total=None)
            report = await import_csv(
                opened.database,
                project,
                file,
                lambda done, total: progress.update(task, completed=done, total=total),
            )
    except ImportRefused as error:
        console.print(f"✗ {file}: {error}", markup=False)
        return False
    _show(file, report)
    return not report.bad


def _show(file: Path, report: ImportReport) -> None:
    console.print(
        f"{file.name} ({report.kind}): {report.rows} rows, {report.changed} new or changed, "
        f"{report.unchanged} already there, {len(report.bad)} bad",
        markup=False,
    )
    for row in report.bad[:SHOWN_ERRORS]:
        console.print(f"  line {row.line}: {row.reason}", markup=False)
    if len(report.bad) > SHOWN_ERRORS:
        console.print(f"  … and {len(report.bad) - SHOWN_ERRORS} more")
