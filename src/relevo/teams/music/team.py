"""What the music team brings along: its backend, its slots and facts, and who is behind a phone number."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from relevo.agents.identity import Identified
from relevo.agents.unavailable import Unavailable
from relevo.domain.clock import Clock
from relevo.domain.ids import CustomerRef, ProjectId
from relevo.storage.database import Database
from relevo.teams.music.backend.port import LabelBackend
from relevo.teams.music.backend.postgres import PostgresLabelBackend
from relevo.teams.music.demo import DEMO_CUSTOMERS, load_demo
from relevo.teams.music.facts import facts
from relevo.teams.music.slots import slots

if TYPE_CHECKING:
    from relevo.teams.music.backend.rest import LabelApi

__all__ = ["account", "connect", "demo_people", "facts", "identify", "load_demo", "services", "slots"]

demo_people = {
    name: Identified(person.ref, person.name, person.language, person.label)
    for name, person in DEMO_CUSTOMERS.items()
}

_WHATSAPP = "whatsapp:"
PROFILE_RELEASES = 10


def services(database: Database, project: ProjectId) -> Mapping[type[Any], Any]:
    """The services the team's tools ask their context for, by type."""
    return {LabelBackend: PostgresLabelBackend(database, project)}


def connect(settings: Any, clock: Clock) -> "LabelApi | None":
    """The distributor's own API, where LABEL_API_URL names one: it is asked instead of our tables.

    Raises ValueError naming the setting to change.
    """
    if settings.label_api_url is None:
        return None
    from relevo.teams.music.backend.rest import LabelApi, access_of

    access = access_of(settings)
    return LabelApi(access, clock) if access is not None else None


async def identify(services: Mapping[type[Any], Any], channel: str, address: str) -> Identified | None:
    """The customer whose phone a WhatsApp address is (``whatsapp:+57…``); None for anyone else."""
    if channel != "whatsapp" or not address.startswith(_WHATSAPP):
        return None
    backend: LabelBackend = services[LabelBackend]
    customer = await backend.customer_by_phone(address.removeprefix(_WHATSAPP))
    return Identified(customer.ref, customer.name, customer.language) if customer else None


async def account(services: Mapping[type[Any], Any], customer: CustomerRef) -> Mapping[str, Any]:
    """What the distributor has on file: plan, country and the newest releases with their state."""
    backend: LabelBackend = services[LabelBackend]
    try:
        known, releases = await asyncio.gather(
            backend.customer_by_ref(customer), backend.releases(customer, PROFILE_RELEASES)
        )
    except Unavailable:  # whatever needs it says so
        return {}
    if known is None:
        return {}
    return {
        "known_as": known.known_as,
        "plan": known.plan,
        "country": known.country,
        "releases": {release.title: release.state for release in releases},
    }
