"""`relevo music`: the music team's own commands."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from relevo.bootstrap import open_app
from relevo.cli.console import console, fail, run
from relevo.cli.logs import set_up
from relevo.settings import load_settings
from relevo.teams.music.importer import ImportRefused, ImportReport, import_csv

app = typer.Typer(help="The music team.", no_args_is_help=True)
SHOWN_ERRORS = 50


@app.callback()
def _group() -> None:
    """The music team."""


@app.command("import")
def import_files(
    files: Annotated[list[Path], typer.Argument(help="releases.csv, statements.csv (docs/music-import.md)")],
) -> None:
    """Imports releases and statements; importing twice changes nothing, bad rows are told by line."""
    set_up("warning")
    for file in files:
        if not file.is_file():
            fail(f"{file} is not a file")
        try:
            report = run(_import(file))
        except ImportRefused as error:
            fail(f"{file}: {error}")
        _show(file, report)
        if report.bad:
            raise typer.Exit(1)


async def _import(file: Path) -> ImportReport:
    async with open_app(load_settings(), working=False) as opened:
        with Progress(console=console, transient=True) as progress:
            task = progress.add_task(file.name, total=None)
            return await import_csv(
                opened.database,
                opened.default_project,
                file,
                lambda done, total: progress.update(task, completed=done, total=total),
            )


def _show(file: Path, report: ImportReport) -> None:
    console.print(
        f"{file.name} ({report.kind}): {report.rows} rows, {report.changed} new or changed, "
        f"{report.unchanged} already there, {len(report.bad)} bad"
    )
    for row in report.bad[:SHOWN_ERRORS]:
        console.print(f"  line {row.line}: {row.reason}", markup=False)
    if len(report.bad) > SHOWN_ERRORS:
        console.print(f"  … and {len(report.bad) - SHOWN_ERRORS} more")
