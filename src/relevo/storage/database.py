"""The connection pool, and the only two ways to a connection: for one project, or for the narrow door."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any

import orjson
from psycopg import AsyncConnection, OperationalError
from psycopg.rows import DictRow, dict_row
from psycopg.sql import SQL, quote
from psycopg.types.json import set_json_dumps, set_json_loads
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from relevo.domain.ids import ProjectId

APP_ROLE = "relevo_app"
STATEMENT_SECONDS = 30
"""No statement of ours takes a second; one that takes this long is stuck and must not hold a connection."""

DOWN = (OperationalError, PoolTimeout)
"""What is raised where the database does not answer."""
Connection = AsyncConnection[DictRow]


def _dumps(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS, default=str)


set_json_dumps(_dumps)
set_json_loads(orjson.loads)


class NoProject(Exception):
    """Work on a project's rows was asked for without saying which project."""


class UnsafeRole(Exception):
    """The database role in use could see past row-level security."""


async def _configure(connection: AsyncConnection[Any]) -> None:
    """Makes a new connection act as the application's role, and refuses one that could bypass isolation."""
    await connection.execute(f"SET ROLE {APP_ROLE}")
    await connection.execute(f"SET statement_timeout = '{STATEMENT_SECONDS}s'")
    row = await (
        await connection.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
    ).fetchone()
    if row is None or next(iter(row.values())):
        raise UnsafeRole(f"role {APP_ROLE} must be neither superuser nor BYPASSRLS")


@lru_cache(maxsize=1024)
def _begin(project: ProjectId) -> SQL:
    """Begins a transaction for ``project``, in one message to the server."""
    return SQL(f"BEGIN; SELECT enter_project({quote(project)})")


class Database:
    """A pool of connections that act as the application's role, which owns nothing and bypasses nothing.

    ``url`` is a libpq address; ``size`` the most connections kept.
    """

    def __init__(self, url: str, size: int = 10) -> None:
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            url,
            min_size=1,
            max_size=size,
            open=False,
            configure=_configure,
            kwargs={"row_factory": dict_row, "prepare_threshold": 2, "autocommit": True},
            name="relevo",
            timeout=10,
        )

    async def open(self) -> None:
        await self._pool.open(wait=True, timeout=30)

    async def close(self) -> None:
        await self._pool.close()

    @asynccontextmanager
    async def project(self, project: ProjectId) -> AsyncIterator[Connection]:
        """One transaction that sees the rows of ``project`` and no others; commits when the block ends well.

        Raises NoProject for an empty project.
        """
        if not project:
            raise NoProject("no project in context")
        async with self._pool.connection() as connection:
            await connection.execute(_begin(project))  # the pool ends what is begun here
            yield connection

    @asynccontextmanager
    async def door(self) -> AsyncIterator[Connection]:
        """A connection without a project: it sees no rows.

        Each statement is a transaction of its own, and calls a function: one that begins with
        ``enter_project``, or one of the few that look across projects.
        """
        async with self._pool.connection() as connection:
            yield connection

    async def ping(self) -> None:
        """Raises psycopg.OperationalError or PoolTimeout when the database does not answer."""
        async with self._pool.connection(timeout=2) as connection:
            await connection.execute("SELECT 1")
