"""Brings a database's schema to the newest revision; costs one query when it already is."""

import asyncio
from pathlib import Path

import psycopg

from relevo.storage import functions
from relevo.storage.isolation import ROLES

MIGRATIONS = Path(__file__).parent / "migrations"


REFUSED = (
    "DATABASE_URL: its role may not migrate this database, which takes making roles and functions. "
    "Start once with a superuser's address, or let an administrator do so; after that a role that is "
    "a member of relevo_app is enough (GRANT relevo_app TO your_role)."
)


class MigrationRefused(Exception):
    """The role of DATABASE_URL may not do what a migration needs; the message says what to do."""


def newest_revision() -> str:
    """The revision this version of the program expects: the files are numbered."""
    return max(path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


async def migrate(admin_url: str) -> bool:
    """Migrates the database at ``admin_url`` (a libpq address) and says whether anything was to do.

    Several processes may call it at once: an advisory lock lets one work while the others wait.
    Raises MigrationRefused when the role lacks rights, psycopg.OperationalError when there is no server.
    """
    async with await psycopg.AsyncConnection.connect(admin_url, autocommit=True) as connection:
        if await _is_current(connection):
            return False
        await connection.execute("SELECT pg_advisory_lock(hashtext('relevo.migrate'))")
        if await _is_current(connection):
            return False
        try:
            await connection.execute(ROLES)
            await connection.execute("GRANT CREATE, USAGE ON SCHEMA public TO relevo_owner")
            await connection.execute("GRANT USAGE ON SCHEMA public TO relevo_app, relevo_door")
            await asyncio.to_thread(_run_alembic, admin_url)
            await connection.execute("GRANT SELECT ON alembic_version TO relevo_app")
            async with connection.transaction():
                await connection.execute(functions.statements())
        except psycopg.errors.InsufficientPrivilege as error:
            raise MigrationRefused(REFUSED) from error
        return True


async def _is_current(connection: psycopg.AsyncConnection[tuple[object, ...]]) -> bool:
    """Whether tables and functions are those of this version of the program."""
    if await _revision(connection) != newest_revision():
        return False
    row = await (await connection.execute(functions.INSTALLED)).fetchone()
    return row is not None and row[0] == functions.digest()


async def _revision(connection: psycopg.AsyncConnection[tuple[object, ...]]) -> str | None:
    row = await (await connection.execute("SELECT to_regclass('public.alembic_version')")).fetchone()
    if row is None or row[0] is None:
        return None
    found = await (await connection.execute("SELECT version_num FROM alembic_version")).fetchone()
    return str(found[0]) if found else None


def _run_alembic(url: str) -> None:
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.pool import NullPool

    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=NullPool)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except DBAPIError as error:
        raise error.orig or error from error
