"""What a team does beside its turns: a chore that a worker looks after, and what the chore works with."""

from typing import Any, Protocol

from relevo.agents.asking import Asking
from relevo.domain.clock import Clock
from relevo.domain.ids import AgentName, ConversationId, ProjectId
from relevo.knowledge.library import Library
from relevo.storage.database import Database


class Hands(Protocol):
    """The installation, as a chore sees it."""

    @property
    def database(self) -> Database: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def library(self) -> Library: ...

    def asking(
        self, project: ProjectId, conversation: ConversationId, seconds: float, most: int | None = None
    ) -> Asking | None:
        """The model for ``seconds`` and at most ``most`` calls; None without one."""
        ...

    async def say(
        self, project: ProjectId, conversation: ConversationId, agent: AgentName, text: str
    ) -> None:
        """Says ``text`` in a conversation, unless a person has taken it over."""
        ...

    def tell(self, project: ProjectId, conversation: ConversationId, kind: str, /, **data: Any) -> None:
        """Tells whoever watches the conversation. Losing it loses nothing."""
        ...


class Chore(Protocol):
    async def sweep(self) -> None:
        """Begins what is due; called every second."""
        ...

    async def stop(self) -> None:
        """Ends what has begun, so that another worker takes it up."""
        ...
