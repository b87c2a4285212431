"""Projects, their API keys, the addresses they are reached at, and the sites that may show their widget."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from relevo.domain.ids import ChannelName, ProjectId, new_id
from relevo.storage.database import Database


@dataclass(frozen=True, slots=True)
class Project:
    id: ProjectId
    team: str


def hash_key(key: str) -> bytes:
    """SHA-256 of an API key. Keys are 256 random bits: a slow hash would add nothing."""
    return hashlib.sha256(key.encode()).digest()


async def known_projects(database: Database) -> list[Project]:
    async with database.door() as connection:
        rows = await (await connection.execute("SELECT project_id, team FROM known_projects()")).fetchall()
    return [Project(ProjectId(row["project_id"]), row["team"]) for row in rows]


async def create_project(database: Database, project: ProjectId, team: str, name: str) -> bool:
    """Creates a project; returns False when it is there already."""
    async with database.project(project) as connection:
        done = await connection.execute(
            "INSERT INTO projects (project_id, team, name) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            (project, team, name),
        )
        return done.rowcount == 1


async def create_key(
    database: Database, project: ProjectId, name: str, scopes: Sequence[str] = ("read", "write")
) -> str:
    """Makes an API key for the project and returns it; only its hash is kept."""
    key = f"rlv_{secrets.token_urlsafe(32)}"
    async with database.project(project) as connection:
        await connection.execute(
            "INSERT INTO api_keys (project_id, id, name, key_hash, scopes) VALUES (%s, %s, %s, %s, %s)",
            (project, new_id("k"), name, hash_key(key), list(scopes)),
        )
    return key


async def read_keys(database: Database, project: ProjectId) -> list[dict[str, Any]]:
    """A project's keys without their hashes, the newest first."""
    async with database.project(project) as connection:
        return await (
            await connection.execute(
                "SELECT id, name, scopes, created_at, last_used_at, revoked_at FROM api_keys"
                " WHERE project_id = %s ORDER BY created_at DESC",
                (project,),
            )
        ).fetchall()


async def revoke_key(database: Database, project: ProjectId, key_id: str) -> bool:
    """Revokes a key by its id; returns False when the project has no such valid key."""
    async with database.project(project) as connection:
        done = await connection.execute(
            "UPDATE api_keys SET revoked_at = now() WHERE project_id = %s AND id = %s AND revoked_at IS NULL",
            (project, key_id),
        )
        return done.rowcount == 1


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A valid API key: whose it is, and what it may."""

    project: ProjectId
    scopes: frozenset[str]


async def read_key(database: Database, key: str) -> KnownKey | None:
    """What a key opens, None when it opens nothing. That it was used is noted, to the minute."""
    async with database.door() as connection:
        row = await (
            await connection.execute("SELECT project_id, scopes FROM principal_of_key(%s)", (hash_key(key),))
        ).fetchone()
    return KnownKey(ProjectId(row["project_id"]), frozenset(row["scopes"])) if row else None


class ClaimedTwice(Exception):
    """More than one project claims an address; the message says how to end that."""


async def leave_address(database: Database, project: ProjectId, channel: ChannelName, address: str) -> None:
    """Says that messages to ``address`` on ``channel`` are not the project's any more."""
    async with database.project(project) as connection:
        await connection.execute(
            "DELETE FROM channel_addresses WHERE project_id = %s AND channel = %s AND address = %s",
            (project, channel, address),
        )


async def claim_address(database: Database, project: ProjectId, channel: ChannelName, address: str) -> None:
    """Says that messages to ``address`` on ``channel`` are the project's; two that say so get none."""
    async with database.project(project) as connection:
        await connection.execute(
            "INSERT INTO channel_addresses (project_id, channel, address) VALUES (%s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            (project, channel, address),
        )


async def move_address(
    database: Database, project: ProjectId, channel: ChannelName, address: str
) -> list[ProjectId]:
    """Makes ``address`` the project's alone; returns those it is taken from.

    It is claimed first: what comes meanwhile is sent again by the provider, and nothing is nobody's.
    """
    await claim_address(database, project, channel, address)
    before = []
    for other in await known_projects(database):
        if other.id != project and (channel, address) in await addresses_of_project(database, other.id):
            await leave_address(database, other.id, channel, address)
            before.append(other.id)
    return before


async def addresses_of_project(database: Database, project: ProjectId) -> list[tuple[ChannelName, str]]:
    """Our addresses at which a project is reached, with their channels."""
    async with database.project(project) as connection:
        rows = await (
            await connection.execute(
                "SELECT channel, address FROM channel_addresses WHERE project_id = %s ORDER BY 1, 2",
                (project,),
            )
        ).fetchall()
    return [(ChannelName(row["channel"]), row["address"]) for row in rows]


async def project_of_address(database: Database, channel: ChannelName, address: str) -> ProjectId | None:
    """The project reached at ``address``; None when there is none. Raises ClaimedTwice."""
    async with database.door() as connection:
        row = await (
            await connection.execute("SELECT project_of_address(%s, %s) AS project", (channel, address))
        ).fetchone()
    if row is None or row["project"] is None:
        return None
    if not row["project"]:
        raise ClaimedTwice(
            f"{channel} {address} is claimed by more than one project: relevo project address --help"
        )
    return ProjectId(row["project"])


async def address_of_project(database: Database, project: ProjectId, channel: ChannelName) -> str:
    """Our address on a channel, from which a project's messages are sent; empty when it has none."""
    async with database.project(project) as connection:
        row = await (
            await connection.execute(
                "SELECT address FROM channel_addresses WHERE project_id = %s AND channel = %s"
                " ORDER BY address LIMIT 1",
                (project, channel),
            )
        ).fetchone()
    return str(row["address"]) if row else ""


async def read_origins(database: Database, project: ProjectId) -> list[str]:
    """The origins whose pages may show the project's widget."""
    async with database.project(project) as connection:
        row = await (
            await connection.execute(
                "SELECT coalesce(settings -> 'origins', '[]') AS origins FROM projects WHERE project_id = %s",
                (project,),
            )
        ).fetchone()
    return [str(origin) for origin in row["origins"]] if row else []


async def add_origin(database: Database, project: ProjectId, origin: str) -> bool:
    """Lets pages of ``origin`` show the project's widget; returns False when they may already."""
    async with database.project(project) as connection:
        done = await connection.execute(
            "UPDATE projects SET settings = jsonb_set(settings, '{origins}',"
            " coalesce(settings -> 'origins', '[]') || to_jsonb(%(origin)s::text))"
            " WHERE project_id = %(project)s AND NOT coalesce(settings -> 'origins', '[]') ? %(origin)s",
            {"project": project, "origin": origin},
        )
        return done.rowcount == 1


async def remove_origin(database: Database, project: ProjectId, origin: str) -> bool:
    """Takes that leave back; returns False when it was not given."""
    async with database.project(project) as connection:
        done = await connection.execute(
            "UPDATE projects SET settings = jsonb_set(settings, '{origins}',"
            " (settings -> 'origins') - %(origin)s::text)"
            " WHERE project_id = %(project)s AND settings -> 'origins' ? %(origin)s",
            {"project": project, "origin": origin},
        )
        return done.rowcount == 1
