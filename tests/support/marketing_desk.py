"""A marketing desk over a test's database with our sample documents, with the scripted model or none."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.support.marketing_brain import answer
from tests.support.model_server import ModelServer

from relevo.agents.asking import Asking
from relevo.domain.clock import Clock, Deadline, ManualClock
from relevo.domain.ids import AgentName, ConversationId, ProjectId
from relevo.domain.knowledge import DocumentState, Kind
from relevo.domain.signals import Language
from relevo.knowledge.library import Library
from relevo.llm.build import ModelConfig, build_model
from relevo.llm.port import Account, Model
from relevo.pipeline.egress import without_links
from relevo.storage.database import Database
from relevo.teams.marketing.demo import SAMPLES
from relevo.teams.marketing.desk import Desk


async def add_samples(
    database: Database, project: ProjectId, folder: str = "brota", kind: Kind = Kind.USER
) -> None:
    """Adds and reads the sample documents of a folder."""
    library = Library(database)
    for path in sorted((SAMPLES / folder).iterdir()):
        document, _ = await library.add(project, path.name, path.read_bytes(), kind=kind)
        assert (await library.read(project, document.id)).state is DocumentState.READY


def desk_of(
    database: Database, project: ProjectId, language: Language = Language.ES, asking: Asking | None = None
) -> Desk:
    return Desk(database, project, Library(database), language, asking)


@asynccontextmanager
async def scripted(
    database: Database, project: ProjectId, most: int | None = None
) -> AsyncIterator[tuple[Desk, ModelServer]]:
    """A desk whose model is the scripted one, over the wire."""
    clock = ManualClock()
    async with ModelServer(answer) as server:
        model = build_model(ModelConfig("compatible", "scripted", server.url), clock)
        assert model is not None
        account = Account(project, ConversationId("c_test"))
        asking = Asking(model, Deadline.after(clock, 60), account, without_links, most)
        try:
            yield desk_of(database, project, asking=asking), server
        finally:
            await model.close()


@dataclass
class Hands:
    """An installation as a chore sees it, which remembers what was said and told."""

    database: Database
    clock: Clock
    model: Model | None
    said: list[str] = field(default_factory=list)
    told: list[dict[str, Any]] = field(default_factory=list)

    @property
    def library(self) -> Library:
        return Library(self.database)

    def asking(
        self, project: ProjectId, conversation: ConversationId, seconds: float, most: int | None = None
    ) -> Asking | None:
        if self.model is None:
            return None
        deadline = Deadline.after(self.clock, seconds)
        return Asking(self.model, deadline, Account(project, conversation), without_links, most)

    async def say(
        self, project: ProjectId, conversation: ConversationId, agent: AgentName, text: str
    ) -> None:
        self.said.append(text)

    def tell(self, project: ProjectId, conversation: ConversationId, kind: str, /, **data: Any) -> None:
        self.told.append({"kind": kind, **data})


@asynccontextmanager
async def hands_of(database: Database, *, model: bool = True) -> AsyncIterator[tuple[Hands, ModelServer]]:
    """Hands with the scripted model, or without one."""
    clock = ManualClock()
    async with ModelServer(answer) as server:
        asked = build_model(ModelConfig("compatible", "scripted", server.url), clock) if model else None
        try:
            yield Hands(database, clock, asked), server
        finally:
            if asked is not None:
                await asked.close()
