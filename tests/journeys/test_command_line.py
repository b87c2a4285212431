"""The command line, as people use it: one installation, every command over a real process."""

import itertools
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.processes import RELEVO, Processes

EVAL = {"text": "¿Cuánto cuesta el plan Pro?", "language": "es", "intent": "sales", "sentiment": "neutral"}


class Installation:
    """A data folder of its own, and the commands run on it."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        environment = {"DATA_DIR": str(folder / "data"), "DESK_HOURS": "always", "LOG_LEVEL": "warning"}
        self._processes = Processes(folder, environment | settings)
        self._numbers = itertools.count()

    async def run(self, *arguments: str) -> str:
        """What a command printed. Raises AssertionError with it when the command fails."""
        return await self._processes.run(f"{next(self._numbers)}-{arguments[0]}", *RELEVO, *arguments)

    async def read(self, *arguments: str) -> Any:
        """The JSON a command printed, after whatever it said on the error stream."""
        printed = await self.run(*arguments)
        return json.loads(printed[min(at for at in (printed.find("{"), printed.find("[")) if at >= 0) :])

    def end(self) -> None:
        self._processes.end()


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="relevo-command-") as name:
        Path(name).chmod(0o711)  # the database's account passes through it
        yield Path(name)


@pytest.fixture
def made(folder: Path) -> Iterator[Installation]:
    installation = Installation(folder)
    yield installation
    installation.end()


async def test_the_commands_tell_one_story(made: Installation) -> None:
    answer = await made.read("ask", "¿cuál es mi saldo?", "--as", "ana", "--json")
    assert "182.40" in answer["reply"]
    assert {
        "reply",
        "agent",
        "intent",
        "sentiment",
        "priority",
        "escalated",
        "handoffs",
        "tools",
        "mode",
    } <= set(answer)
    assert (answer["agent"], answer["mode"], answer["escalated"]) == ("royalties", "playbook", False)

    shown = await made.run("trace", answer["conversation"])
    assert "get_balance" in shown
    [turn] = await made.read("trace", answer["conversation"], "--json")
    assert turn["trace"]["signals"]["intent"] == "royalties"

    person = await made.run("ask", "I want to talk to a person [now]", "--from", "someone")
    assert "ticket" in person.lower()
    listed = await made.run("desk", "list")
    assert "[now]" in listed
    [ticket] = await made.read("desk", "list", "--json")
    number = str(ticket["number"])
    await made.run("desk", "take", number, "--me", "Lucía")
    assert "Lucía" in await made.run("desk", "show", number)
    silent = await made.read("ask", "are you there?", "--from", "someone", "--json")
    assert (silent["reply"], silent["mode"]) == ("", "silence")
    await made.run("desk", "say", number, "Hi, this is Lucía", "--me", "Lucía")
    await made.run("desk", "return", number, "--me", "Lucía", "--summary", "we agreed on a call")
    await made.run("desk", "close", number, "--me", "Lucía", "--outcome", "called")
    assert await made.read("desk", "list", "--json") == []
    [closed] = await made.read("desk", "list", "--closed", "--json")
    assert closed["number"] == ticket["number"]

    doctor = await made.run("doctor")
    assert "PostgreSQL" in doctor
    assert "playbooks answer" in doctor
    assert "graph TD" in await made.run("graph", "--team", "music")

    key = (await made.run("key", "create", "--name", "shop")).strip()
    assert key.startswith("rlv_")
    assert "shop" in await made.run("key", "list")
    await made.run("project", "create", "second")
    await made.run("project", "address", "second", "whatsapp", "whatsapp:+14155550000")
    assert (await made.run("customer-token", "ana", "--name", "Ana")).count(".") == 2

    lines = made.folder / "lines.jsonl"
    lines.write_text(json.dumps(EVAL) + "\n", "utf-8")
    result = await made.read("eval", "routing", str(lines), "--json")
    assert result["intent_accuracy"] == 1.0
    assert "confusion" in await made.run("eval", "routing", str(lines))


async def test_a_site_is_allowed_to_show_the_widget_and_refused_again(made: Installation) -> None:
    added = await made.run("project", "origins", "demo", "add", "https://shop.example/")
    assert added.splitlines()[-1] == "https://shop.example"
    removed = await made.run("project", "origins", "demo", "remove", "https://shop.example")
    assert removed.splitlines()[-1] == "none"
    with pytest.raises(AssertionError, match="expected an origin"):
        await made.run("project", "origins", "demo", "add", "shop.example")


WRONG = {
    ("ask", "   "): "nothing to ask",
    ("ask", "hola", "--as", "nobody"): "ana, bruno, carla",
    ("trace", "c_unknown"): "no conversation",
    ("desk", "take", "99", "--me", "Lucía"): "there is no ticket 99",
    ("graph", "--team", "nope"): "no team",
    ("music", "import", "nowhere.csv"): "is not a file",
    ("eval", "routing", "nowhere.jsonl"): "nowhere.jsonl",
    ("key", "revoke", "k_none"): "no valid key",
}


async def test_a_wrong_command_says_what_is_wrong(made: Installation) -> None:
    for arguments, says in WRONG.items():
        with pytest.raises(AssertionError) as failed:
            await made.run(*arguments)
        assert says in str(failed.value)
        assert "Traceback" not in str(failed.value)


async def test_a_wrong_setting_stops_the_start_with_its_name(folder: Path) -> None:
    made = Installation(folder, DESK_TIMEZONE="Mars", TURN_DEADLINE="soon")
    with pytest.raises(AssertionError) as failed:
        await made.run("serve")
    for name in ("DESK_TIMEZONE", "TURN_DEADLINE"):
        assert name in str(failed.value)
