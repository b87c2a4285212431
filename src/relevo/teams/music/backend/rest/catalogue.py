"""Releases, deliveries, tracks and takedowns."""

import asyncio

from relevo.agents.unavailable import Unclear
from relevo.domain.ids import CustomerRef
from relevo.teams.music.backend.errors import UnknownCustomer, UnknownRelease
from relevo.teams.music.backend.reasons import Reason
from relevo.teams.music.backend.releases import Delivery, Release, ReleaseId, ReleaseSearch, Takedown, Track
from relevo.teams.music.backend.rest.answers import (
    DeliveriesOf,
    ReleaseOf,
    ReleasesOf,
    TakedownOf,
    TakedownWanted,
    TracksOf,
)
from relevo.teams.music.backend.rest.base import Part, segment, under, wrong
from relevo.teams.music.backend.rest.refusals import TAKEDOWN, refused
from relevo.teams.music.backend.rest.scalars import MOST_RELEASES, MOST_TRACKS
from relevo.teams.music.backend.rest.wire import Declined
from relevo.teams.music.backend.titles import find, find_plainly


class RestCatalogue(Part):
    async def releases(self, customer: CustomerRef, limit: int = 50) -> tuple[Release, ...]:
        try:
            found = await self._mine(customer, "/releases", ReleasesOf, {"limit": limit})
        except UnknownCustomer:
            return ()
        if len(found.releases) > limit:
            raise wrong("/releases: more than were asked for")
        return tuple(release_of(each) for each in found.releases)

    async def find_release(self, customer: CustomerRef, text: str) -> ReleaseSearch:
        releases = await self.releases(customer, MOST_RELEASES)
        return await asyncio.to_thread(find, text, releases) if len(releases) > 100 else find(text, releases)

    async def deliveries(self, customer: CustomerRef, release: ReleaseId) -> tuple[Delivery, ...]:
        try:
            found = await self._mine(customer, f"/releases/{_id(release)}/deliveries", DeliveriesOf)
        except (UnknownCustomer, UnknownRelease):
            return ()
        except Declined as declined:
            return _none(declined)
        if found.release != release:
            raise wrong("/deliveries: the answer is about another release")
        parts = (Delivery(each.store, each.state, each.live_on) for each in found.deliveries)
        return tuple(sorted(parts, key=lambda delivery: delivery.store))

    async def tracks(self, customer: CustomerRef, release: ReleaseId) -> tuple[Track, ...]:
        try:
            found = await self._mine(customer, f"/releases/{_id(release)}/tracks", TracksOf)
        except (UnknownCustomer, UnknownRelease):
            return ()
        except Declined as declined:
            return _none(declined)
        if any(each.release != release for each in found.tracks):
            raise wrong("/tracks: the answer is about another release")
        tracks = (Track(each.isrc, each.title, each.position) for each in found.tracks)
        return tuple(sorted(tracks, key=lambda track: track.position))

    async def find_track(self, customer: CustomerRef, text: str) -> tuple[Release, Track] | None:
        try:
            found = await self._mine(customer, "/tracks", TracksOf, {"limit": MOST_TRACKS})
        except UnknownCustomer:
            return None
        at = await asyncio.to_thread(find_plainly, text, [each.title for each in found.tracks])
        if at is None:
            return None
        part = found.tracks[at]
        releases = await self.releases(customer, MOST_RELEASES)
        release = next((each for each in releases if each.id == part.release), None)
        return (release, Track(part.isrc, part.title, part.position)) if release is not None else None

    async def request_takedown(self, customer: CustomerRef, release: ReleaseId, key: str) -> Takedown:
        wanted = TakedownWanted(release=release)
        try:
            with self._customer_known(customer):
                made, _ = await self._api.request(
                    self.project, under(customer, "/takedowns"), wanted, key, TakedownOf, TAKEDOWN
                )
        except Declined as declined:
            raise refused(declined, TAKEDOWN) from declined
        if made.customer != customer or made.release != release:
            raise Unclear("/takedowns: the answer is about something else")
        return Takedown(made.number, release, made.title, made.requested_at)


def release_of(found: ReleaseOf) -> Release:
    return Release(
        id=ReleaseId(found.id),
        title=found.title,
        artist=found.artist,
        state=found.state,
        upc=found.upc,
        release_date=found.release_date,
        rejections=tuple(each.reason for each in found.rejections),
    )


def _id(release: ReleaseId) -> str:
    return segment(release, UnknownRelease(Reason("unknown_release")))


def _none(declined: Declined) -> tuple[()]:
    """Nothing is there of a release that is not the customer's."""
    if declined.code != "unknown_release":
        raise refused(declined, {}) from declined
    return ()
