"""What the music team brings along: its backend, its slots and facts, and who is behind a phone number."""

from collections.abc import Mapping
from typing import Any

from relevo.agents.identity import Identified
from relevo.domain.ids import ProjectId
from relevo.storage.database import Database
from relevo.teams.music.backend.port import LabelBackend
from relevo.teams.music.backend.postgres import PostgresLabelBackend
from relevo.teams.music.demo import DEMO_CUSTOMERS, load_demo
from relevo.teams.music.facts import facts
from relevo.teams.music.slots import slots

__all__ = ["demo_people", "facts", "identify", "load_demo", "services", "slots"]

demo_people = {
    name: Identified(person.ref, person.name, person.language, person.label)
    for name, person in DEMO_CUSTOMERS.items()
}

_WHATSAPP = "whatsapp:"


def services(database: Database, project: ProjectId) -> Mapping[type[Any], Any]:
    """The services the team's tools ask their context for, by type."""
    return {LabelBackend: PostgresLabelBackend(database, project)}


async def identify(services: Mapping[type[Any], Any], channel: str, address: str) -> Identified | None:
    """The customer whose phone a WhatsApp address is (``whatsapp:+57…``); None for anyone else."""
    if channel != "whatsapp" or not address.startswith(_WHATSAPP):
        return None
    backend: LabelBackend = services[LabelBackend]
    customer = await backend.customer_by_phone(address.removeprefix(_WHATSAPP))
    return Identified(customer.ref, customer.name, customer.language) if customer else None
