"""`relevo serve` and `relevo worker`: the long-running processes."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Iterator
from typing import Annotated

import structlog
import typer
import uvicorn

from relevo.accounts.demo import is_public, make_demo_users, refuse_in_public
from relevo.api.wire import protocol_for
from relevo.app import App
from relevo.bootstrap import open_app
from relevo.cli.console import console, fail, run
from relevo.cli.logs import set_up
from relevo.console.site import create_site
from relevo.domain.ids import ProjectId
from relevo.settings import Settings, load_settings
from relevo.settings_checks import mistyped

log = structlog.get_logger()

SHUTDOWN_SECONDS = 3
"""How long open streams may hold up a stop."""


class _Server(uvicorn.Server):
    """A server whose signals are ours: it must not raise them again before the database has stopped."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (HOST)")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (PORT)")] = None,
    work: Annotated[bool, typer.Option(help="Take turns in this process too")] = True,
) -> None:
    """Serves the web chat, the API and the webhooks, and takes turns."""
    overrides = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = load_settings(**overrides)
    set_up(settings.log_level)
    for name, meant in mistyped(Settings.model_fields).items():
        log.warning("setting_unknown", name=name, looks_like=meant)
    run(_serve(settings, work))


async def _serve(settings: Settings, work: bool) -> None:
    listening = _listen(settings)
    async with open_app(settings, working=work) as app:
        await refuse_in_public(app.database, settings.public_url)
        if work:
            await app.warm_up()
        config = uvicorn.Config(
            create_site(settings, app),
            log_config=None,
            access_log=False,
            lifespan="on",
            http=protocol_for(settings.knowledge_max_file_mb * 1_000_000),
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        )
        server = _Server(config)
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, setattr, server, "should_exit", True)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn offers no event
            await asyncio.sleep(0.02)
        if not serving.done():
            await _greet(settings, app)
            if work:
                await app.compile()
        await serving
        console.print("stopping: turns that have begun are finished, then the database stops")


def _listen(settings: Settings) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        listening = socket.socket(family)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((settings.host, settings.port))
        listening.set_inheritable(False)
        return listening
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no such host"
        fail(f"cannot listen on {settings.host}:{settings.port} ({reason}); set PORT or HOST")


async def _greet(settings: Settings, app: App) -> None:
    host = "localhost" if settings.host in ("127.0.0.1", "0.0.0.0", "::1", "::") else settings.host  # noqa: S104
    console.print(f"Relevo is ready: http://{host}:{settings.port}")
    if app.model is not None:
        console.print(
            f"Model: {settings.llm_model} ({settings.llm_provider}); playbooks answer when it does not."
        )
    else:
        console.print("Model: none configured, playbooks answer (set LLM_PROVIDER and a key to use one).")
    if settings.demo and not is_public(settings.public_url):
        at, marketing = app.clock.now(), app.teams["marketing"].demo_project
        studio = ProjectId(marketing) if marketing and settings.team != "marketing" else None
        for user in await make_demo_users(app.database, app.default_project, at, studio):
            console.print(f"Demo {user.role}: {user.email}  password {user.password}", markup=False)
        console.print(f"Studio, for the marketer: http://{host}:{settings.port}/studio")
    key = await app.demo_key()
    if key is not None:
        console.print(f"Demo API key: {key}")


def worker() -> None:
    """Takes turns and empties the outbox, without serving the web."""
    settings = load_settings()
    set_up(settings.log_level)
    run(_work(settings))


async def _work(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    async with open_app(settings) as app:
        await refuse_in_public(app.database, settings.public_url)
        await app.warm_up()
        await app.compile()
        console.print("Relevo worker is ready.")
        await stop.wait()
