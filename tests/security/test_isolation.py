"""Row-level security as the application's role meets it; and that the checks notice when it is weakened."""

import asyncio
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier
from tests.security.core_rows import fill
from tests.security.isolation_probes import (
    INSTALLATION,
    MINE,
    THEIRS,
    door_faults,
    installation_faults,
    probe_table,
    role_faults,
    table_faults,
    tenant_tables,
)

from relevo.domain.ids import ProjectId
from relevo.storage.database import Database, NoProject, UnsafeRole, _configure


@pytest.fixture
def two_projects(admin_url: str, database_url: str) -> Iterator[Connection[object]]:
    """The application's own connection, to a database where two projects have a row in every table."""
    with psycopg.connect(admin_url, autocommit=True) as admin:
        fill(admin, MINE)
        fill(admin, THEIRS)
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


def test_no_table_lets_another_projects_rows_be_read_or_written(two_projects: Connection[object]) -> None:
    tables = tenant_tables(two_projects)
    assert len(tables) >= 37
    assert {table: wrong for table in tables if (wrong := probe_table(two_projects, table))} == {}


def test_every_table_is_fenced_forced_and_keyed_by_project(two_projects: Connection[object]) -> None:
    tables = tenant_tables(two_projects)
    assert {table: wrong for table in tables if (wrong := table_faults(two_projects, table))} == {}


def test_the_applications_role_has_no_right_beyond_its_rows(two_projects: Connection[object]) -> None:
    assert role_faults(two_projects) == []


def test_the_ways_across_projects_are_exactly_the_known_ones(two_projects: Connection[object]) -> None:
    assert door_faults(two_projects) == []


def test_the_installations_tables_are_reached_through_the_doors_alone(
    two_projects: Connection[object],
) -> None:
    assert installation_faults(two_projects) == []


OPENED = {
    "granted": "GRANT SELECT ON {table} TO relevo_app",
    "a column": "GRANT INSERT (id) ON users TO relevo_app",
    "not enabled": "ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
    "not forced": "ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
    "a policy": "CREATE POLICY everybody ON {table} USING (true)",
    "another owner": "ALTER TABLE {table} OWNER TO relevo_app",
}


@pytest.mark.parametrize("how", OPENED)
def test_every_opening_of_the_installations_tables_is_noticed(admin_url: str, how: str) -> None:
    with psycopg.connect(admin_url) as admin:
        for table in INSTALLATION:
            with admin.transaction(force_rollback=True):
                admin.execute(SQL(OPENED[how]).format(table=Identifier(table)))
                admin.execute("SET LOCAL ROLE relevo_app")
                assert installation_faults(admin), table


@pytest.mark.parametrize("role", ["relevo_door", "relevo_owner", "relevo_admin"])
def test_the_application_cannot_become_another_role(two_projects: Connection[object], role: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        two_projects.execute(SQL("SET ROLE {}").format(Identifier(role)))


def test_a_row_cannot_point_at_another_projects_row(two_projects: Connection[object]) -> None:
    """``only-theirs`` exists, but not here."""
    with two_projects.transaction():
        two_projects.execute("SELECT set_config('relevo.project', %s, true)", (THEIRS,))
        two_projects.execute("INSERT INTO persons (project_id, id) VALUES (%s, 'only-theirs')", (THEIRS,))
    with two_projects.transaction(force_rollback=True):
        two_projects.execute("SELECT set_config('relevo.project', %s, true)", (MINE,))
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            two_projects.execute(
                "INSERT INTO conversations (project_id, id, channel, address, person_id)"
                " VALUES (%s, 'c9', 'api', 'a9', 'only-theirs')",
                (MINE,),
            )


FENCE = "project_id = nullif(current_setting('relevo.project', true), '')"
WEAKER = {
    "no policy": "DROP POLICY own_project ON {table}",
    "reads everything": "ALTER POLICY own_project ON {table} USING (true)",
    "writes everything": "ALTER POLICY own_project ON {table} WITH CHECK (true)",
    "not enabled": "ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
    "open without a project": (
        "ALTER POLICY own_project ON {table}"
        f" USING ({FENCE} OR nullif(current_setting('relevo.project', true), '') IS NULL)"
    ),
    "a second policy": "CREATE POLICY another ON {table} FOR SELECT USING (true)",
}


def test_every_weakening_of_every_policy_is_noticed(two_projects: Connection[object], admin_url: str) -> None:
    """By attempts, not by reading the catalogue: this is what the probes are worth."""
    unnoticed = []
    with psycopg.connect(admin_url) as admin:
        for table in tenant_tables(two_projects):
            for name, weaken in WEAKER.items():
                with admin.transaction(force_rollback=True):
                    admin.execute(SQL(weaken).format(table=Identifier(table)))
                    admin.execute("SET LOCAL ROLE relevo_app")
                    if not probe_table(admin, table):
                        unnoticed.append((table, name))
    assert unnoticed == []


CARELESS = {
    "not forced": "ALTER TABLE messages NO FORCE ROW LEVEL SECURITY",
    "owned by the application": "ALTER TABLE messages OWNER TO relevo_app",
    "truncate": "GRANT TRUNCATE ON messages TO relevo_app",
    "oracle": "CREATE UNIQUE INDEX ON messages (id)",
    "dangling": "ALTER TABLE handoffs ADD UNIQUE (id), ADD FOREIGN KEY (id) REFERENCES handoffs (id)",
    "bypass": "ALTER ROLE relevo_app BYPASSRLS",
    "member": "GRANT relevo_door TO relevo_app",
    "creator": "GRANT CREATE ON SCHEMA public TO relevo_app",
    "view": "CREATE VIEW all_messages AS SELECT * FROM messages",
    "a further door": "CREATE FUNCTION peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER"
    " AS 'SELECT count(*) FROM messages'",
    "path": "ALTER FUNCTION known_projects() RESET search_path",
    "another owner": "ALTER FUNCTION known_projects() OWNER TO relevo_admin",
    "open door": "GRANT EXECUTE ON FUNCTION known_projects() TO PUBLIC",
    "missing door": "DROP FUNCTION known_projects()",
}


@pytest.mark.parametrize("how", CARELESS)
def test_every_careless_grant_is_noticed(two_projects: Connection[object], admin_url: str, how: str) -> None:
    with psycopg.connect(admin_url) as admin, admin.transaction(force_rollback=True):
        admin.execute(CARELESS[how])
        wrong = role_faults(admin) + door_faults(admin)
        wrong += [fault for table in tenant_tables(admin) for fault in table_faults(admin, table)]
        assert wrong


async def test_work_without_a_project_is_refused(database: Database) -> None:
    with pytest.raises(NoProject):
        async with database.project(ProjectId("")):
            pass


@pytest.mark.parametrize("right", ["SUPERUSER", "BYPASSRLS"])
async def test_a_role_that_could_see_past_the_fence_is_not_used(
    admin_url: str, monkeypatch: pytest.MonkeyPatch, right: str
) -> None:
    monkeypatch.setattr("relevo.storage.database.APP_ROLE", "careless")
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(SQL("CREATE ROLE careless {}").format(SQL(right)))
        connection = await psycopg.AsyncConnection.connect(admin_url, row_factory=dict_row)
        try:
            with pytest.raises(UnsafeRole):
                await _configure(connection)
        finally:
            await connection.close()
            admin.execute("DROP ROLE careless")


TASKS = 10_000
AT_ONCE = 50
"""Ten for each connection: all of them wait for one most of the time."""


async def test_a_small_pool_shared_by_many_projects_leaks_nothing(
    two_projects: Connection[object], database_url: str
) -> None:
    """Tasks alternate between two projects and none; a tenth fail half-way, a tenth are cancelled."""
    database = Database(database_url, 5)
    await database.open()
    leaks: list[object] = []
    room = asyncio.Semaphore(AT_ONCE)

    async def look_in_turn(number: int) -> None:
        async with room:
            await look(number)

    async def look(number: int) -> None:
        project = ProjectId((MINE, THEIRS)[number % 2])
        if number % 7 == 0:
            async with database.door() as connection:
                rows = await (await connection.execute("SELECT project_id FROM messages")).fetchall()
                leaks.extend(rows)
            return
        async with database.project(project) as connection:
            await asyncio.sleep(0)
            rows = await (await connection.execute("SELECT project_id FROM messages")).fetchall()
            leaks.extend(row for row in rows if row["project_id"] != project)
            if len(rows) != 1:
                leaks.append((number, rows))
            if number % 10 == 3:
                raise RuntimeError("half-way")
            if number % 10 == 4:
                raise asyncio.CancelledError

    try:
        outcomes = await asyncio.gather(
            *(look_in_turn(number) for number in range(TASKS)), return_exceptions=True
        )
    finally:
        await database.close()
    assert leaks == []
    odd = [
        each
        for each in outcomes
        if each is not None and not isinstance(each, RuntimeError | asyncio.CancelledError)
    ]
    assert odd == []
