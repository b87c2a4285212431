"""The commands, by name; each lives in a file of its own and is imported when it is needed."""

import gc
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from relevo.cli.console import fail
from relevo.settings import Misconfigured

COMMANDS = {
    "serve": "serve.serve",
    "worker": "serve.worker",
    "ask": "talk.ask",
    "chat": "talk.chat",
    "trace": "trace.trace",
    "replay": "replay.replay",
    "graph": "graph.graph",
    "doctor": "doctor.doctor",
    "eval": "evaluate.app",
    "music": "music.app",
    "desk": "desk.app",
    "dead": "dead.app",
    "outbox": "outbox.app",
    "profile": "profile.app",
    "costs": "costs.costs",
    "knowledge": "knowledge.app",
    "persona": "persona.app",
    "key": "access.keys",
    "project": "access.projects",
    "user": "user.app",
    "customer-token": "access.customer_token",
}
"""Where each command is found under relevo.cli: a function, or a group of commands."""


class _Commands(Mapping[str, Any]):
    """The commands, made when they are asked for: `desk list` does not wait for the web server's imports."""

    def __getitem__(self, name: str) -> Any:
        return _command(name, COMMANDS[name])

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


@cache
def _command(name: str, place: str) -> Any:
    gc.disable()  # nothing that is imported becomes garbage: looking for it costs a tenth of the start
    module, _, attribute = place.partition(".")
    found = getattr(import_module(f"relevo.cli.{module}"), attribute)
    gc.freeze()
    gc.enable()
    if isinstance(found, typer.Typer):
        group = typer.main.get_group(found)
        group.name = name
        return group
    alone = typer.Typer(add_completion=False)
    alone.command(name)(found)
    return typer.main.get_command(alone)


class _Group(TyperGroup):
    """The whole command line. Only its help needs every command."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = _Commands()  # type: ignore[assignment]  # nothing is added to it later

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)


app = typer.Typer(cls=_Group, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"relevo {version('relevo')}")
        raise typer.Exit


@app.callback()
def _everything(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is")
    ] = False,
) -> None:
    """Teams of AI agents that talk with people."""


def main() -> None:
    """The program's entry: says what is wrong in a line instead of a stack trace where it is ours to say."""
    from relevo.storage.embedded_home import ClusterError
    from relevo.storage.migrate import MigrationRefused

    try:
        app()
    except (Misconfigured, MigrationRefused) as error:
        fail(str(error))
    except ClusterError as error:
        fail(f"DATA_DIR: {error}")
    except KeyboardInterrupt:
        sys.exit(0)
