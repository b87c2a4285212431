"""Users, sessions, one-time links and counted attempts, through the door functions alone; memberships."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from relevo.domain.ids import ProjectId
from relevo.storage.database import Database

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Link:
    """A one-time link that can still be used. ``new``: its user has no password yet."""

    purpose: str
    email: str
    project: ProjectId | None
    role: str | None
    new: bool


async def take_attempt(
    database: Database, subjects: Sequence[bytes], at: datetime, most: int, within: timedelta
) -> timedelta | None:
    """Counts an attempt for each of ``subjects``; when one has had ``most`` within the time, counts none.

    Returns None when it was counted, else how long to wait. Attempts made at once are counted one by one.
    """
    wait: timedelta | None = await _value(
        database, "attempt_take(%s, %s, %s, %s)", list(subjects), at, most, within
    )
    return wait


async def forgive_attempts(database: Database, account: bytes, address: bytes, at: datetime) -> None:
    """Forgets all attempts of ``account``, and the one made at ``at`` of ``address``."""
    await _value(database, "attempts_forgive(%s, %s, %s)", account, address, at)


async def user_by_email(database: Database, email: str) -> tuple[str, str | None] | None:
    """The id and the password's hash of a user; None for an unknown address."""
    rows = await _rows(database, "user_by_email(%s)", email)
    return (rows[0]["user_id"], rows[0]["password_hash"]) if rows else None


async def open_session(
    database: Database, user: str, password_hash: str, token: bytes, id: str, at: datetime, until: datetime
) -> bool:
    """Opens a session, unless the password that was verified is no more the user's."""
    opened: bool = await _value(
        database, "session_open(%s, %s, %s, %s, %s, %s)", user, password_hash, token, id, at, until
    )
    return opened


async def session_seen(
    database: Database,
    at: datetime,
    *,
    token: bytes | None = None,
    id: str | None = None,
    idle: timedelta | None = None,
    longest: timedelta | None = None,
) -> Row | None:
    """The living session with this token, or with this id, and its user; with ``idle`` it lives on."""
    rows = await _rows(database, "session_seen(%s, %s, %s, %s, %s)", token, id, at, idle, longest)
    return rows[0] if rows else None


async def note_session(
    database: Database, token: bytes, *, project: ProjectId | None = None, origin: str | None = None
) -> bool:
    """Chooses the project, if the user belongs to it; or writes down from where the session was opened."""
    return bool(await _value(database, "session_note(%s, %s, %s)", token, project, origin))


async def end_sessions(database: Database, *, token: bytes | None = None, user: str | None = None) -> int:
    """Ends the session with this token, or all of a user; returns how many there were."""
    ended: int = await _value(database, "sessions_end(%s, %s)", token, user)
    return ended


async def invite(
    database: Database, id: str, email: str, project: ProjectId, role: str, token: bytes, until: datetime
) -> None:
    """Keeps an invitation for ``email``; where there is no such user, makes one with the id ``id``."""
    await _value(database, "user_invite(%s, %s, %s, %s, %s, %s)", id, email, project, role, token, until)


async def make_reset(database: Database, email: str, token: bytes, at: datetime, until: datetime) -> bool:
    """Keeps a link to set a new password; returns False when there is no such user."""
    made: bool = await _value(database, "user_reset(%s, %s, %s, %s)", email, token, at, until)
    return made


async def link_seen(database: Database, token: bytes, at: datetime) -> Link | None:
    """What a link that can still be used is for."""
    rows = await _rows(database, "link_seen(%s, %s)", token, at)
    return Link(**rows[0]) if rows else None


async def use_link(
    database: Database, token: bytes, password_hash: str | None, name: str | None, at: datetime
) -> str | None:
    """Uses a link up: sets the password, or adds the membership; returns whose it was, None if nobody's.

    A new password ends the user's sessions. An invitation never replaces a password.
    """
    email: str | None = await _value(database, "link_use(%s, %s, %s, %s)", token, password_hash, name, at)
    return email


async def make_demo_user(
    database: Database, id: str, email: str, password_hash: str, project: ProjectId, role: str, at: datetime
) -> bool:
    """Makes a user of the demo; returns False when there is a user with that address."""
    made: bool = await _value(
        database, "user_make_demo(%s, %s, %s, %s, %s, %s)", id, email, password_hash, project, role, at
    )
    return made


async def known_users(database: Database) -> list[Row]:
    """All users with their roles by project, without their hashes."""
    return await _rows(database, "users_known()")


async def known_sessions(database: Database, user: str, at: datetime) -> list[Row]:
    """A user's living sessions, the last seen first."""
    return await _rows(database, "sessions_known(%s, %s)", user, at)


async def remove_user(database: Database, email: str) -> bool:
    """Removes a user with all that is theirs here; returns False when there is none."""
    removed: bool = await _value(database, "user_remove(%s)", email)
    return removed


async def leave_project(database: Database, project: ProjectId, user: str) -> bool:
    """Takes a user out of a project; returns False when they were not in it."""
    async with database.project(project) as connection:
        done = await connection.execute(
            "DELETE FROM memberships WHERE project_id = %s AND user_id = %s", (project, user)
        )
        return done.rowcount == 1


async def mark_demo(database: Database, project: ProjectId) -> bool:
    """Notes that a project's demo users were made; returns False when they were before."""
    async with database.project(project) as connection:
        done = await connection.execute(
            "UPDATE projects SET settings = settings || '{\"demo_users\": true}'"
            " WHERE project_id = %s AND NOT settings ? 'demo_users'",
            (project,),
        )
        return done.rowcount == 1


async def _value(database: Database, call: str, *values: Any) -> Any:
    async with database.door() as connection:
        row = await (await connection.execute(f"SELECT {call} AS value", values)).fetchone()
    return row["value"] if row else None


async def _rows(database: Database, call: str, *values: Any) -> list[Row]:
    async with database.door() as connection:
        return await (await connection.execute(f"SELECT * FROM {call}", values)).fetchall()
