"""The shape of the code: rooms that say what they are for, files that hold one thing, imports one way."""

import ast
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "relevo"
FILES = sorted(SOURCE.rglob("*.py"))
PACKAGES = sorted(path.parent for path in SOURCE.rglob("__init__.py"))


def test_imports_go_one_way() -> None:
    """The contracts of pyproject.toml, kept by import-linter."""
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [program, "--no-cache"], cwd=SOURCE.parents[1], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_every_room_says_what_it_is_for(package: Path) -> None:
    said = ast.get_docstring(ast.parse((package / "__init__.py").read_text("utf-8")))
    assert said, f"{package} has no docstring"
    assert len(said.splitlines()[0]) <= 110


def test_files_hold_one_thing() -> None:
    lengths = {path: path.read_text("utf-8").count("\n") for path in FILES}
    assert statistics.median(lengths.values()) < 150
    assert {path.name for path, length in lengths.items() if length > 300} <= {"0001_core.py"}


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        path.relative_to(SOURCE).as_posix()
        for path in FILES
        if path.stat().st_size and ast.get_docstring(ast.parse(path.read_text("utf-8"))) is None
    ]
    assert silent == []


def test_the_story_of_a_turn_fits_a_screen_or_two() -> None:
    assert (SOURCE / "pipeline/turn.py").read_text("utf-8").count("\n") <= 130


def test_broad_excepts_stand_at_the_process_edge_only() -> None:
    broad = set()
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ExceptHandler):
                caught = ast.unparse(node.type) if node.type else "BaseException"
                if caught in ("Exception", "BaseException"):
                    broad.add(path.relative_to(SOURCE).as_posix())
    assert broad <= {"worker.py"}


def test_every_channel_and_agent_has_the_same_files() -> None:
    channels = [path for path in (SOURCE / "channels").iterdir() if (path / "__init__.py").exists()]
    assert channels
    for channel in channels:
        for name in ("verify.py", "parse.py", "send.py", "settings.py"):
            assert (channel / name).exists(), f"{channel.name} lacks {name}"
    agents = [path.parent for path in (SOURCE / "teams").rglob("agent.toml")]
    assert agents
    for agent in agents:
        for name in ("prompt.es.md", "prompt.en.md", "playbook.toml", "examples.es.txt", "examples.en.txt"):
            assert (agent / name).exists(), f"{agent.name} lacks {name}"
