"""The turn's transactions as SQL functions, a file each: one round trip, the caller's rights, one project.

They run with the rights of whoever calls them, so row-level security holds in them as everywhere. ``migrate``
puts them in place whenever the files have changed.
"""

import hashlib
from pathlib import Path

FILES = sorted(Path(__file__).parent.glob("*.sql"))


def digest() -> str:
    """Tells this set of functions from any other."""
    whole = hashlib.sha256()
    for path in FILES:
        whole.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return whole.hexdigest()


def statements() -> str:
    """What puts every function in place, and the digest beside the first of them."""
    owned = "".join(
        f"ALTER FUNCTION {path.stem} OWNER TO relevo_owner; REVOKE ALL ON FUNCTION {path.stem} FROM PUBLIC;"
        f" GRANT EXECUTE ON FUNCTION {path.stem} TO relevo_app;\n"
        for path in FILES
    )
    bodies = "\n".join(path.read_text("utf-8") for path in FILES)
    return f"{bodies}\n{owned}COMMENT ON FUNCTION {FILES[0].stem} IS '{digest()}';"


INSTALLED = f"SELECT obj_description(to_regproc('{FILES[0].stem}'), 'pg_proc')"
"""The digest of the functions that are in place; NULL where there are none."""
