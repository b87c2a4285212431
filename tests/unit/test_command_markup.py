"""What customers wrote is shown by the commands as text: neither markup nor the terminal's own language."""

import io
import re

import orjson
import psycopg
import pytest
from psycopg.sql import SQL
from rich.console import Console
from rich.table import Table
from rich.text import Text
from tests.unit.conftest import Relevo

from relevo.cli import console as spoken
from relevo.cli.console import fail, print_json, shown

HOSTILE = (
    "[bold]x[/] [link=https://evil.example]y[/link] [/] \x1b[2J\x1b]8;;https://evil.example\x07z\x1b]8;;\x07"
    " \x9b31m \u202eolah"
)
"""Markup, an unbalanced tag, clear the screen, a link, a colour by C1, and a line turned round."""
OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.mark.parametrize("way", ["string", "text", "table", "rule", "title"])
def test_the_console_shows_and_obeys_nothing(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    stream = io.StringIO()
    made = spoken._console()
    made.file = stream
    if way == "string":
        made.print(HOSTILE, markup=False)
    elif way == "text":
        made.print(Text(HOSTILE))
    elif way == "table":
        table = Table("subject")
        table.add_row(Text(HOSTILE))
        made.print(table)
    elif way == "rule":
        made.rule(Text(HOSTILE))
    else:
        made.print(Text("name: ").append(HOSTILE, "dim"))
    assert not OBEYED.search(stream.getvalue())
    assert "[bold]x[/]" in stream.getvalue()


def test_styles_of_our_own_stay() -> None:
    stream = io.StringIO()
    made = Console(file=stream, force_terminal=True, color_system="standard")
    made.push_render_hook(spoken._Hook())
    made.print("[bold]ours[/]", Text(HOSTILE))
    assert "\x1b[1mours\x1b[0m" in stream.getvalue()
    assert "\x1b[2J" not in stream.getvalue() and "\x1b]8" not in stream.getvalue()


def test_an_error_shows_and_obeys_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        fail(f"no team {HOSTILE}")
    said = capsys.readouterr().err
    assert "[bold]x[/] [link=https://evil.example]y[/link] [/]" in said
    assert not OBEYED.search(said)


def test_json_holds_the_text_and_obeys_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"text": HOSTILE})
    printed = capsys.readouterr().out
    assert orjson.loads(printed) == {"text": HOSTILE}
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", printed)


def test_what_is_shown_can_be_told_from_what_was_written() -> None:
    assert shown("a\x1b[31m\x9b\u202eb\n\tc") == "a␛[31m\\u009b\\u202eb\n\tc"


def test_no_command_obeys_a_customer(relevo: Relevo, demo_admin_url: str) -> None:
    """Text, name, address, ticket, error and fact, each as hostile as PostgreSQL can hold."""
    talk = orjson.loads(relevo("ask", "quiero hablar con una persona", "--as", "ana", "--json"))
    with psycopg.connect(demo_admin_url, autocommit=True) as connection:
        for statement in (
            "UPDATE messages SET body = %(it)s, name = %(it)s WHERE role = 'customer'",
            "UPDATE persons SET name = %(it)s",
            "UPDATE tickets SET subject = %(it)s, reason = %(it)s, summary = %(it)s, assignee = %(it)s",
            "UPDATE conversations SET owner = %(it)s",
            "INSERT INTO outbox (project_id, conversation_id, message_id, channel, address, body, state,"
            " attempts, provider_id, error, due_at) SELECT project_id, conversation_id, max(id), 'whatsapp',"
            " %(it)s, %(it)s, 'failed', 3, 'x', %(it)s, NULL FROM messages GROUP BY 1, 2",
        ):
            connection.execute(SQL(statement), {"it": HOSTILE})
        row = connection.execute("SELECT person_id FROM tickets").fetchone()
    assert row is not None
    relevo("profile", "set", row[0], "note", HOSTILE)
    said = [
        relevo("trace", talk["conversation"]),
        relevo("desk", "list"),
        relevo("desk", "show", "1"),
        relevo("outbox", "list"),
        relevo("profile", "show", row[0]),
    ]
    with psycopg.connect(demo_admin_url, autocommit=True) as connection:
        connection.execute("UPDATE messages SET state = 'dead' WHERE role = 'customer'")
    said.append(relevo("dead", "list"))
    for text in said:
        assert "[bold]x[/]" in text
        assert not OBEYED.search(text)
    assert "[bold]x[/]" in relevo("profile", "forget", row[0], HOSTILE, status=1)
    assert "[bold]x[/]" in relevo("trace", HOSTILE, status=1)
