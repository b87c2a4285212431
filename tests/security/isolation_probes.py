"""Attempts to see or write another project's rows, and readings of the catalogue; each returns what is wrong.

They are functions over a connection that acts as the application's role, so that a test can let them run
against a database whose protection it has just removed, and see that they notice.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.errors import InsufficientPrivilege
from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier
from psycopg.types.json import Jsonb

MINE, THEIRS = "one", "two"
DOORS = {
    "claim_due(most integer, lease interval)",
    "due_outbox(most integer)",
    "project_of_address(of_channel text, of_address text)",
    "principal_of_key(of_hash bytea)",
    "known_projects()",
    "installation_metrics()",
    "attempt_take(of_subjects bytea[], of_at timestamp with time zone, most integer, within interval)",
    "attempts_forgive(of_account bytea, of_address bytea, of_at timestamp with time zone)",
    "user_by_email(of_email text)",
    "session_open(usr text, secret text, token bytea, sid text, of_at timestamp with time zone,"
    " until timestamp with time zone)",
    "session_seen(token bytea, of_id text, of_at timestamp with time zone, idle interval, longest interval)",
    "session_note(token bytea, of_project text, of_origin text)",
    "sessions_end(token bytea, of_user text)",
    "user_invite(uid text, of_email text, project text, as_role text, token bytea,"
    " until timestamp with time zone)",
    "user_reset(of_email text, token bytea, of_at timestamp with time zone, until timestamp with time zone)",
    "link_seen(token bytea, of_at timestamp with time zone)",
    "link_use(token bytea, secret text, of_name text, of_at timestamp with time zone)",
    "user_make_demo(of_id text, of_email text, secret text, project text, as_role text,"
    " at timestamp with time zone)",
    "users_known()",
    "sessions_known(of_user text, of_at timestamp with time zone)",
    "user_remove(of_email text)",
    "claim_analyses(most integer, lease interval)",
    "claim_documents(most integer, lease interval)",
}
"""Every way across projects there is. A new one needs a reason, and a line here."""

INSTALLATION = ("user_attempts", "user_links", "user_sessions", "users")
"""Tables of no project: nothing but the doors reads or writes them."""

Row = dict[str, Any]


def tenant_tables(connection: Connection[Any]) -> list[str]:
    """All tables but the installation's and the bookkeeping of the migrations: each must be fenced."""
    rows = _rows(
        connection,
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
        " AND relname <> 'alembic_version' AND relname <> ALL (%s) ORDER BY relname",
        (list(INSTALLATION),),
    )
    return [row["relname"] for row in rows]


def probe_table(connection: Connection[Any], table: str) -> list[str]:
    """What the application's role can do in ``table`` that it should not, or cannot that it should."""
    wrong: list[str] = []
    name = Identifier(table)
    count = SQL("SELECT count(*) AS n, count(*) FILTER (WHERE project_id = %s) AS theirs FROM {}").format(
        name
    )
    with _as_project(connection, MINE):
        seen = _rows(connection, count, (THEIRS,))[0]
        if seen["theirs"]:
            wrong.append("reads another project's rows")
        if not seen["n"] - seen["theirs"]:
            wrong.append("does not see its own rows")
        touch = SQL("UPDATE {} SET project_id = project_id WHERE project_id = %s").format(name)
        if _rowcount(connection, touch, (THEIRS,)):
            wrong.append("updates another project's rows")
    with _as_project(connection, MINE):
        if _rowcount(connection, SQL("DELETE FROM {} WHERE project_id = %s").format(name), (THEIRS,)):
            wrong.append("deletes another project's rows")
    with _as_project(connection, MINE):
        if not _refused(connection, SQL("UPDATE {} SET project_id = %s").format(name), (THEIRS,)):
            wrong.append("moves its rows to another project")
    with _as_project(connection, MINE):
        found = _rows(connection, SQL("SELECT to_jsonb(t) AS row FROM {} t LIMIT 1").format(name))
    if not found:
        return wrong
    row: Row = found[0]["row"]
    insert = SQL(
        "INSERT INTO {0} OVERRIDING SYSTEM VALUE SELECT * FROM jsonb_populate_record(NULL::{0}, %s)"
    ).format(name)
    with _as_project(connection, MINE):
        if not _refused(connection, insert, (Jsonb(row | {"project_id": THEIRS}),)):
            wrong.append("inserts into another project")
    for project in (None, ""):
        with _as_project(connection, project):
            if _rows(connection, count, (THEIRS,))[0]["n"]:
                wrong.append(f"reads rows with project {project!r}")
        with _as_project(connection, project):
            if not _refused(connection, insert, (Jsonb(row),)):
                wrong.append(f"inserts rows with project {project!r}")
    return wrong


def table_faults(connection: Connection[Any], table: str) -> list[str]:
    """What the catalogue says against ``table``: its fence, its owner, its rights, its keys."""
    wrong = []
    stands = _rows(
        connection,
        "SELECT relrowsecurity, relforcerowsecurity, relowner::regrole::text AS owner FROM pg_class"
        " WHERE oid = %s::regclass",
        (table,),
    )[0]
    if not (stands["relrowsecurity"] and stands["relforcerowsecurity"]):
        wrong.append("row security is not enabled and forced")
    if stands["owner"] != "relevo_owner":
        wrong.append(f"belongs to {stands['owner']}")
    policies = _rows(
        connection,
        "SELECT polname, polcmd::text, polpermissive, pg_get_expr(polqual, polrelid) AS reads,"
        " pg_get_expr(polwithcheck, polrelid) AS writes FROM pg_policy WHERE polrelid = %s::regclass",
        (table,),
    )
    fence = "(project_id = NULLIF(current_setting('relevo.project'::text, true), ''::text))"
    if [(each["polcmd"], each["reads"], each["writes"]) for each in policies] != [("*", fence, fence)]:
        wrong.append(f"its policies are {policies}")
    may = "SELECT has_table_privilege('relevo_app', %s, %s) AS has"
    wrong += [
        f"the application may {right}"
        for right in ("TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN")
        if _rows(connection, may, (table, right))[0]["has"]
    ]
    indexes = _rows(
        connection,
        "SELECT indexrelid::regclass::text AS name, array(SELECT attname::text FROM pg_attribute"
        " WHERE attrelid = indrelid AND attnum = ANY(indkey)) AS columns"
        " FROM pg_index WHERE indrelid = %s::regclass AND indisunique",
        (table,),
    )
    wrong += [
        f"{each['name']} is unique across projects" for each in indexes if "project_id" not in each["columns"]
    ]
    foreign = _rows(
        connection,
        "SELECT conname, array("
        "SELECT (SELECT attname FROM pg_attribute WHERE attrelid = conrelid AND attnum = k) || '='"
        " || (SELECT attname FROM pg_attribute WHERE attrelid = confrelid AND attnum = f)"
        " FROM unnest(conkey, confkey) u(k, f)) AS pairs"
        " FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass"
        " AND confrelid::regclass::text <> ALL (%s)",
        (table, list(INSTALLATION)),
    )
    wrong += [
        f"{each['conname']} may point into another project"
        for each in foreign
        if "project_id=project_id" not in each["pairs"]
    ]
    return wrong


def installation_faults(connection: Connection[Any]) -> list[str]:
    """What the application could do with the installation's tables, by rights or by a policy."""
    wrong = []
    for table in INSTALLATION:
        stands = _rows(
            connection,
            "SELECT relrowsecurity AND relforcerowsecurity AS fenced, relowner::regrole::text AS owner,"
            " (SELECT count(*) FROM pg_policy WHERE polrelid = c.oid) AS policies"
            " FROM pg_class c WHERE oid = %s::regclass",
            (table,),
        )[0]
        if stands != {"fenced": True, "owner": "relevo_owner", "policies": 0}:
            wrong.append(f"{table} stands {stands}")
        for statement in ("SELECT * FROM {}", "DELETE FROM {}", "INSERT INTO {} DEFAULT VALUES"):
            for project in (None, MINE):
                with _as_project(connection, project):
                    if not _refused(connection, SQL(statement).format(Identifier(table)), ()):
                        wrong.append(f"{statement.format(table)} is not refused")
        granted = (
            "SELECT has_any_column_privilege('relevo_app', %s, 'SELECT, INSERT, UPDATE, REFERENCES') AS has"
        )
        if _rows(connection, granted, (table,))[0]["has"]:
            wrong.append(f"the application has a right to {table}")
    return wrong


def role_faults(connection: Connection[Any]) -> list[str]:
    """What is wrong with the application's role: rights, memberships, property."""
    wrong = []
    role = _rows(connection, "SELECT * FROM pg_roles WHERE rolname = 'relevo_app'")[0]
    wrong += [
        right
        for right in ("rolsuper", "rolbypassrls", "rolcreaterole", "rolcreatedb", "rolreplication")
        if role[right]
    ]
    memberships = _rows(
        connection,
        "SELECT roleid::regrole::text AS role FROM pg_auth_members WHERE member = 'relevo_app'::regrole",
    )
    wrong += [f"is a member of {each['role']}" for each in memberships]
    owned = _rows(
        connection,
        "SELECT classid::regclass::text AS kind, objid FROM pg_shdepend"
        " WHERE refobjid = 'relevo_app'::regrole AND deptype = 'o'",
    )
    wrong += [f"owns a {each['kind']} {each['objid']}" for each in owned]
    if _rows(connection, "SELECT has_schema_privilege('relevo_app', 'public', 'CREATE') AS may")[0]["may"]:
        wrong.append("may create objects")
    return wrong


def door_faults(connection: Connection[Any]) -> list[str]:
    """What is wrong with the functions that act with other rights than their caller's, and with views."""
    functions = _rows(
        connection,
        "SELECT proname || '(' || pg_get_function_identity_arguments(oid) || ')' AS signature,"
        " proowner::regrole::text AS owner, proconfig, pronamespace::regnamespace::text AS schema,"
        " has_function_privilege('public', oid, 'EXECUTE') AS open FROM pg_proc"
        " WHERE prosecdef"
        " AND pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)",
    )
    wrong = [f"unknown door {each['signature']}" for each in functions if each["signature"] not in DOORS]
    wrong += [f"no door {name}" for name in DOORS - {each["signature"] for each in functions}]
    for each in functions:
        if each["owner"] != "relevo_door":
            wrong.append(f"{each['signature']} belongs to {each['owner']}")
        if each["proconfig"] != ["search_path=public, pg_temp"]:
            wrong.append(f"{each['signature']} has {each['proconfig']}")
        if each["open"]:
            wrong.append(f"anybody may call {each['signature']}")
    views = _rows(
        connection,
        "SELECT relname FROM pg_class WHERE relkind IN ('v', 'm', 'f')"
        " AND relnamespace = 'public'::regnamespace",
    )
    return wrong + [f"the view {each['relname']} may read past the fence" for each in views]


@contextmanager
def _as_project(connection: Connection[Any], project: str | None) -> Iterator[None]:
    """A transaction of ``project`` (None: no project was ever set) whose work is undone."""
    with connection.transaction(force_rollback=True):
        if project is not None:
            connection.execute("SELECT set_config('relevo.project', %s, true)", (project,))
        yield


def _refused(connection: Connection[Any], statement: Any, values: tuple[Any, ...]) -> bool:
    try:
        with connection.transaction():
            connection.execute(statement, values)
    except InsufficientPrivilege:
        return True
    except psycopg.IntegrityError:
        return False
    return False


def _rowcount(connection: Connection[Any], statement: Any, values: tuple[Any, ...]) -> int:
    """Rows changed; an error that only a row can cause means that one was reached."""
    try:
        with connection.transaction():
            return connection.execute(statement, values).rowcount
    except (psycopg.IntegrityError, InsufficientPrivilege):
        return 1


def _rows(connection: Connection[Any], statement: Any, values: tuple[Any, ...] = ()) -> list[Row]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement, values).fetchall()
