"""What the tests of commands stand on: the command line, run in this process on the test's demo database."""

from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from relevo.cli.app import app
from relevo.storage.embedded import Cluster

Relevo = Callable[..., str]


@pytest.fixture
def relevo(cluster: Cluster, demo_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Relevo:
    """Runs a command and returns what it printed, ``relevo("desk", "list")``; it must end with ``status``."""
    monkeypatch.chdir(tmp_path)  # no .env of the machine
    monkeypatch.setenv("DATABASE_URL", cluster.url("relevo_app", demo_name))
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DESK_HOURS", "always")
    monkeypatch.setattr("relevo.cli.logs.structlog.configure", lambda **_: None)  # the runner's streams close

    def run(*arguments: str, status: int = 0) -> str:
        with capture_logs():  # of a slow machine: a turn taken up twice
            done = CliRunner().invoke(app, arguments)
        assert done.exit_code == status, done.output
        return done.output

    return run
