"""Puts the demonstration into a project, once."""

import asyncio
import random
from datetime import datetime

from relevo.domain.clock import Clock, SystemClock
from relevo.domain.ids import ProjectId
from relevo.storage.database import Connection, Database
from relevo.teams.music.backend.plans import load_terms
from relevo.teams.music.backend.postgres.bulk import TABLES, insert
from relevo.teams.music.demo.generated import add_generated
from relevo.teams.music.demo.named import DEMO_CUSTOMERS, add_named
from relevo.teams.music.demo.rows import Rows

SEED = 1


async def load_demo(database: Database, project: ProjectId, clock: Clock | None = None) -> bool:
    """Adds the demonstration to ``project``, and the project if need be; False when it was there already.

    All of it or nothing; of two callers at once, one waits and then finds it done.
    """
    now = (clock or SystemClock()).now()
    async with database.project(project) as connection:
        await connection.execute(
            "INSERT INTO projects (project_id, team, name) VALUES (%s, 'music', 'Demo')"
            " ON CONFLICT (project_id) DO NOTHING",
            (project,),
        )
        await connection.execute("SELECT pg_advisory_xact_lock(hashtext('relevo.demo:' || %s))", (project,))
        there = await connection.execute(
            "SELECT FROM music_customers WHERE id = %s", (DEMO_CUSTOMERS["ana"].ref,)
        )
        if await there.fetchone() is not None:
            return False
        await store(connection, project, await asyncio.to_thread(demo_rows, now))
    return True


async def store(connection: Connection, project: ProjectId, rows: Rows) -> None:
    """Adds the rows, parents before children."""
    for table in TABLES:
        await insert(connection, project, table, rows.tables[table])


def demo_rows(now: datetime) -> Rows:
    """The same rows every time, but for what is told relative to ``now``."""
    rows = Rows(random.Random(SEED))  # noqa: S311  (not a secret: the demonstration repeats itself on purpose)
    stores = load_terms().stores
    add_named(rows, stores, now)
    add_generated(rows, stores)
    return rows
