"""A label's own data from CSV files: releases.csv and statements.csv, as docs/music-import.md describes them.

A file is imported in one transaction: stopped half way, nothing of it is there. Bad rows are reported with
their line, good ones are kept, and a file imported again changes nothing.
"""

from collections.abc import Callable
from itertools import islice
from pathlib import Path

from relevo.domain.ids import ProjectId
from relevo.storage.database import Database
from relevo.teams.music.backend.plans import load_terms
from relevo.teams.music.importer.csv_file import ImportRefused, read_csv
from relevo.teams.music.importer.releases import ReleasesImport
from relevo.teams.music.importer.report import BadRow, ImportReport
from relevo.teams.music.importer.statements import StatementsImport

__all__ = ["BadRow", "ImportRefused", "ImportReport", "import_csv"]

BATCH = 2_000

KINDS: dict[str, type[StatementsImport] | type[ReleasesImport]] = {
    "statements": StatementsImport,
    "releases": ReleasesImport,
}


async def import_csv(
    database: Database,
    project: ProjectId,
    path: Path,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> ImportReport:
    """Imports the file at ``path``; which of the two it is, its header says.

    ``on_progress`` is called with the lines done and the lines in all. Raises ImportRefused when the file as
    a whole cannot be read as one of the two, and OSError when it cannot be opened.
    """
    table = await read_csv(path)
    kind = next((kind for kind, each in KINDS.items() if set(each.required) <= set(table.columns)), None)
    if kind is None:
        needed = "; ".join(f"{kind}.csv: {', '.join(each.required)}" for kind, each in KINDS.items())
        raise ImportRefused(f"the header has {', '.join(table.columns)}; needed are, for {needed}")
    rows = changed = 0
    bad: list[BadRow] = []
    async with database.project(project) as connection:
        await connection.execute("SELECT pg_advisory_xact_lock(hashtext('relevo.import:' || %s))", (project,))
        work = KINDS[kind](connection, project, load_terms())
        while batch := list(islice(table.rows, BATCH)):
            rows += len(batch)
            good = [row for row in batch if not isinstance(row, BadRow)]
            bad += [row for row in batch if isinstance(row, BadRow)]
            outcome = await work.store(good)
            changed += outcome.changed
            bad += outcome.bad
            on_progress(min(batch[-1].line, table.lines), table.lines)
        await work.finish()
    on_progress(table.lines, table.lines)
    return ImportReport(kind, rows, changed, tuple(sorted(bad, key=lambda row: row.line)))
