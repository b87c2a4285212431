"""How commands speak: to the terminal, or as JSON; and how they reach an installation."""

import re
import sys
from collections.abc import Coroutine
from typing import Any, NoReturn, TypeVar

import orjson
import psycopg
from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderHook, RenderResult
from rich.markup import escape
from rich.segment import Segment

from relevo.secrets import hidden

Result = TypeVar("Result")

_UNSHOWN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What a terminal obeys instead of showing it: controls, and the marks that turn the direction of a line."""
_C1 = re.compile(r"[\x7f-\x9f]")


def shown(text: str) -> str:
    """``text`` with what a terminal would obey made visible: ESC is ␛. Our secrets are stars."""
    return _UNSHOWN.sub(lambda found: _visible(found[0]), hidden(text))


def _visible(control: str) -> str:
    code = ord(control)
    return chr(0x2400 + code) if code < 0x20 else f"\\u{code:04x}"


class _Shown:
    """Something to print whose text is shown, never obeyed; the styles are ours."""

    def __init__(self, inner: ConsoleRenderable) -> None:
        self._inner = inner

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for segment in console.render(self._inner, options):
            yield segment if segment.control else Segment(shown(segment.text), segment.style)


class _Hook(RenderHook):
    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Shown(each) for each in renderables]


def _console(*, stderr: bool = False) -> Console:
    made = Console(stderr=stderr, highlight=False, soft_wrap=True)
    made.push_render_hook(_Hook())
    return made


console = _console()


def fail(message: str) -> NoReturn:
    """Ends the command with a message on the error stream and status 1."""
    _console(stderr=True).print(f"[red]✗[/] {escape(message)}")
    sys.exit(1)


def print_json(value: Any) -> None:
    """Prints ``value``; JSON escapes most of what a terminal would obey, and we the rest."""
    printed = orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode()
    sys.stdout.write(_C1.sub(lambda found: f"\\u{ord(found[0]):04x}", printed) + "\n")


def run(job: Coroutine[Any, Any, Result]) -> Result:
    """Runs a command's work; a database that cannot be reached is said in a line."""
    import uvloop

    try:
        return uvloop.run(job)
    except psycopg.OperationalError as error:
        said = " ".join(str(error).split())
        fail(f"the database does not answer: {said}; check DATABASE_URL (relevo doctor)")
    except psycopg.errors.InsufficientPrivilege as error:
        fail(f"DATABASE_URL: its role lacks a right: {error.diag.message_primary} (relevo doctor)")
