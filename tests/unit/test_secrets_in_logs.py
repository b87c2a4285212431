"""A secret that slips into a message is stars by the time it is logged or printed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from relevo.secrets import hidden
from relevo.settings import load_settings
from relevo.settings_checks import passwords_in

LOGGING = """
import logging, structlog
from relevo.cli.console import fail
from relevo.cli.logs import set_up
from relevo.settings import load_settings
settings = load_settings()
set_up("info")
secrets = [settings.database_url, settings.twilio_auth_token, settings.llm_api_key]
for each in secrets:
    structlog.get_logger().warning("leak", said=each.get_secret_value())
    logging.getLogger("library").warning("said %s", each.get_secret_value())
    try:
        raise ValueError(each.get_secret_value())
    except ValueError:
        structlog.get_logger().exception("leak")
        logging.getLogger("library").exception("leak")
fail("refused: " + " ".join(each.get_secret_value() for each in secrets))
"""


def test_no_secret_reaches_the_streams(tmp_path: Path) -> None:
    given = {
        "DATABASE_URL": "postgresql://u:pa%40ss-hunter2@127.0.0.1:1/none",
        "TWILIO_AUTH_TOKEN": "token-one-hunter2,token-two-hunter2",
        "LLM_API_KEY": "sk-hunter2",
    }
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **given}
    done = subprocess.run(
        [sys.executable, "-c", LOGGING],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert said.count("***") >= 15
    assert "hunter2" not in said


@pytest.mark.parametrize(
    ("secret", "parts"),
    [
        ("postgresql://u:pa%40ss@h/x", {"postgresql://u:pa%40ss@h/x", "pa%40ss", "pa@ss"}),
        ("postgresql:///x?password=abc", {"postgresql:///x?password=abc", "abc"}),
        ("host=h password=abc", {"host=h password=abc", "abc"}),
        ("one, two", {"one, two", "one", "two"}),
        ("redis://h:1/0", {"redis://h:1/0"}),
    ],
)
def test_the_parts_of_a_secret_that_are_not_said(secret: str, parts: set[str]) -> None:
    assert passwords_in(secret) == parts


def test_innocent_words_stay(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LLM_API_KEY", "k")
    load_settings()
    assert hidden("work and talk") == "work and talk"
