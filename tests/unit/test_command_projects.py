"""Commands work on the project that is named; files, channels and projects that are not there are refused."""

import json
import re
from pathlib import Path

import pytest
from tests.unit.conftest import Relevo

from relevo.teams import music

EXAMPLES = Path(music.__path__[0]) / "data/examples"


def test_every_command_works_on_the_project_that_is_named(relevo: Relevo) -> None:
    relevo("project", "create", "second")
    said = json.loads(relevo("ask", "quiero hablar con una persona", "--project", "second", "--json"))
    assert said["escalated"]
    assert json.loads(relevo("desk", "list", "--json")) == []
    [ticket] = json.loads(relevo("desk", "list", "--project", "second", "--json"))
    number = str(ticket["number"])
    assert "--project second" in relevo("desk", "take", number, "--me", "eva", "--project", "second")
    relevo("desk", "say", number, "hola", "--me", "eva", "--project", "second")
    relevo("desk", "return", number, "--me", "eva", "--summary", "nada", "--project", "second")
    relevo("desk", "close", number, "--me", "eva", "--project", "second")
    assert "hola" in relevo("desk", "show", number, "--project", "second")
    assert "una persona" in relevo("trace", said["conversation"], "--project", "second")
    assert "no conversation" in relevo("trace", said["conversation"], status=1)


@pytest.mark.parametrize(
    "command",
    [
        ("desk", "list"),
        ("trace", "c_1"),
        ("ask", "hola"),
        ("key", "list"),
        ("customer-token", "ana"),
    ],
)
def test_a_project_that_is_not_there_is_refused(relevo: Relevo, command: tuple[str, ...]) -> None:
    assert "no project 'nope'" in relevo(*command, "--project", "nope", status=1)


def test_a_channel_that_is_not_there_is_refused_with_those_there_are(relevo: Relevo) -> None:
    assert "api, web, hello_world, whatsapp" in relevo("ask", "hola", "--channel", "nope", status=1)


def test_closing_a_taken_ticket_says_farewell_in_the_language_of_the_talk(relevo: Relevo) -> None:
    asked = json.loads(relevo("ask", "I want to talk to a person", "--json"))
    number = str(asked["ticket"]["number"])
    relevo("desk", "take", number, "--me", "eva")
    assert "only eva can close it" in relevo("desk", "close", number, "--me", "luz", status=1)
    relevo("desk", "close", number, "--me", "eva", "--outcome", "refunded")
    shown = relevo("desk", "show", number)
    assert "I'm with you again." in shown
    assert "wants a person" in shown


def test_every_file_is_imported_whatever_is_wrong_with_another(relevo: Relevo, tmp_path: Path) -> None:
    statements = (EXAMPLES / "statements.csv").read_text("utf-8").splitlines()
    (tmp_path / "bad.csv").write_text("\n".join([*statements[:1], statements[1].replace("1", "?")]), "utf-8")
    (tmp_path / "what.csv").write_text("nothing,we,know\n1,2,3\n", "utf-8")
    relevo("project", "create", "second")
    files = ("bad.csv", "what.csv", "nowhere.csv", str(EXAMPLES / "releases.csv"))
    told = relevo("music", "import", *files, "--project", "second", status=1)
    assert "bad.csv (statements): 1 rows, 0 new or changed, 0 already there, 1 bad" in told
    assert "what.csv: " in told
    assert "nowhere.csv is not a file" in told
    assert re.search(r"releases.csv \(releases\): \d+ rows, [1-9]\d* new or changed", told)
    assert ", 0 new or changed" in relevo("music", "import", files[-1], "--project", "second")
