"""Releases, deliveries and takedowns."""

import asyncio
from typing import Any

from relevo.domain.ids import CustomerRef
from relevo.storage.database import Connection
from relevo.teams.music.backend.errors import (
    KeyTaken,
    NotInStores,
    TakedownAlreadyRequested,
    UnknownRelease,
)
from relevo.teams.music.backend.postgres.base import Part
from relevo.teams.music.backend.postgres.customers import locked
from relevo.teams.music.backend.reasons import Reason
from relevo.teams.music.backend.releases import (
    Delivery,
    DeliveryState,
    Release,
    ReleaseId,
    ReleaseSearch,
    ReleaseState,
    Takedown,
    Track,
)
from relevo.teams.music.backend.titles import find, find_plainly

MOST_SEARCHED = 1_000
MOST_TRACKS = 5_000

RELEASES = "SELECT * FROM music_releases_of(%(project)s, %(customer)s, %(limit)s)"
RELEASE = """
    SELECT title, state FROM music_releases WHERE customer_id = %(customer)s AND id = %(release)s
"""
DELIVERIES = """
    SELECT store, state, live_on FROM music_deliveries
    WHERE customer_id = %(customer)s AND release_id = %(release)s ORDER BY store
"""
TRACKS = """
    SELECT isrc, title, position FROM music_tracks
    WHERE customer_id = %(customer)s AND release_id = %(release)s ORDER BY position
"""
ALL_TRACKS = """
    SELECT release_id, isrc, title, position FROM music_tracks
    WHERE customer_id = %(customer)s ORDER BY release_id, position LIMIT %(limit)s
"""
TAKEDOWN_OF_KEY = """
    SELECT number, customer_id, release_id, requested_at FROM music_takedowns WHERE idempotency_key = %(key)s
"""
ADD_TAKEDOWN = """
    INSERT INTO music_takedowns (project_id, customer_id, number, release_id, idempotency_key, requested_at)
    VALUES (%(project)s, %(customer)s, %(number)s, %(release)s, %(key)s, %(now)s)
"""
MARK_TAKEDOWN = """
    UPDATE music_releases SET state = 'takedown_requested'
    WHERE customer_id = %(customer)s AND id = %(release)s
"""

IN_STORES = frozenset({ReleaseState.LIVE, ReleaseState.SCHEDULED})
GOING = frozenset({ReleaseState.TAKEDOWN_REQUESTED, ReleaseState.TAKEN_DOWN})


class PostgresCatalogue(Part):
    async def releases(self, customer: CustomerRef, limit: int = 50) -> tuple[Release, ...]:
        wanted = {"project": self.project, "customer": customer, "limit": limit}
        async with self._database.door() as connection:
            rows = await (await connection.execute(RELEASES, wanted)).fetchall()
        return tuple(_release_of(row) for row in rows)

    async def find_release(self, customer: CustomerRef, text: str) -> ReleaseSearch:
        releases = await self.releases(customer, MOST_SEARCHED)
        return await asyncio.to_thread(find, text, releases) if len(releases) > 100 else find(text, releases)

    async def deliveries(self, customer: CustomerRef, release: ReleaseId) -> tuple[Delivery, ...]:
        async with self._connection() as connection:
            rows = await (
                await connection.execute(DELIVERIES, {"customer": customer, "release": release})
            ).fetchall()
        return tuple(Delivery(row["store"], DeliveryState(row["state"]), row["live_on"]) for row in rows)

    async def tracks(self, customer: CustomerRef, release: ReleaseId) -> tuple[Track, ...]:
        async with self._connection() as connection:
            rows = await (
                await connection.execute(TRACKS, {"customer": customer, "release": release})
            ).fetchall()
        return tuple(Track(**row) for row in rows)

    async def find_track(self, customer: CustomerRef, text: str) -> tuple[Release, Track] | None:
        async with self._connection() as connection:
            wanted = {"customer": customer, "limit": MOST_TRACKS}
            rows = await (await connection.execute(ALL_TRACKS, wanted)).fetchall()
        at = await asyncio.to_thread(find_plainly, text, [row["title"] for row in rows])
        if at is None:
            return None
        row = rows[at]
        releases = await self.releases(customer, MOST_SEARCHED)
        release = next((each for each in releases if each.id == row["release_id"]), None)
        track = Track(row["isrc"], row["title"], row["position"])
        return (release, track) if release is not None else None

    async def request_takedown(self, customer: CustomerRef, release: ReleaseId, key: str) -> Takedown:
        async with self._connection() as connection:
            await locked(connection, customer, self._today)
            earlier = await _takedown_of_key(connection, customer, key)
            if earlier is not None:
                return earlier
            row = await _release(connection, customer, release)
            title: str = row["title"]
            if row["state"] in GOING:
                raise TakedownAlreadyRequested(Reason("takedown_already_requested", {"title": title}))
            if row["state"] not in IN_STORES:
                raise NotInStores(Reason("not_in_stores", {"title": title}))
            number = await self._next_number(connection, "takedown", "T")
            now = self.clock.now()
            asked = {"customer": customer, "release": release}
            made = {**asked, "project": self.project, "number": number, "key": key, "now": now}
            await self._add(connection, ADD_TAKEDOWN, made)
            await connection.execute(MARK_TAKEDOWN, asked)
        return Takedown(number, release, title, now)


async def _takedown_of_key(connection: Connection, customer: CustomerRef, key: str) -> Takedown | None:
    row = await (await connection.execute(TAKEDOWN_OF_KEY, {"key": key})).fetchone()
    if row is None:
        return None
    if row["customer_id"] != customer:
        raise KeyTaken(key)
    release = await _release(connection, customer, ReleaseId(row["release_id"]))
    return Takedown(row["number"], ReleaseId(row["release_id"]), release["title"], row["requested_at"])


async def _release(connection: Connection, customer: CustomerRef, release: ReleaseId) -> dict[str, Any]:
    """Its title and state. Raises UnknownRelease."""
    row = await (await connection.execute(RELEASE, {"customer": customer, "release": release})).fetchone()
    if row is None:
        raise UnknownRelease(Reason("unknown_release"))
    return row


def _release_of(row: dict[str, Any]) -> Release:
    return Release(
        id=ReleaseId(row["id"]),
        title=row["title"],
        artist=row["artist"],
        state=ReleaseState(row["state"]),
        upc=row["upc"],
        release_date=row["release_date"],
        rejections=tuple(Reason(**reason) for reason in row["rejections"]),
    )
