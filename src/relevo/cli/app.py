"""The commands, by name; each lives in a file of its own and is imported when it runs."""

import gc
import sys

import typer

from relevo.cli.console import fail
from relevo.settings import Misconfigured

app = typer.Typer(
    help="Teams of AI agents that talk with people.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _register() -> None:
    from relevo.cli import access, desk, doctor, evaluate, music, serve, show, talk

    app.command("serve")(serve.serve)
    app.command("worker")(serve.worker)
    app.command("ask")(talk.ask)
    app.command("chat")(talk.chat)
    app.command("trace")(show.trace)
    app.command("graph")(show.graph)
    app.command("doctor")(doctor.doctor)
    app.add_typer(evaluate.app, name="eval")
    app.add_typer(music.app, name="music")
    app.add_typer(desk.app, name="desk")
    app.add_typer(access.keys, name="key")
    app.add_typer(access.projects, name="project")
    app.command("customer-token")(access.customer_token)


def main() -> None:
    """The program's entry: says what is wrong in a line instead of a stack trace where it is ours to say."""
    from relevo.storage.embedded_home import ClusterError
    from relevo.storage.migrate import MigrationRefused

    gc.disable()  # nothing that is imported becomes garbage: looking for it costs a tenth of the start
    _register()
    gc.freeze()
    gc.enable()
    try:
        app()
    except (Misconfigured, ClusterError, MigrationRefused) as error:
        fail(str(error))
    except KeyboardInterrupt:
        sys.exit(0)
