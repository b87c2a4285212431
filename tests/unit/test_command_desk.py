"""`relevo desk` as a person uses it: what it refuses, what it shows, and whether what was said got there."""

import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.support.processes import Processes, free_port
from tests.support.twilio_server import ACCOUNT, CUSTOMER, OUR_NUMBER, TOKEN
from tests.unit.conftest import Relevo


@pytest.fixture
def twilio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a loopback Twilio that the commands send through."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    processes = Processes(tmp_path, {})
    processes.start("twilio", sys.executable, "-m", "tests.support.twilio_server", "--port", str(port))
    for _ in range(200):
        try:
            httpx.get(f"{base}/_sent")
            break
        except httpx.TransportError:
            threading.Event().wait(0.05)
    for name, value in {
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_WHATSAPP_FROM": OUR_NUMBER,
        "TWILIO_API_BASE": base,
        "PUBLIC_URL": "https://care.example.com",
    }.items():
        monkeypatch.setenv(name, value)
    yield base
    processes.end()


def ticket_of(relevo: Relevo, *ask: str) -> str:
    return str(json.loads(relevo("ask", "quiero hablar con una persona", *ask, "--json"))["ticket"]["number"])


def test_what_nobody_should_do_is_refused_with_what_to_do_instead(relevo: Relevo) -> None:
    number = ticket_of(relevo)
    assert "--me NAME" in relevo("desk", "take", number, "--me", " ", status=1)
    assert "the agent is still answering" in relevo("desk", "say", number, "hola", "--me", "eva", status=1)
    relevo("desk", "take", number, "--me", "eva")
    assert "the text is empty" in relevo("desk", "say", number, " \x07", "--me", "eva", status=1)
    assert "say it in 4000" in relevo("desk", "say", number, "a" * 4001, "--me", "eva", status=1)
    assert "what was agreed" in relevo("desk", "return", number, "--me", "eva", "--summary", " ", status=1)
    assert "there is no ticket 99" in relevo("desk", "show", "99", status=1)


def test_the_list_says_who_waits_where_for_how_long_and_that_there_are_more(relevo: Relevo) -> None:
    assert "nobody is waiting" in relevo("desk", "list")
    assert "No closed tickets" in relevo("desk", "list", "--closed")
    ticket_of(relevo, "--as", "ana")
    ticket_of(relevo)
    listed = json.loads(relevo("desk", "list", "--json"))
    assert {(each["name"], each["channel"]) for each in listed} == {("Ana Torres", "api"), (None, "api")}
    told = relevo("desk", "list")
    assert "Ana Torres · api" in told and "0 min" in told
    assert "There are more: --most 10 shows them." in relevo("desk", "list", "--most", "1")


def test_what_was_agreed_outlives_a_plain_close_and_can_be_asked_for(relevo: Relevo) -> None:
    number = ticket_of(relevo, "--from", "ines")
    relevo("desk", "take", number, "--me", "eva")
    relevo("desk", "return", number, "--me", "eva", "--summary", "Te llamamos el martes a las 10")
    assert "(agent)" not in relevo("desk", "list")
    relevo("desk", "close", number, "--me", "eva")
    for question in ("¿en qué quedamos?", "¿y a qué hora era lo del martes?"):
        assert "Te llamamos el martes a las 10" in relevo("ask", question, "--from", "ines")
    assert "Vuelvo a atenderte yo" in relevo("desk", "show", number)


def test_what_the_channel_refuses_is_said_and_marked(relevo: Relevo, twilio: str) -> None:
    number = ticket_of(relevo, "--channel", "whatsapp", "--from", CUSTOMER)
    relevo("desk", "take", number, "--me", "eva")
    httpx.post(f"{twilio}/_next", json={"behaviours": ["63016"]})
    refused = relevo("desk", "say", number, "hola, soy Eva", "--me", "eva", status=1)
    assert "the channel refused it" in refused and "63016" in refused
    assert "Said." in relevo("desk", "say", number, "¿sigues ahí?", "--me", "eva")
    shown = relevo("desk", "show", number).splitlines()
    assert any("eva: hola, soy Eva" in line and "NOT DELIVERED" in line for line in shown)
    assert any(line.endswith("eva: ¿sigues ahí?") for line in shown)
