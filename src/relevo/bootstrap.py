"""Puts the program together: the only place that names concrete classes."""

import importlib
import pkgutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import structlog

import relevo.channels
import relevo.teams
from relevo.agents.team import Team, load_team
from relevo.channels.port import Channel
from relevo.desk.hours import DeskHours
from relevo.desk.operator import Operator
from relevo.desk.tickets import Tickets
from relevo.domain.clock import Clock, SystemClock
from relevo.domain.ids import ChannelName, ProjectId
from relevo.domain.message import Wake
from relevo.domain.signals import Language
from relevo.llm.build import ModelConfig, build_model
from relevo.llm.port import Model
from relevo.memory.in_process import InProcessHistory, InProcessSessions
from relevo.memory.manager import MemoryManager
from relevo.pipeline.deliver import deliver
from relevo.pipeline.graph import TurnGraph, build_graph
from relevo.pipeline.state import Engine
from relevo.pipeline.triage import Triage
from relevo.pipeline.turn import Turns
from relevo.queue.in_process import InProcessWakeups
from relevo.queue.live import InProcessLive
from relevo.secrets import derived, random_secret, read_or_make
from relevo.settings import Misconfigured, Settings, parse_hours
from relevo.storage.database import Database
from relevo.storage.embedded import embedded_cluster
from relevo.storage.migrate import migrate
from relevo.storage.projects import claim_address, create_key, create_project, known_projects, project_of_key
from relevo.triage.local import LocalTriage
from relevo.worker import Worker

log = structlog.get_logger()

DATABASE = "relevo"
DEMO_PROJECT = ProjectId("demo")
FIRST_PROJECT = ProjectId("main")


@dataclass(slots=True)
class App:
    """A running installation, as the doors see it."""

    settings: Settings
    clock: Clock
    database: Database
    live: InProcessLive
    wakeups: InProcessWakeups
    memory: MemoryManager
    channels: dict[ChannelName, Channel]
    model: Model | None
    operator: Operator
    teams: dict[str, Team]
    secret: str
    default_project: ProjectId
    _triages: dict[str, LocalTriage] = field(default_factory=dict)
    _graphs: dict[str, TurnGraph] = field(default_factory=dict)
    _engines: dict[ProjectId, Engine] = field(default_factory=dict)
    _teams_of: dict[ProjectId, str] = field(default_factory=dict)
    worker: Worker | None = None

    @property
    def customer_token_secret(self) -> str:
        given = self.settings.customer_token_secret
        return given.get_secret_value() if given else derived(self.secret, "customer-token")

    @property
    def visitor_secret(self) -> str:
        return derived(self.secret, "visitor")

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

    async def staff(self, project: ProjectId) -> tuple[Engine, TurnGraph]:
        """The engine and the compiled graph that answer for a project."""
        team = await self.team_of(project)
        engine = self._engines.get(project)
        if engine is None:
            engine = self._engines[project] = self._engine(team, project)
        return engine, self.graph(team)

    def graph(self, team: Team) -> TurnGraph:
        if team.name not in self._graphs:
            self._graphs[team.name] = build_graph(team)
        return self._graphs[team.name]

    def local_triage(self, team: Team) -> LocalTriage:
        if team.name not in self._triages:
            self._triages[team.name] = LocalTriage.of_team(team.folder)
        return self._triages[team.name]

    def services(self, team: Team, project: ProjectId) -> Mapping[type[Any], Any]:
        return {Tickets: Tickets(self.database), **team.services(self.database, project)}

    def _engine(self, team: Team, project: ProjectId) -> Engine:
        hours = DeskHours(parse_hours(self.settings.desk_hours), ZoneInfo(self.settings.desk_timezone))

        def desk_says(language: Language) -> str:
            now = self.clock.now()
            if hours.is_open(now):
                return team.text("desk_open", language)
            return team.text("desk_closed", language, **hours.when(now, language))

        return Engine(
            team=team,
            triage=Triage(self.local_triage(team), team, self.model, self.settings.triage),
            model=self.model,
            memory=self.memory,
            database=self.database,
            live=self.live,
            clock=self.clock,
            services=self.services(team, project),
            desk_says=desk_says,
            max_tool_steps=self.settings.max_tool_steps,
        )

    def pings(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """Every dependency and how to ask whether it answers."""
        return {"database": self.database.ping} | (
            {"worker": self.worker.ping} if self.worker is not None else {}
        )

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
            if await project_of_key(self.database, key) == self.default_project:
                return key
            path.unlink()
        key = await create_key(self.database, self.default_project, "demo")
        return read_or_make(path, lambda: key)

    def deliver_soon(self, wake: Wake) -> None:
        if self.worker is not None:
            self.worker.deliver_soon(wake)


@asynccontextmanager
async def open_app(
    settings: Settings, *, working: bool = True, clock: Clock | None = None
) -> AsyncIterator[App]:
    """Starts what an installation needs and stops it in reverse order; ``working``: it takes turns too.

    Raises Misconfigured naming the setting to change, psycopg.OperationalError without a database.
    """
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(_database_url(settings))
        database = Database(url, settings.pool_size)
        await database.open()
        stack.push_async_callback(database.close)
        model = model_of(settings, clock)
        if model is not None:
            stack.push_async_callback(model.close)
        channels = _channels(settings, clock)
        for channel in channels.values():
            stack.push_async_callback(channel.close)
        app = App(
            settings=settings,
            clock=clock,
            database=database,
            live=InProcessLive(),
            wakeups=InProcessWakeups(settings.workers),
            memory=MemoryManager(database, InProcessSessions(clock), InProcessHistory(clock)),
            channels=channels,
            model=model,
            operator=Operator(database, channels),
            teams=load_teams(settings.teams_path),
            secret=_secret(settings),
            default_project=DEMO_PROJECT if settings.demo else FIRST_PROJECT,
        )
        await _first_project(app)
        if working:
            app.worker = _worker(app)
            await app.worker.start()
            stack.push_async_callback(app.worker.stop)
        yield app


def _worker(app: App) -> Worker:
    turns = Turns(
        database=app.database,
        staff=app.staff,
        channels=app.channels,
        deliver=app.deliver_soon,
        lease_seconds=app.settings.lease_seconds,
        deadline_seconds=app.settings.turn_deadline,
        max_attempts=app.settings.max_attempts,
    )
    return Worker(app.database, app.wakeups, turns, app.channels, app.settings.workers)


@asynccontextmanager
async def _database_url(settings: Settings) -> AsyncIterator[str]:
    """A migrated database's address for the application: DATABASE_URL, or the embedded cluster's."""
    if settings.database_url is not None:
        url = settings.database_url.get_secret_value()
        await migrate(url)
        yield url
        return
    async with embedded_cluster(settings.data_dir / "postgres") as cluster:
        admin = cluster.url("relevo_admin", DATABASE)
        try:
            await migrate(admin)
        except psycopg.OperationalError:
            async with await psycopg.AsyncConnection.connect(
                cluster.admin_url, autocommit=True
            ) as connection:
                await connection.execute(f"CREATE DATABASE {DATABASE}")
            await migrate(admin)
        yield cluster.url("relevo_app", DATABASE)


def model_of(settings: Settings, clock: Clock) -> Model | None:
    """The configured model, None without one. Raises Misconfigured naming the setting to change."""
    try:
        return build_model(
            ModelConfig(
                provider=settings.llm_provider,
                model=settings.llm_model,
                base_url=settings.llm_base_url,
                api_key=settings.model_key,
                call_timeout=settings.llm_call_timeout,
            ),
            clock,
        )
    except ValueError as error:
        raise Misconfigured(str(error)) from error


def _channels(settings: Settings, clock: Clock) -> dict[ChannelName, Channel]:
    """Every folder under channels/ that is configured."""
    found: dict[ChannelName, Channel] = {}
    for module in pkgutil.iter_modules(relevo.channels.__path__):
        if module.ispkg:
            build = importlib.import_module(f"relevo.channels.{module.name}").build
            try:
                channel = build(settings, clock)
            except ValueError as error:
                raise Misconfigured(str(error)) from error
            if channel is not None:
                found[channel.name] = channel
    return found


def load_teams(further: Path | None) -> dict[str, Team]:
    """The built-in teams, and those in the folder ``further`` (which may replace a built-in one)."""
    teams = {}
    for base, package in ((Path(relevo.teams.__path__[0]), "relevo.teams"), (further, None)):
        for folder in sorted(base.iterdir()) if base else []:
            if (folder / "team.toml").exists():
                try:
                    teams[folder.name] = load_team(folder, f"{package}.{folder.name}" if package else None)
                except ValueError as error:
                    raise Misconfigured(str(error)) from error
    return teams


def _secret(settings: Settings) -> str:
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    try:
        return read_or_make(settings.data_dir / "secret", random_secret)
    except PermissionError as error:
        raise Misconfigured(str(error)) from error


async def _first_project(app: App) -> None:
    """The demo with its data, or else an empty first project; our WhatsApp number is the first project's."""
    settings = app.settings
    if settings.team not in app.teams:
        raise Misconfigured(f"TEAM: no team {settings.team!r}; there are: {', '.join(sorted(app.teams))}")
    await create_project(app.database, app.default_project, settings.team, app.default_project)
    team = app.teams[settings.team]
    if settings.demo and team.load_demo is not None:
        await team.load_demo(app.database, app.default_project)
    if settings.twilio_whatsapp_from:
        await claim_address(
            app.database, app.default_project, ChannelName("whatsapp"), settings.twilio_whatsapp_from
        )
