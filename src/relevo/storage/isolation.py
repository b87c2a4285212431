"""Row-level security: how a table is fenced to its project, and how a door function is opened.

Three roles that cannot log in or are not privileged hold it together:

- ``relevo_owner`` owns the tables and functions' schema objects; it bypasses nothing (security is forced);
- ``relevo_door`` owns the few SECURITY DEFINER functions across projects, and alone bypasses row security;
- ``relevo_app`` is what the program acts as; it owns nothing and bypasses nothing.
"""

from collections.abc import Callable

Execute = Callable[[str], object]

OWN_PROJECT = "project_id = nullif(current_setting('relevo.project', true), '')"

ROLES = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'relevo_owner') THEN
        CREATE ROLE relevo_owner NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'relevo_door') THEN
        CREATE ROLE relevo_door NOLOGIN BYPASSRLS;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'relevo_app') THEN
        CREATE ROLE relevo_app NOLOGIN;
    END IF;
END $$
"""
"""What an administrator runs once on a server where the migrating role may not create roles."""


def isolate(execute: Execute, table: str) -> None:
    """Fences ``table`` (which has a ``project_id``) to the project set for the transaction.

    With no project set, or an empty one, there are no rows to read and none can be written.
    """
    execute(f"ALTER TABLE {table} OWNER TO relevo_owner")
    execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    execute(f"CREATE POLICY own_project ON {table} USING ({OWN_PROJECT}) WITH CHECK ({OWN_PROJECT})")
    execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO relevo_app")
    execute(f"GRANT SELECT, UPDATE ON {table} TO relevo_door")


def seclude(execute: Execute, table: str) -> None:
    """Closes ``table``, which is the installation's and no project's, to all but the door functions.

    It has no policy: whoever was granted a right to it by mistake still sees no row and writes none.
    """
    execute(f"ALTER TABLE {table} OWNER TO relevo_owner")
    execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO relevo_door")


def door(execute: Execute, signature: str, body: str) -> None:
    """Opens one function across projects: fixed search path, owned by the role that bypasses row security."""
    name_and_types = _types_of(signature)
    execute(f"CREATE FUNCTION {signature} {body} SECURITY DEFINER SET search_path = public, pg_temp")
    execute(f"ALTER FUNCTION {name_and_types} OWNER TO relevo_door")
    execute(f"REVOKE ALL ON FUNCTION {name_and_types} FROM PUBLIC")
    execute(f"GRANT EXECUTE ON FUNCTION {name_and_types} TO relevo_app")


def _types_of(signature: str) -> str:
    """``f(a integer, b text)`` → ``f(integer, text)``."""
    name, _, arguments = signature.rstrip(")").partition("(")
    types = [argument.strip().split(" ", 1)[1] for argument in arguments.split(",") if argument.strip()]
    return f"{name}({', '.join(types)})"
