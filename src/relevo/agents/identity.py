"""Who is behind an address of a channel that proves it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from relevo.domain.ids import CustomerRef
from relevo.domain.signals import Language


@dataclass(frozen=True, slots=True)
class Identified:
    """The customer, what to call them, and the language they chose; None when they chose none."""

    customer: CustomerRef
    name: str
    language: Language | None = None
    label: Mapping[Language, str] = field(default_factory=dict)
    """How a list of people shows them."""
