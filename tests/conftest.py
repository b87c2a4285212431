"""What every test stands on: a real PostgreSQL, a database of its own, a running installation, no network."""

import asyncio
import contextlib
import functools
import ipaddress
import itertools
import os
import socket
import tempfile
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import structlog
from pydantic import SecretStr

import relevo.teams
from relevo.bootstrap import App, open_app
from relevo.domain.ids import ProjectId
from relevo.knowledge.help import HELP_FOLDER, load_help
from relevo.settings import Settings
from relevo.storage.database import Database
from relevo.storage.embedded import Cluster, embedded_cluster
from relevo.storage.migrate import migrate
from relevo.storage.projects import create_project
from relevo.teams.marketing.demo import load_demo as load_marketing_demo
from relevo.teams.music.demo import load_demo
from relevo.triage.local import LocalTriage

DEMO = ProjectId("demo")
_NUMBERS = itertools.count()

structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)  # the default draws an error's locals: a whole installation, for seconds


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reaches for an address outside this machine fails."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = address[0]
            if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
                raise AssertionError(f"a test tried to reach {host}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No setting of the machine reaches a test."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(scope="session", autouse=True)
def music_learnt_once() -> Iterator[None]:
    """The music team's examples teach every installation of a run the same: they are learnt from once."""
    of_team = LocalTriage.of_team
    music = Path(relevo.teams.__path__[0]) / "music"
    learnt = functools.cache(lambda: of_team(music))

    def once(folder: Path, cache: Path | None = None) -> LocalTriage:
        return learnt() if folder == music else of_team(folder, cache)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LocalTriage, "of_team", once)
        yield


class _ClusterThread:
    """An embedded cluster kept by a loop of its own, so that it outlives the tests' loops."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ready = threading.Event()
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._error: BaseException | None = None
        self.cluster: Cluster | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._live()), daemon=True)

    async def _live(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        try:
            async with embedded_cluster(self._folder, durable=False) as self.cluster:
                self._ready.set()
                await self._stop.wait()
        except BaseException as error:
            self._error = error
            self._ready.set()
            raise

    def __enter__(self) -> Cluster:
        self._thread.start()
        self._ready.wait()
        if self._error is not None or self.cluster is None:
            raise RuntimeError("the embedded cluster did not start") from self._error
        return self.cluster

    def __exit__(self, *_: object) -> None:
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(timeout=60)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """One PostgreSQL for the whole run of this process.

    As root it runs under another account, which must be able to pass through the folder above its own.
    """
    with tempfile.TemporaryDirectory(prefix="relevo-tests-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with _ClusterThread(folder / "cluster") as running:
            yield running


def _admin(cluster: Cluster, database: str) -> str:
    return cluster.url("relevo_admin", database)


def _create(cluster: Cluster, name: str, template: str) -> None:
    with psycopg.connect(cluster.admin_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')


def _in_a_thread(job: Callable[[], Awaitable[object]]) -> None:
    """Runs async set-up outside any test's loop."""
    failures: list[BaseException] = []

    def work() -> None:
        try:
            asyncio.run(_await(job))
        except BaseException as error:  # noqa: BLE001 - handed to the test below
            failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]


async def _await(job: Callable[[], Awaitable[object]]) -> None:
    await job()


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> str:
    """The name of a migrated database with the empty project ``demo``."""
    _create(cluster, "template_empty", "template0")

    async def fill() -> None:
        await migrate(_admin(cluster, "template_empty"))
        database = Database(_admin(cluster, "template_empty"), 2)
        await database.open()
        await create_project(database, DEMO, "music", "Demo")
        await database.close()

    _in_a_thread(fill)
    return "template_empty"


@pytest.fixture(scope="session")
def demo_template(cluster: Cluster, template: str) -> str:
    """The same with the demo's data and the team's help."""
    _create(cluster, "template_demo", template)

    async def fill() -> None:
        database = Database(_admin(cluster, "template_demo"), 2)
        await database.open()
        await load_demo(database, DEMO)
        await load_marketing_demo(database, ProjectId("demo-marketing"))
        await load_help(database, DEMO, Path(relevo.teams.__path__[0]) / "music" / HELP_FOLDER)
        await database.close()

    _in_a_thread(fill)
    return "template_demo"


@contextlib.contextmanager
def _fresh(cluster: Cluster, template: str) -> Iterator[str]:
    name = f"test_{os.getpid()}_{next(_NUMBERS)}"
    _create(cluster, name, template)
    try:
        yield name
    finally:
        with psycopg.connect(cluster.admin_url, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def fresh_name(cluster: Cluster, template: str) -> Iterator[str]:
    with _fresh(cluster, template) as name:
        yield name


@pytest.fixture
def demo_name(cluster: Cluster, demo_template: str) -> Iterator[str]:
    with _fresh(cluster, demo_template) as name:
        yield name


@pytest.fixture
def admin_url(cluster: Cluster, fresh_name: str) -> str:
    """The superuser's address of the test's empty database."""
    return _admin(cluster, fresh_name)


@pytest.fixture
def demo_admin_url(cluster: Cluster, demo_name: str) -> str:
    """The superuser's address of the test's database with the demo."""
    return _admin(cluster, demo_name)


@pytest.fixture
def database_url(cluster: Cluster, fresh_name: str) -> str:
    """The application role's address of the test's empty database."""
    return cluster.url("relevo_app", fresh_name)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open database that acts as the application's role."""
    opened = Database(database_url, 10)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def project() -> ProjectId:
    return DEMO


OpenApp = Callable[..., Awaitable[App]]


def settings_for(url: str, data_dir: Path, **changes: Any) -> Settings:
    """Settings of a test's installation: its own database and folder, no model, an open desk."""
    values: dict[str, Any] = {
        "database_url": SecretStr(url),
        "data_dir": data_dir,
        "desk_hours": "always",
        "log_level": "warning",
        "_env_file": None,
    }
    return Settings(**(values | changes))


@pytest.fixture
async def open_installation(cluster: Cluster, demo_name: str, tmp_path: Path) -> AsyncIterator[OpenApp]:
    """Opens installations on the test's demo database: ``await open_installation(llm_provider=…)``."""
    url = cluster.url("relevo_app", demo_name)
    async with contextlib.AsyncExitStack() as stack:

        async def begin(*, working: bool = True, **changes: Any) -> App:
            settings = settings_for(url, tmp_path / "data", **changes)
            return await stack.enter_async_context(open_app(settings, working=working))

        yield begin


@pytest.fixture
async def app(open_installation: OpenApp) -> App:
    """A running installation with the demo, answering by playbooks."""
    return await open_installation()
