"""Where a message goes, and why."""

from dataclasses import dataclass
from enum import StrEnum

from relevo.domain.ids import AgentName


class Route(StrEnum):
    AGENT = "agent"
    HUMAN = "human"
    REFUSE = "refuse"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class RouteDecision:
    """``agent`` is who speaks (for a refusal: in whose character); None means that no one does."""

    route: Route
    agent: AgentName | None
    reason: str
    rule: str


class HandoffKind(StrEnum):
    EXPLICIT = "explicit"
    IMPLICIT = "implicit"
    PRIORITY = "priority"


@dataclass(frozen=True, slots=True)
class Handoff:
    """A conversation passing from one agent to another, with its receipt.

    ``digest_before`` is taken of the state the giving agent had, ``digest_after`` of the state the
    receiving agent was given: they are equal, or something was lost.
    """

    giver: AgentName
    receiver: AgentName
    reason: str
    kind: HandoffKind
    digest_before: str
    digest_after: str
