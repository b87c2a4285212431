"""A team: its agents, its texts, and the services and slots its own module brings."""

import tomllib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, Field

from relevo.agents.agent import Agent, load_agent, load_module
from relevo.agents.background import Chore, Hands
from relevo.agents.playbook import load_plays
from relevo.agents.routing import RoutingPolicy
from relevo.agents.tool import ToolContext
from relevo.domain.clock import Clock
from relevo.domain.ids import AgentName, ProjectId
from relevo.domain.signals import Language
from relevo.storage.database import Database


class Outside(Protocol):
    """A system outside of Relevo that a team works with; a call that gets no answer raises Unavailable."""

    name: str

    def services(self, project: ProjectId) -> Mapping[type[Any], Any]:
        """What the team's tools ask instead of what the team brings itself, by type."""
        ...

    async def ping(self) -> None:
        """Raises Unavailable."""
        ...

    async def close(self) -> None: ...


Slot = Callable[[str, ToolContext], Awaitable[Any]]
"""Reads a slot's value out of a message, or returns None."""


class TeamFile(BaseModel):
    """team.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: dict[Language, str]
    entry: str
    """The agent who answers when nothing tells whose matter it is."""
    texts: dict[str, dict[Language, str]] = Field(default_factory=dict)
    """Sentences of texts.toml that this team says in its own words."""
    links: list[str] = Field(default_factory=list)
    """Hosts an answer may link to; any other address is taken out of what a model writes."""


@dataclass(frozen=True, slots=True)
class Team:
    name: str
    folder: Path
    title: Mapping[Language, str]
    entry: AgentName
    agents: Mapping[AgentName, Agent]
    texts: Mapping[str, Mapping[Language, str]]
    links: frozenset[str] = frozenset()
    slots: Mapping[str, Slot] = field(default_factory=dict)
    services: Callable[[Database, ProjectId], Mapping[type[Any], Any]] = lambda database, project: {}
    facts: Callable[[str, Language], Mapping[str, Any]] = lambda text, language: {}
    """Reads facts about the person out of what they wrote (name, genre, …), by slot name."""
    identify: Callable[..., Awaitable[Any]] | None = None
    """Who is behind an address of a channel that proves it: (services, channel, address) → Identified."""

    account: Callable[..., Awaitable[Mapping[str, Any]]] | None = None
    """What the team's own system knows of a proved customer: (services, customer) → plain values."""
    connect: Callable[[Any, Clock], Outside | None] | None = None
    """Connects the team to a system outside, where (settings, clock) name one. Raises ValueError naming the
    setting to change."""
    routing: RoutingPolicy | None = None
    """Decides by the team's own rules who answers; what routing.py says holds before it."""
    background: Callable[[Hands], Chore] | None = None
    """What the team does in the background, in every process that works."""
    load_demo: Callable[[Database, ProjectId], Awaitable[bool]] | None = None
    """Makes a project with demonstration data, once."""
    demo_project: str | None = None
    """The team's project in the demo, where another team has the first one."""
    demo_people: Mapping[str, Any] = field(default_factory=dict)
    """The demo's named customers, by the name a visitor may speak as: Identified values."""

    @property
    def human(self) -> AgentName:
        """The agent that is the door to people."""
        return next(name for name, agent in self.agents.items() if agent.human)

    @property
    def talking(self) -> tuple[AgentName, ...]:
        return tuple(name for name, agent in self.agents.items() if not agent.human)

    def text(self, name: str, language: Language, **values: Any) -> str:
        """A sentence of the team. Raises KeyError for an unknown name."""
        return self.texts[name][language].format(**values)


def load_team(folder: Path, package: str | None = None) -> Team:
    """Reads a team's folder: team.toml, team.py, playbook.toml, and each folder of agents/ with agent.toml.

    Raises ValueError naming the file when something in it is wrong.
    """
    try:
        file = TeamFile.model_validate(tomllib.loads((folder / "team.toml").read_text("utf-8")))
    except ValueError as error:
        raise ValueError(f"{folder}/team.toml: {error}") from error
    try:
        shared = load_plays(folder / "playbook.toml")
    except ValueError as error:
        raise ValueError(f"{folder}/playbook.toml: {error}") from error
    agents = {}
    for path in sorted((folder / "agents").iterdir()):
        if (path / "agent.toml").exists():
            agent = load_agent(path, f"{package}.agents.{path.name}" if package else None, shared)
            agents[agent.name] = agent
    if file.entry not in agents:
        raise ValueError(f"{folder}/team.toml: entry names an unknown agent {file.entry!r}")
    if sum(agent.human for agent in agents.values()) != 1:
        raise ValueError(f"{folder}: exactly one agent must have human = true")
    module = load_module(folder / "team.py", package) if (folder / "team.py").exists() else None
    extras = {
        name: getattr(module, name)
        for name in (
            "slots",
            "services",
            "facts",
            "identify",
            "account",
            "connect",
            "load_demo",
            "demo_project",
            "routing",
            "background",
            "demo_people",
        )
        if hasattr(module, name)
    }  # fmt: skip
    for agent in agents.values():
        for play in agent.playbook.plays:
            if unknown := play.slots - extras.get("slots", {}).keys():
                raise ValueError(
                    f"{folder}/agents/{agent.name}/playbook.toml: play {play.name!r} names an unknown slot:"
                    f" {', '.join(sorted(unknown))}"
                )
    return Team(
        name=folder.name,
        folder=folder,
        title=file.title,
        entry=AgentName(file.entry),
        agents=agents,
        texts=_default_texts() | file.texts,
        links=frozenset(file.links),
        **extras,
    )


def _default_texts() -> dict[str, dict[Language, str]]:
    raw = tomllib.loads((Path(__file__).parent / "texts.toml").read_text("utf-8"))
    return {name: {Language(code): text for code, text in texts.items()} for name, texts in raw.items()}
