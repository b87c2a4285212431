"""One layer of the short memory in several stores, the nearest first."""

from typing import Generic, Protocol, TypeVar

from relevo.domain.conversation import Conversation
from relevo.memory.fragile import Store


class Versioned(Protocol):
    """What a store keeps: as of a version of its conversation in PostgreSQL."""

    @property
    def version(self) -> int: ...


Entry = TypeVar("Entry", bound=Versioned)


class Layers(Generic[Entry]):
    """Stores asked one after the other until one has what is true now.

    What this process wrote last need not be fetched from elsewhere; where another process has gone on with
    the conversation, the near copy is of an older version, and the next store is asked.
    """

    def __init__(self, *stores: Store[Entry]) -> None:
        self.stores = stores

    async def load(self, conversation: Conversation) -> Entry | None:
        """What is kept as of the conversation's version; None where no store has it."""
        project, id = conversation.project, conversation.id
        for place, store in enumerate(self.stores):
            found = await store.load(project, id)
            if found is not None and found.version == conversation.version:
                for nearer in self.stores[:place]:
                    await nearer.save(project, id, found)
                return found
        return None

    async def save(self, conversation: Conversation, entry: Entry) -> None:
        for store in self.stores:
            await store.save(conversation.project, conversation.id, entry)

    async def append(self, conversation: Conversation, entry: Entry) -> None:
        """Adds a turn that began with ``conversation``; a store of another version drops what it has."""
        for store in self.stores:
            await store.append(conversation.project, conversation.id, conversation.version, entry)

    async def forget(self, conversation: Conversation) -> None:
        """Drops it here and in the shared store; raises what that raises."""
        for store in self.stores:
            await store.forget(conversation.project, conversation.id)
