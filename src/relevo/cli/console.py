"""How commands speak: to the terminal, or as JSON; and how they reach an installation."""

import sys
from collections.abc import Coroutine
from typing import Any, NoReturn, TypeVar

import orjson
import psycopg
from rich.console import Console

console = Console(highlight=False, soft_wrap=True)
Result = TypeVar("Result")


def fail(message: str) -> NoReturn:
    """Ends the command with a message on the error stream and status 1."""
    Console(stderr=True, highlight=False).print(f"[red]✗[/] {message}", markup=True)
    sys.exit(1)


def print_json(value: Any) -> None:
    sys.stdout.write(
        orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode() + "\n"
    )


def run(job: Coroutine[Any, Any, Result]) -> Result:
    """Runs a command's work; a database that cannot be reached is said in a line."""
    import uvloop

    try:
        return uvloop.run(job)
    except psycopg.OperationalError as error:
        said = str(error).strip()
        fail(f"the database does not answer: {said}; check DATABASE_URL (relevo doctor)")
