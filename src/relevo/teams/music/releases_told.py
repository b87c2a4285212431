"""Releases as tools tell them, and how the one a person means is found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from relevo.agents.tool import ToolContext, ToolError
from relevo.domain.ids import CustomerRef
from relevo.domain.signals import Language
from relevo.teams.music.backend.port import LabelBackend
from relevo.teams.music.backend.releases import Delivery, DeliveryState, Release, Track
from relevo.teams.music.telling import distributor, told


@dataclass(frozen=True, slots=True)
class Named:
    """The release that was meant, and the one track of it where that was named."""

    release: Release
    track: Track | None = None


async def named(context: ToolContext, customer: CustomerRef, title: str) -> Named:
    """The customer's release that ``title`` means, by its own title or a track's. Raises ToolError that lists
    what it could be."""
    backend = distributor(context)
    search = await backend.find_release(customer, title)
    if search.found is not None:
        context.learn("release", search.found.title)
        return Named(search.found)
    if (found := await backend.find_track(customer, title)) is not None:
        context.learn("release", found[0].title)
        return Named(*found)
    raise not_found(title, search.close or await backend.releases(customer, 5), near=bool(search.close))


def not_found(title: str, close: Sequence[Release], *, near: bool) -> ToolError:
    """That nothing of theirs is called so; ``close`` is what it could be (``near``), or their newest."""
    titles = ", ".join(f"«{release.title}»" for release in close)
    return ToolError(
        "release_not_found",
        {
            "es": f"No encuentro «{title}» en tu catálogo. "
            + (f"¿Es {titles}?" if near else f"Lo más reciente que tienes es {titles}." if titles else "")
            + " Dime el título como aparece en tu cuenta.",
            "en": f"I could not find “{title}” in your catalogue. "
            + (f"Is it {titles}?" if near else f"Your newest are {titles}." if titles else "")
            + " Tell me the title as it appears in your account.",
        },
        close=[release.title for release in close],
    )


async def in_full(
    backend: LabelBackend, customer: CustomerRef, named: Named, language: Language
) -> dict[str, Any]:
    """A release with its stores and tracks; ``track`` is the one that was named, or None."""
    release = named.release
    deliveries = await backend.deliveries(customer, release.id)
    tracks = await backend.tracks(customer, release.id)
    return in_brief(release, language) | {
        "stores": [_delivery(delivery) for delivery in deliveries],
        "live_in": sum(delivery.state is DeliveryState.LIVE for delivery in deliveries),
        "not_live": [each.store for each in deliveries if each.state is not DeliveryState.LIVE],
        "failed": [each.store for each in deliveries if each.state is DeliveryState.FAILED],
        "tracks": [_track(track) for track in tracks],
        "track": _track(named.track) if named.track else None,
    }


def in_brief(release: Release, language: Language) -> dict[str, Any]:
    return {
        "title": release.title,
        "artist": release.artist,
        "state": release.state.value,
        "upc": release.upc,
        "release_date": release.release_date.isoformat() if release.release_date else None,
        "rejections": [told(reason, language) for reason in release.rejections],
    }


def _delivery(delivery: Delivery) -> dict[str, Any]:
    live_on = delivery.live_on.isoformat() if delivery.live_on else None
    return {"store": delivery.store, "state": delivery.state.value, "live_on": live_on}


def _track(track: Track) -> dict[str, Any]:
    return {"position": track.position, "title": track.title, "isrc": track.isrc}
