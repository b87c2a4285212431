"""The command line: what a command loads, and what its help shows."""

import subprocess
import sys

import pytest

from relevo.cli.app import COMMANDS

HEAVY = {"fastapi", "langgraph", "taskiq", "openai", "twilio", "uvicorn"}


def _python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.parametrize("command", ["desk", "key", "project", "trace"])
def test_a_command_loads_only_what_it_needs(command: str) -> None:
    """Web server, graph and model take more than a second to import; the desk needs none of them."""
    loaded = _python(
        f"import sys; from relevo.cli.app import app, _command, COMMANDS;"
        f"_command({command!r}, COMMANDS[{command!r}]); import relevo.bootstrap; print(*sys.modules)"
    )
    assert not HEAVY & set(loaded.split())


def test_help_lists_every_command_with_its_help() -> None:
    code = "import sys; sys.argv[1:] = ['--help']; from relevo.cli.app import main; main()"
    shown = {line.strip("│ ").partition(" ")[::2] for line in _python(code).splitlines() if "│" in line}
    told = {name: says.strip() for name, says in shown}
    assert all(told.get(name) for name in COMMANDS), told
