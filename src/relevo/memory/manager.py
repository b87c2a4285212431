"""One manager gathers the layers of memory into the context every agent works with."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from relevo.domain.clock import Clock
from relevo.domain.conversation import Conversation, ConversationState, Episode
from relevo.domain.decision import Handoff
from relevo.domain.ids import CustomerRef
from relevo.domain.message import Said
from relevo.memory.episode import new_episode
from relevo.memory.layers import Layers
from relevo.memory.port import (
    HISTORY_MESSAGES,
    SESSION_MESSAGES,
    History,
    HistoryStore,
    Session,
    SessionStore,
)
from relevo.storage.database import Database
from relevo.storage.history import (
    PastHandoff,
    Resolution,
    read_handoffs,
    read_messages,
)
from relevo.storage.people import Slot

HISTORY_DAYS = 7
MOST_HANDOFFS = 20

Account = Callable[[CustomerRef], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of a person for good: facts with their messages, closed tickets, their account."""

    slots: tuple[Slot, ...] = ()
    resolutions: tuple[Resolution, ...] = ()
    account: Mapping[str, Any] = field(default_factory=dict)
    """What the team's own system has on file (plan, releases…): read anew each turn, never stored here."""


@dataclass(frozen=True, slots=True)
class Context:
    """What is remembered for one turn. ``messages`` are the session's, ``earlier`` those before them."""

    messages: tuple[Said, ...] = ()
    earlier: tuple[Said, ...] = ()
    handoffs: tuple[PastHandoff, ...] = ()
    profile: Profile = Profile()
    begun: Episode | None = None
    """The episode that begins with this turn: what was said before it is in its summary alone."""
    rebuilt: tuple[str, ...] = field(default=())
    """The layers that were empty or stale and were read from PostgreSQL."""

    @property
    def history(self) -> tuple[Said, ...]:
        return self.earlier + self.messages


class Memory(Protocol):
    """What a turn asks of memory: see MemoryManager."""

    async def recall(
        self, conversation: Conversation, profile: Profile = Profile(), account: Account | None = None
    ) -> Context: ...

    async def remember(
        self,
        conversation: Conversation,
        state: ConversationState,
        messages: Sequence[Said],
        handoffs: Sequence[Handoff],
    ) -> None: ...


class MemoryManager:
    """Recalls what a turn needs and keeps what it adds; PostgreSQL is the truth, the stores fast copies."""

    def __init__(
        self,
        database: Database,
        sessions: SessionStore,
        history: HistoryStore,
        clock: Clock,
        ping: Callable[[], Awaitable[None]] | None = None,
        near: tuple[SessionStore, HistoryStore] | None = None,
    ) -> None:
        """``near`` are stores of this process, asked before ``sessions`` and ``history``."""
        self._database = database
        self._sessions: Layers[Session] = Layers(*([near[0]] if near else []), sessions)
        self._history: Layers[History] = Layers(*([near[1]] if near else []), history)
        self._clock = clock
        self.ping = ping
        """Asks the stores' server, where they have one."""

    async def recall(
        self, conversation: Conversation, profile: Profile = Profile(), account: Account | None = None
    ) -> Context:
        """Gathers session, history and account at once; a layer that is empty or stale is rebuilt.

        ``profile`` was read with the conversation; ``account`` asks the team's own system about a proved
        customer. What was said in earlier episodes is not recalled.
        """
        (session, fresh_session), (history, fresh_history), profile = await asyncio.gather(
            self._session(conversation),
            self._recent(conversation),
            _with_account(profile, conversation.person.customer, account),
        )
        rebuilt = [name for name, fresh in (("session", fresh_session), ("history", fresh_history)) if fresh]
        since = conversation.state.episode.since if conversation.state.episode is not None else 0
        messages = tuple(said for said in session.messages if said.id > since)
        first = messages[0].id if messages else since
        earlier = tuple(said for said in history.messages if since < said.id < first)
        begun = new_episode(earlier + messages, conversation.state, self._clock.now())
        if begun is not None:
            messages = earlier = ()
        return Context(messages, earlier, history.handoffs, profile, begun, tuple(rebuilt))

    async def _session(self, conversation: Conversation) -> tuple[Session, bool]:
        stored = await self._sessions.load(conversation)
        if stored is not None:
            return stored, False
        session = Session(
            conversation.version,
            await self._read(conversation, SESSION_MESSAGES),
            conversation.state.agent,
            conversation.state.signals,
        )
        await self._sessions.save(conversation, session)
        return session, True

    async def _recent(self, conversation: Conversation) -> tuple[History, bool]:
        stored = await self._history.load(conversation)
        if stored is not None:
            return stored, False
        messages = await self._read(conversation, HISTORY_MESSAGES, HISTORY_DAYS)
        handoffs = []
        if conversation.version > 0:
            async with self._database.project(conversation.project) as connection:
                handoffs = await read_handoffs(
                    connection, conversation.project, conversation.id, MOST_HANDOFFS
                )
        history = History(conversation.version, messages, tuple(handoffs))
        await self._history.save(conversation, history)
        return history, True

    async def _read(self, conversation: Conversation, most: int, days: int | None = None) -> tuple[Said, ...]:
        if conversation.version == 0:  # nothing has been said in it yet
            return ()
        async with self._database.project(conversation.project) as connection:
            return tuple(
                await read_messages(connection, conversation.project, conversation.id, most=most, days=days)
            )

    async def remember(
        self,
        conversation: Conversation,
        state: ConversationState,
        messages: Sequence[Said],
        handoffs: Sequence[Handoff],
    ) -> None:
        """Adds a committed turn to the fast copies. What is lost here is only rebuilt later."""
        version, said = conversation.version + 1, tuple(messages)
        passed = tuple(PastHandoff(each.giver, each.receiver, each.reason) for each in handoffs)
        await self._sessions.append(conversation, Session(version, said, state.agent, state.signals))
        await self._history.append(conversation, History(version, said, passed))

    async def forget(self, conversation: Conversation) -> None:
        """Drops the fast copies of a conversation; another process's near one ends with the next turn."""
        await self._sessions.forget(conversation)
        await self._history.forget(conversation)


async def _with_account(profile: Profile, customer: CustomerRef | None, account: Account | None) -> Profile:
    if account is None or customer is None:
        return profile
    return replace(profile, account=await account(customer))
