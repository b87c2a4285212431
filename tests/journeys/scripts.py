"""The scripted conversations of tests/conversations: read, held over HTTP, and judged turn by turn."""

import tomllib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from tests.support.http import Site, served
from tests.support.model_server import ModelServer
from tests.support.music_brain import answer
from tests.support.music_matters import bare

from relevo.bootstrap import open_app
from relevo.domain.clock import Clock
from relevo.domain.signals import Language
from relevo.settings import Settings

FOLDER = Path(__file__).parent.parent / "conversations"
PLAYBOOK, MODEL = "playbook", "model"
MODES = (PLAYBOOK, MODEL)
CHANGING = frozenset(
    {
        "en_015_takedown_confirm",
        "en_029_withdraw_confirm",
        "es_018_takedown_confirm",
        "es_023_withdraw_confirm",
        "es_024_withdraw_part",
        "es_058_withdraw_twice_confirmed",
    }
)


class Turn(BaseModel):
    """One ``[[turn]]``: what is said, and what is expected of the reply. A key left out is not judged."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    say: str
    agent: str | None = None
    expect_any: list[str] = Field(default_factory=list)
    forbid: list[str] = Field(default_factory=list)
    escalated: bool | None = None
    refused: bool | None = None

    def faults(self, reply: dict[str, Any]) -> list[str]:
        """What is wrong with ``reply``, in words; nothing when it is as expected."""
        said = bare(reply["content"])
        found = []
        if self.agent is not None and reply["agent"] != self.agent:
            found.append(f"{reply['agent']} answered, not {self.agent}")
        if self.expect_any and not any(bare(text) in said for text in self.expect_any):
            found.append(f"none of {self.expect_any} was said")
        found += [f"{text!r} was said" for text in self.forbid if bare(text) in said]
        refused = reply["route"] == "refuse"
        for name, wanted, had in (
            ("escalated", self.escalated, reply["escalated"]),
            ("refused", self.refused, refused),
        ):
            if wanted is not None and had != wanted:
                found.append(f"{name} was {had}")
        return found


class Script(BaseModel):
    """One file: a conversation of one person."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    name: str
    title: str
    language: Language
    speak_as: str = Field(alias="as")
    turns: list[Turn] = Field(alias="turn", min_length=1)

    @property
    def changes_the_account(self) -> bool:
        """Whether money moves or a release goes in it, so that it needs demo data of its own."""
        return self.name in CHANGING


@dataclass(frozen=True, slots=True)
class Desk:
    """A served installation; ``server`` is the model it asks, None where it answers by playbooks."""

    site: Site
    server: ModelServer | None

    @property
    def model_calls(self) -> int:
        return len(self.server.requests) if self.server else 0

    @property
    def model(self) -> ModelServer:
        """The model server of a desk that has one."""
        assert self.server is not None
        return self.server


@dataclass(frozen=True, slots=True)
class Held:
    """How a conversation went: each turn's reply, what was wrong with it, and the calls to the model."""

    script: Script
    replies: list[dict[str, Any]]
    faults: list[str]
    model_calls: int
    mode: str

    def figures(self) -> dict[str, Any]:
        """The conversation as numbers, for the table of outcomes."""
        people = sum(reply["escalated"] for reply in self.replies)
        return {
            "mode": self.mode,
            "language": str(self.script.language),
            "passed": int(not self.faults),
            "turns": len(self.replies),
            "asks_person": int(any(turn.agent == "human" for turn in self.script.turns)),
            "escalations": people,
            "without_person": int(not people),
            "handoffs": sum(
                handoff["to"] != "human" for reply in self.replies for handoff in reply["handoffs"]
            ),
            "model_calls": self.model_calls,
        }

    def __str__(self) -> str:
        lines = [f"{self.script.name}: {self.script.title}", *self.faults]
        for turn, reply in zip(self.script.turns, self.replies, strict=True):
            shown = {name: reply[name] for name in ("agent", "route", "mode", "escalated", "tools")}
            lines += [f"  > {turn.say}", f"  < {reply['content']}", f"    {shown}"]
        return "\n".join(lines)


def load_scripts(folder: Path = FOLDER) -> list[Script]:
    """Every conversation, by file name. Raises pydantic's ValidationError for a file that is not one."""
    return [
        Script.model_validate(tomllib.loads(path.read_text("utf-8")) | {"name": path.stem})
        for path in sorted(folder.glob("*.toml"))
    ]


async def hold(desk: Desk, script: Script) -> Held:
    """Holds the conversation to its end, whatever is said on the way."""
    before = desk.model_calls
    chat = await desk.site.open_chat(script.speak_as)
    replies = [await desk.site.say(chat, turn.say) for turn in script.turns]
    faults = [
        f"turn {number}: {fault}"
        for number, (turn, reply) in enumerate(zip(script.turns, replies, strict=True), 1)
        for fault in turn.faults(reply)
    ]
    mode = MODEL if desk.server else PLAYBOOK
    return Held(script, replies, faults, desk.model_calls - before, mode)


def model_settings(server: ModelServer) -> dict[str, Any]:
    """The settings by which an installation asks ``server``."""
    return {
        "llm_provider": "compatible",
        "llm_base_url": server.url,
        "llm_model": "music",
        "llm_api_key": SecretStr("test"),
    }


@asynccontextmanager
async def open_desk(settings: Settings, mode: str, clock: Clock | None = None) -> AsyncIterator[Desk]:
    """An installation that answers by playbooks, or through the wire-level model server."""
    async with AsyncExitStack() as stack:
        server = None
        if mode == MODEL:
            server = await stack.enter_async_context(ModelServer(answer))
            settings = settings.model_copy(update=model_settings(server))
        app = await stack.enter_async_context(open_app(settings, clock=clock))
        yield Desk(await stack.enter_async_context(served(app)), server)
