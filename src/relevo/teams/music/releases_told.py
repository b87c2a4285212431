"""Releases as tools tell them, and how the one a person means is found."""

from typing import Any

from relevo.agents.tool import ToolContext, ToolError
from relevo.domain.ids import CustomerRef
from relevo.domain.signals import Language
from relevo.teams.music.backend.port import LabelBackend
from relevo.teams.music.backend.releases import Delivery, DeliveryState, Release, Track
from relevo.teams.music.telling import distributor, told


async def named(context: ToolContext, customer: CustomerRef, title: str) -> Release:
    """The customer's release that ``title`` means. Raises ToolError that lists what it could be."""
    backend = distributor(context)
    search = await backend.find_release(customer, title)
    if search.found is not None:
        context.learn("release", search.found.title)
        return search.found
    close = search.close or await backend.releases(customer, 5)
    titles = ", ".join(f"«{release.title}»" for release in close)
    near = bool(search.close)
    raise ToolError(
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
    backend: LabelBackend, customer: CustomerRef, release: Release, language: Language
) -> dict[str, Any]:
    """A release with its stores and tracks."""
    deliveries = await backend.deliveries(customer, release.id)
    tracks = await backend.tracks(customer, release.id)
    return in_brief(release, language) | {
        "stores": [_delivery(delivery) for delivery in deliveries],
        "live_in": sum(delivery.state is DeliveryState.LIVE for delivery in deliveries),
        "not_live": [each.store for each in deliveries if each.state is not DeliveryState.LIVE],
        "failed": [each.store for each in deliveries if each.state is DeliveryState.FAILED],
        "tracks": [_track(track) for track in tracks],
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
