"""A running installation, as the doors see it: what it is made of, and who answers for which project."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from relevo.accounts.links import Links
from relevo.accounts.mail import Mailer
from relevo.accounts.sessions import Sessions
from relevo.agents.asking import Asking
from relevo.agents.team import Outside, Team
from relevo.channels.port import Channel
from relevo.desk.hours import DeskHours
from relevo.desk.operator import Operator
from relevo.desk.tickets import Tickets
from relevo.domain.clock import Clock, Deadline
from relevo.domain.ids import AgentName, ChannelName, ConversationId, ProjectId
from relevo.domain.message import Role, Wake
from relevo.domain.opening import parse_hours
from relevo.domain.signals import Language
from relevo.knowledge.embedding import Embedder
from relevo.knowledge.help import HELP_FOLDER, Help, load_help
from relevo.knowledge.library import Library, LibraryLimits
from relevo.knowledge.reading.apart import Limits
from relevo.llm.port import Account, Model
from relevo.memory.manager import MemoryManager
from relevo.pipeline.deliver import deliver
from relevo.pipeline.egress import without_links
from relevo.pipeline.state import Engine
from relevo.pipeline.triage import Triage
from relevo.queue.live import Event, Live
from relevo.queue.port import Wakeups
from relevo.secrets import derived, read_or_make
from relevo.settings import Settings
from relevo.storage.database import Database
from relevo.storage.desk import lock_conversation, write_message
from relevo.storage.projects import create_key, known_projects, read_key
from relevo.triage.local import LocalTriage

if TYPE_CHECKING:
    from relevo.pipeline.checkpointing import Saver
    from relevo.pipeline.graph import TurnGraph
    from relevo.worker import Worker


@dataclass(frozen=True, slots=True)
class Dependency:
    """``ping`` raises when it does not answer. Without one that is not ``vital`` the work goes on, slower."""

    name: str
    ping: Callable[[], Awaitable[None]]
    vital: bool = True


@dataclass(slots=True)
class App:
    """A running installation, as the doors see it."""

    settings: Settings
    clock: Clock
    database: Database
    live: Live
    wakeups: Wakeups
    memory: MemoryManager
    channels: dict[ChannelName, Channel]
    model: Model | None
    operator: Operator
    teams: dict[str, Team]
    secret: str
    default_project: ProjectId
    _triages: dict[str, LocalTriage] = field(default_factory=dict)
    _graphs: "dict[str, TurnGraph]" = field(default_factory=dict)
    _engines: dict[ProjectId, Engine] = field(default_factory=dict)
    _teams_of: dict[ProjectId, str] = field(default_factory=dict)
    outside: dict[str, Outside] = field(default_factory=dict)
    """The systems outside that teams work with, by the team's name."""
    worker: "Worker | None" = None
    embedder: Embedder | None = None
    """Makes vectors of texts, where EMBEDDINGS names what does."""
    mailer: Mailer | None = None
    """Sends letters, where SMTP_URL says through whom."""
    saver: "Saver | None" = None
    """LangGraph's own checkpoints, where CHECKPOINTS asks for them."""

    @property
    def customer_token_secret(self) -> str:
        given = self.settings.customer_token_secret
        return given.get_secret_value() if given else derived(self.secret, "customer-token")

    @property
    def visitor_secret(self) -> str:
        return derived(self.secret, "visitor")

    @property
    def base_url(self) -> str:
        """Where links in letters lead: PUBLIC_URL, never what a request says of itself."""
        return self.settings.public_url or f"http://localhost:{self.settings.port}"

    @property
    def access_secret(self) -> str:
        """Signs the access tokens of signed-in users."""
        return derived(self.secret, "access-token")

    @property
    def sessions(self) -> Sessions:
        return Sessions(self.database, self.clock, derived(self.secret, "attempts"))

    @property
    def links(self) -> Links:
        return Links(self.database, self.clock, derived(self.secret, "attempts"))

    async def team_of(self, project: ProjectId) -> Team:
        """The team of a project. Raises LookupError for an unknown project."""
        if project not in self._teams_of:
            self._teams_of = {each.id: each.team for each in await known_projects(self.database)}
        if project not in self._teams_of:
            raise LookupError(f"no project {project!r}")
        name = self._teams_of[project]
        if name not in self.teams:
            raise LookupError(f"project {project!r} has an unknown team {name!r}")
        return self.teams[name]

    async def staff(self, project: ProjectId) -> "tuple[Engine, TurnGraph]":
        """The engine and the compiled graph that answer for a project."""
        team = await self.team_of(project)
        engine = self._engines.get(project)
        if engine is None:
            await self.load_help(project, team)
            engine = self._engines[project] = self._engine(team, project)
        return engine, self.graph(team)

    async def warm_up(self) -> None:
        """Learns what the default project's messages are read with: seconds at the very first start."""
        await asyncio.to_thread(self.local_triage, await self.team_of(self.default_project))

    async def compile(self) -> None:
        """Compiles the default project's graph beside other work: half a second its first turn would wait."""
        await asyncio.to_thread(self.graph, await self.team_of(self.default_project))

    def graph(self, team: Team) -> "TurnGraph":
        if team.name not in self._graphs:
            from relevo.pipeline.graph import build_graph  # LangGraph: half a second that only turns need

            self._graphs[team.name] = build_graph(team, self.saver)
        return self._graphs[team.name]

    def local_triage(self, team: Team) -> LocalTriage:
        if team.name not in self._triages:
            self._triages[team.name] = LocalTriage.of_team(
                team.folder, self.settings.data_dir / "triage" / f"{team.name}.json"
            )
        return self._triages[team.name]

    @property
    def library(self) -> Library:
        """The projects' documents, with the limits of the settings."""
        settings, megabyte = self.settings, 1_000_000
        reading = Limits(settings.knowledge_reader_mb, settings.knowledge_reader_seconds)
        limits = LibraryLimits(
            settings.knowledge_max_file_mb * megabyte, settings.knowledge_max_project_mb * megabyte, reading
        )
        return Library(self.database, limits, embedder=self.embedder)

    def asking(
        self, project: ProjectId, conversation: ConversationId, seconds: float, most: int | None = None
    ) -> Asking | None:
        """The model for work outside a turn, for ``seconds`` and at most ``most`` calls; None without one."""
        if self.model is None:
            return None
        deadline, account = Deadline.after(self.clock, seconds), Account(project, conversation)
        return Asking(self.model, deadline, account, without_links, most)

    def services(self, team: Team, project: ProjectId) -> Mapping[type[Any], Any]:
        outside = self.outside.get(team.name)
        found: dict[type[Any], Any] = {
            Database: self.database,
            Library: self.library,
            Tickets: Tickets(self.database),
            **team.services(self.database, project),
            **(outside.services(project) if outside is not None else {}),
        }
        if (team.folder / HELP_FOLDER).is_dir():
            found[Help] = self.help_of(project)
        return found

    def help_of(self, project: ProjectId) -> Help:
        """The help of a project, with links to its pages."""
        place = "/help" if project == self.default_project else f"/help/{project}"
        return Help(self.database, project, self.settings.public_url or "", place)

    async def load_help(self, project: ProjectId, team: Team) -> None:
        """Makes the project's help the articles of its team, where it has some."""
        folder = team.folder / HELP_FOLDER
        if folder.is_dir():
            await load_help(self.database, project, folder)

    def links_of(self, team: Team) -> frozenset[str]:
        """Hosts that an agent of the team may link to: those it lists, and our own."""
        own = urlsplit(self.settings.public_url or "").hostname
        return team.links | {own} if own else team.links

    def _engine(self, team: Team, project: ProjectId) -> Engine:
        hours = DeskHours(parse_hours(self.settings.desk_hours), ZoneInfo(self.settings.desk_timezone))

        def desk_says(language: Language) -> str:
            now = self.clock.now()
            if hours.is_open(now):
                return team.text("desk_open", language)
            return team.text("desk_closed", language, **hours.when(now, language))

        mode = self.settings.triage  # a team's own policy needs no model to know whose matter it is
        return Engine(
            team=replace(team, links=self.links_of(team)),
            triage=Triage(self.local_triage(team), team, self.model, "local" if team.routing else mode),
            model=self.model,
            memory=self.memory,
            database=self.database,
            live=self.live,
            clock=self.clock,
            services=self.services(team, project),
            desk_says=desk_says,
            max_tool_steps=self.settings.max_tool_steps,
        )

    async def say(
        self, project: ProjectId, conversation: ConversationId, agent: AgentName, text: str
    ) -> None:
        """Says ``text`` in a conversation outside a turn, unless a person has taken it over."""

        def parts(channel: ChannelName, text: str) -> Sequence[str]:
            found = self.channels.get(channel)
            return found.split(text) if found is not None else []

        async with self.database.project(project) as connection:
            if await lock_conversation(connection, project, conversation) is not None:
                return
            await write_message(
                connection, project, conversation, Role.AGENT, agent, without_links(text), parts
            )
        self.tell(project, conversation, "committed", answered=[], reply=None)
        self.deliver_soon(Wake(project, conversation))

    def tell(self, project: ProjectId, conversation: ConversationId, kind: str, /, **data: Any) -> None:
        """Tells whoever watches a conversation in this process."""
        self.live.publish(project, conversation, Event(kind, None, data))

    def pings(self) -> list[Dependency]:
        """Everything this process depends on."""
        found = [Dependency("database", self.database.ping)]
        if self.memory.ping is not None:
            found.append(Dependency("redis", self.memory.ping, vital=False))
        found += [Dependency(each.name, each.ping, vital=False) for each in self.outside.values()]
        if self.worker is not None:
            found.append(Dependency("worker", self.worker.ping))
        return found

    async def deliver_ticket(self, project: ProjectId, number: int) -> None:
        """Sends now what was said in a ticket's conversation; what does not go out is sent by a worker."""
        case = await self.operator.show(project, number)
        if case.ticket.conversation is not None:
            await deliver(self.database, self.channels, Wake(project, case.ticket.conversation))

    async def demo_key(self) -> str | None:
        """The demo project's API key, kept in the data folder; None outside the demo."""
        if not self.settings.demo:
            return None
        path = self.settings.data_dir / "demo-api-key"
        if path.exists():
            key = path.read_text("utf-8").strip()
            known = await read_key(self.database, key)
            if known is not None and known.project == self.default_project:
                return key
            path.unlink()
        key = await create_key(self.database, self.default_project, "demo")
        return read_or_make(path, lambda: key)

    def deliver_soon(self, wake: Wake) -> None:
        if self.worker is not None:
            self.worker.deliver_soon(wake)
