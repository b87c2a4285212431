"""The marketing team's rows: what was answered at the start, and works in versions.

A work's body is JSON whose shape the team knows; here it is only kept. ``origin`` names what asked for it:
the same asking stores one version, however often it is tried.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from relevo.domain.ids import ProjectId
from relevo.storage.codec import json
from relevo.storage.database import Connection

WorkKind = Literal["persona", "forum", "pain_points", "journey", "summary", "content"]


@dataclass(frozen=True, slots=True)
class Work:
    """One version of a work."""

    kind: WorkKind
    id: str
    version: int
    body: dict[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class StoredBrief:
    """``template`` is the project's own, None where it uses the one that is shipped."""

    body: dict[str, Any]
    template: dict[str, Any] | None


async def read_brief(connection: Connection, project: ProjectId) -> StoredBrief:
    row = await (
        await connection.execute(
            "SELECT body, template FROM marketing_briefs WHERE project_id = %s", (project,)
        )
    ).fetchone()
    return StoredBrief(row["body"], row["template"]) if row else StoredBrief({}, None)


async def save_brief(connection: Connection, project: ProjectId, body: dict[str, Any]) -> None:
    await connection.execute(
        "INSERT INTO marketing_briefs (project_id, body) VALUES (%s, %s)"
        " ON CONFLICT (project_id) DO UPDATE SET body = excluded.body, updated_at = now()",
        (project, json(body)),
    )


async def save_template(connection: Connection, project: ProjectId, template: dict[str, Any] | None) -> None:
    await connection.execute(
        "INSERT INTO marketing_briefs (project_id, body, template) VALUES (%s, '{}', %s)"
        " ON CONFLICT (project_id) DO UPDATE SET template = excluded.template, updated_at = now()",
        (project, json(template) if template is not None else None),
    )


async def store_work(
    connection: Connection,
    project: ProjectId,
    kind: WorkKind,
    id: str,
    body: dict[str, Any],
    origin: str | None = None,
) -> Work:
    """Stores the next version of a work, or returns the one that ``origin`` has stored already."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('relevo.marketing/' || %s || '/' || %s, 0))",
        (project, kind),
    )
    if origin is not None:
        known = await _one(connection, project, "kind = %s AND origin = %s", (kind, origin))
        if known is not None:
            return known
    row = await (
        await connection.execute(
            "INSERT INTO marketing_works (project_id, kind, id, version, body, origin)"
            " SELECT %(project)s, %(kind)s, %(id)s, coalesce(max(version), 0) + 1, %(body)s, %(origin)s"
            " FROM marketing_works WHERE project_id = %(project)s AND kind = %(kind)s AND id = %(id)s"
            " RETURNING kind, id, version, body, created_at",
            {"project": project, "kind": kind, "id": id, "body": json(body), "origin": origin},
        )
    ).fetchone()
    assert row is not None
    return Work(**row)


async def read_work(
    connection: Connection, project: ProjectId, kind: WorkKind, id: str, version: int | None = None
) -> Work | None:
    """A version of a work, the newest without ``version``."""
    if version is None:
        return await _one(connection, project, "kind = %s AND id = %s", (kind, id))
    return await _one(connection, project, "kind = %s AND id = %s AND version = %s", (kind, id, version))


async def read_versions(connection: Connection, project: ProjectId, kind: WorkKind, id: str) -> list[Work]:
    """Every version of a work, the newest first."""
    return await _all(connection, "kind = %s AND id = %s ORDER BY version DESC", (project, kind, id))


async def list_works(
    connection: Connection, project: ProjectId, kind: WorkKind, most: int = 100
) -> list[Work]:
    """The newest version of each work of a kind, the last changed first."""
    found = await _all(
        connection,
        "kind = %s AND (id, version) IN (SELECT id, max(version) FROM marketing_works"
        " WHERE project_id = %s AND kind = %s GROUP BY id) ORDER BY created_at DESC, id LIMIT %s",
        (project, kind, project, kind, most),
    )
    return found


async def delete_work(connection: Connection, project: ProjectId, kind: WorkKind, id: str) -> bool:
    """Deletes a work with all its versions; False where there is none."""
    done = await connection.execute(
        "DELETE FROM marketing_works WHERE project_id = %s AND kind = %s AND id = %s", (project, kind, id)
    )
    return done.rowcount > 0


async def _one(
    connection: Connection, project: ProjectId, where: str, values: tuple[Any, ...]
) -> Work | None:
    found = await _all(connection, f"{where} ORDER BY version DESC LIMIT 1", (project, *values))
    return found[0] if found else None


async def _all(connection: Connection, where: str, values: tuple[Any, ...]) -> list[Work]:
    rows = await (
        await connection.execute(
            "SELECT kind, id, version, body, created_at FROM marketing_works"
            f" WHERE project_id = %s AND {where}",
            values,
        )
    ).fetchall()
    return [Work(**row) for row in rows]
