"""Who answers, by a team's own rules instead of those of pipeline/route.py.

What holds for every team is decided before: silence where a person has taken the conversation over, what
cannot be read, and what a rule of triage knows as an attack.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from relevo.domain.conversation import ConversationState
from relevo.domain.decision import RouteDecision
from relevo.domain.ids import ProjectId


@dataclass(frozen=True, slots=True)
class Asked:
    """A message as a routing policy sees it: what was written, and how the conversation stands."""

    project: ProjectId
    text: str
    state: ConversationState
    services: Mapping[type[Any], Any]


class RoutingPolicy(Protocol):
    async def __call__(self, asked: Asked) -> RouteDecision:
        """Decides who answers, without a model. It may read, and changes nothing."""
        ...
