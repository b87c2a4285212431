"""Puts the program together: the only place that names concrete classes."""

import importlib
import pkgutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import structlog

import relevo.channels
import relevo.teams
from relevo.accounts.mail import mailer_of
from relevo.agents.team import Outside, Team, load_team
from relevo.app import App
from relevo.channels.port import Channel
from relevo.desk.operator import Operator
from relevo.domain.clock import Clock, SystemClock
from relevo.domain.ids import ChannelName, ProjectId
from relevo.embedding_choice import embedder_of
from relevo.memory.fragile import Fragile, Rest
from relevo.memory.in_process import MOST_NEAR, InProcessHistory, InProcessSessions
from relevo.memory.manager import MemoryManager
from relevo.model_choice import model_of
from relevo.queue.in_process import InProcessWakeups
from relevo.queue.live import InProcessLive
from relevo.secrets import random_secret, read_or_make
from relevo.settings import Misconfigured, Settings
from relevo.storage.database import Database
from relevo.storage.embedded import embedded_cluster
from relevo.storage.migrate import migrate
from relevo.storage.projects import (
    ClaimedTwice,
    claim_address,
    create_project,
    leave_address,
    project_of_address,
)

if TYPE_CHECKING:
    from relevo.agents.background import Chore
    from relevo.pipeline.checkpointing import Saver
    from relevo.worker import Worker

log = structlog.get_logger()

__all__ = ["App", "channel_names", "load_teams", "model_of", "open_app"]

DATABASE = "relevo"
DEMO_PROJECT = ProjectId("demo")
FIRST_PROJECT = ProjectId("main")


@asynccontextmanager
async def open_app(
    settings: Settings, *, working: bool = True, clock: Clock | None = None
) -> AsyncIterator[App]:
    """Starts what an installation needs and stops it in reverse order; ``working``: it takes turns too.

    Raises Misconfigured naming the setting to change, psycopg.OperationalError without a database.
    """
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        channels = _channels(settings, clock)
        for channel in channels.values():
            stack.push_async_callback(channel.close)
        url = await stack.enter_async_context(_database_url(settings))
        database = Database(url, settings.pool_size)
        await database.open()
        stack.push_async_callback(database.close)
        model = model_of(settings, clock, database)
        if model is not None:
            stack.push_async_callback(model.close)
        embedder = await embedder_of(settings, database)
        if embedder is not None:
            stack.push_async_callback(embedder.close)
        app = App(
            settings=settings,
            clock=clock,
            database=database,
            live=InProcessLive(),
            wakeups=InProcessWakeups(settings.workers),
            memory=await stack.enter_async_context(_memory(settings, database, clock)),
            channels=channels,
            model=model,
            operator=Operator(database, channels),
            teams=load_teams(settings.teams_path),
            secret=_secret(settings),
            default_project=DEMO_PROJECT if settings.demo else FIRST_PROJECT,
            embedder=embedder,
            mailer=mailer_of(settings),
            saver=_saver(settings, database),
        )
        for name, outside in _outside(app.teams, settings, clock):
            stack.push_async_callback(outside.close)
            app.outside[name] = outside
        await _first_project(app)
        if working:
            app.worker = _worker(app)
            await app.worker.start()
            stack.push_async_callback(app.worker.stop)
        yield app


def _outside(teams: dict[str, Team], settings: Settings, clock: Clock) -> Iterator[tuple[str, Outside]]:
    """The systems outside that the settings name, each with its team."""
    for name, team in teams.items():
        try:
            outside = team.connect(settings, clock) if team.connect is not None else None
        except ValueError as error:
            raise Misconfigured(str(error)) from error
        if outside is not None:
            yield name, outside


def _saver(settings: Settings, database: Database) -> "Saver | None":
    if settings.checkpoints == "off":
        return None
    from relevo.pipeline.checkpointing import checkpoint_saver

    return checkpoint_saver(settings.checkpoints, database)


def _worker(app: App) -> "Worker":
    from relevo.knowledge.reading_job import Reading
    from relevo.pipeline.turn import Turns
    from relevo.worker import Worker

    turns = Turns(
        database=app.database,
        staff=app.staff,
        channels=app.channels,
        deliver=app.deliver_soon,
        lease_seconds=app.settings.lease_seconds,
        deadline_seconds=app.settings.turn_deadline,
        max_attempts=app.settings.max_attempts,
    )
    chores: list[Chore] = [Reading(app.database, app.library)]
    chores += [team.background(app) for team in app.teams.values() if team.background is not None]
    return Worker(app.database, app.wakeups, turns, app.channels, chores)


@asynccontextmanager
async def _memory(settings: Settings, database: Database, clock: Clock) -> AsyncIterator[MemoryManager]:
    """The short memory in Redis, where there is one, else in this process."""
    if settings.redis_url is None:
        yield MemoryManager(database, InProcessSessions(clock), InProcessHistory(clock), clock)
        return
    from redis import RedisError

    from relevo.memory.redis import RedisHistory, RedisSessions, connect

    try:
        client = connect(settings.redis_url.get_secret_value(), settings.redis_timeout)
    except ValueError as error:
        raise Misconfigured(f"REDIS_URL: {error}") from error
    rest = Rest(clock, (RedisError, OSError))
    sessions, history = RedisSessions(client), RedisHistory(client, clock)
    try:
        yield MemoryManager(
            database,
            Fragile(sessions, rest),
            Fragile(history, rest),
            clock,
            ping=sessions.ping,
            near=(InProcessSessions(clock, MOST_NEAR), InProcessHistory(clock, MOST_NEAR)),
        )
    finally:
        await client.aclose()


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


def _channels(settings: Settings, clock: Clock) -> dict[ChannelName, Channel]:
    """Every folder under channels/ that is configured."""
    found: dict[ChannelName, Channel] = {}
    wrong = []
    for name in channel_names():
        build = importlib.import_module(f"relevo.channels.{name}").build
        try:
            channel = build(settings, clock)
        except ValueError as error:
            wrong.append(str(error))
            continue
        if channel is not None:
            found[channel.name] = channel
    if wrong:
        raise Misconfigured("\n".join(wrong))
    return found


def channel_names() -> list[str]:
    """The channels there are, configured or not: the folders under channels/."""
    return [module.name for module in pkgutil.iter_modules(relevo.channels.__path__) if module.ispkg]


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
    except (OSError, ValueError) as error:
        raise Misconfigured(f"DATA_DIR: {error}") from error


async def _first_project(app: App) -> None:
    """The demo with its data, or an empty first project; our WhatsApp number is its."""
    settings = app.settings
    if settings.team not in app.teams:
        raise Misconfigured(f"TEAM: no team {settings.team!r}; there are: {', '.join(sorted(app.teams))}")
    team = app.teams[settings.team]
    if settings.demo:
        await _demo(app)
    await create_project(app.database, app.default_project, settings.team, app.default_project)
    try:
        await app.load_help(app.default_project, team)
    except ValueError as error:
        raise Misconfigured(str(error)) from error
    if settings.twilio_whatsapp_from:
        await _first_number(app, ChannelName("whatsapp"), settings.twilio_whatsapp_from)


async def _demo(app: App) -> None:
    """The first project with its team's demonstration, and one for each other team that brings one."""
    for name, team in app.teams.items():
        if team.load_demo is None:
            continue
        if name == app.settings.team:
            await team.load_demo(app.database, app.default_project)
        elif team.demo_project is not None:
            await team.load_demo(app.database, ProjectId(team.demo_project))


async def _first_number(app: App, channel: ChannelName, number: str) -> None:
    """Our number is the first project's, unless somebody has given it to another."""
    for project in {DEMO_PROJECT, FIRST_PROJECT} - {app.default_project}:
        await leave_address(app.database, project, channel, number)  # tried in the demo, or tried again
    with suppress(ClaimedTwice):  # the doctor tells
        if await project_of_address(app.database, channel, number) is None:
            await claim_address(app.database, app.default_project, channel, number)
