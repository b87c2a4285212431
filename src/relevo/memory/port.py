"""The short memory: what stands ready in memory, and may vanish at any time without loss."""

from dataclasses import dataclass
from typing import Protocol

from relevo.domain.ids import AgentName, ConversationId, ProjectId
from relevo.domain.message import Said
from relevo.domain.signals import Signals
from relevo.storage.history import PastHandoff

SESSION_MESSAGES = 10
SESSION_SECONDS = 24 * 3600
HISTORY_MESSAGES = 200
HISTORY_SECONDS = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Session:
    """The last messages of a conversation, who speaks and how it stands, as of ``version``."""

    version: int
    messages: tuple[Said, ...] = ()
    agent: AgentName | None = None
    signals: Signals | None = None


@dataclass(frozen=True, slots=True)
class History:
    """The last seven days of a conversation, as of ``version``."""

    version: int
    messages: tuple[Said, ...] = ()
    handoffs: tuple[PastHandoff, ...] = ()


class SessionStore(Protocol):
    """Keeps at most 10 messages for 24 hours from the last touch.

    ``version`` is the conversation's version in PostgreSQL: whoever reads a session of another version
    knows that it is stale.
    """

    async def load(self, project: ProjectId, conversation: ConversationId) -> Session | None: ...

    async def save(self, project: ProjectId, conversation: ConversationId, session: Session) -> None:
        """Replaces the session; keeps the newest 10 messages and starts its 24 hours anew."""
        ...

    async def append(
        self, project: ProjectId, conversation: ConversationId, since: int, session: Session
    ) -> None:
        """Adds ``session.messages`` and takes over its other fields, if the stored version is ``since``.

        Otherwise the stored session is dropped: it has missed something. Atomic; trims to 10.
        """
        ...

    async def forget(self, project: ProjectId, conversation: ConversationId) -> None: ...


class HistoryStore(Protocol):
    """Keeps the last seven days (at most 200 messages), by the same rules as the SessionStore."""

    async def load(self, project: ProjectId, conversation: ConversationId) -> History | None: ...

    async def save(self, project: ProjectId, conversation: ConversationId, history: History) -> None: ...

    async def append(
        self, project: ProjectId, conversation: ConversationId, since: int, history: History
    ) -> None: ...

    async def forget(self, project: ProjectId, conversation: ConversationId) -> None: ...
