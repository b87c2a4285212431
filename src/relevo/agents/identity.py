"""Who is behind an address of a channel that proves it."""

from dataclasses import dataclass

from relevo.domain.ids import CustomerRef
from relevo.domain.signals import Language


@dataclass(frozen=True, slots=True)
class Identified:
    """The customer, what to call them, and the language they chose; None when they chose none."""

    customer: CustomerRef
    name: str
    language: Language | None = None
