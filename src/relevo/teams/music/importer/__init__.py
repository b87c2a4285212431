"""A label's own data from files: releases.csv, statements.csv and sales reports (docs/import-formats.md).

A file is imported in one transaction: stopped half way, nothing of it is there. Bad rows are reported with
their line, good ones are kept, and a file imported again changes nothing.
"""

import asyncio
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from psycopg import Rollback

from relevo.domain.ids import ProjectId
from relevo.storage.database import Connection, Database
from relevo.teams.music.backend.plans import load_terms
from relevo.teams.music.importer.csv_file import Row, Table, read_csv
from relevo.teams.music.importer.releases import ReleasesImport
from relevo.teams.music.importer.report import BadRow, ImportReport, StatementChange
from relevo.teams.music.importer.sales_report import Records, check_complete, is_sales_report, sales_of
from relevo.teams.music.importer.statements import StatementsImport
from relevo.teams.music.importer.text_file import ImportRefused, encoding_of

__all__ = ["BadRow", "ImportRefused", "ImportReport", "StatementChange", "import_csv"]

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
    *,
    dry_run: bool = False,
) -> ImportReport:
    """Imports the file at ``path``; which kind it is, its first line says. A ``dry_run`` does everything and
    takes it back.

    ``on_progress`` is called with the lines done and the lines in all. Raises ImportRefused when the file as
    a whole cannot be read as one of the kinds, and OSError when it cannot be opened.
    """
    source: Table | Records
    encoding = await asyncio.to_thread(encoding_of, path)
    if await asyncio.to_thread(is_sales_report, path, encoding):
        kind, source = "sales", await asyncio.to_thread(check_complete, path)
    else:
        source = await read_csv(path)
        kind = _kind_of(source)
    report: ImportReport | None = None
    async with database.project(project) as connection:
        await connection.execute("SELECT pg_advisory_xact_lock(hashtext('relevo.import:' || %s))", (project,))
        async with connection.transaction():
            report = await _store(connection, project, kind, source, on_progress, written=not dry_run)
            if dry_run:
                raise Rollback
    if report is None:
        raise ImportRefused("nothing was read")
    on_progress(source.lines, source.lines)
    return report


def _kind_of(table: Table) -> str:
    kind = next((kind for kind, each in KINDS.items() if set(each.required) <= set(table.columns)), None)
    if kind is None:
        needed = "; ".join(f"{kind}.csv: {', '.join(each.required)}" for kind, each in KINDS.items())
        raise ImportRefused(f"the header has {', '.join(table.columns)}; needed are, for {needed}")
    return kind


async def _store(
    connection: Connection,
    project: ProjectId,
    kind: str,
    source: Table | Records,
    on_progress: Callable[[int, int], None],
    *,
    written: bool,
) -> ImportReport:
    rows = changed = lines = 0
    bad: list[BadRow] = []
    if isinstance(source, Records):
        sales, bad, rows = await sales_of(connection, source)
        read: Iterator[Row | BadRow] = iter(sales)
    else:
        read = source.rows
    work = KINDS.get(kind, StatementsImport)(connection, project, load_terms())
    unread = 0
    while batch := list(islice(read, BATCH)):
        lines += len(batch)
        good = [row for row in batch if not isinstance(row, BadRow)]
        bad += [row for row in batch if isinstance(row, BadRow)]
        unread += len(batch) - len(good)
        outcome = await work.store(good)
        changed += outcome.changed
        unread += len(outcome.bad)
        bad += outcome.bad
        on_progress(min(batch[-1].line, source.lines), source.lines)
    await work.finish()
    statements = await work.changes() if isinstance(work, StatementsImport) else ()
    wrong = tuple(sorted(bad, key=lambda row: row.line))
    return ImportReport(kind, rows or lines, changed, wrong, lines - changed - unread, statements, written)
