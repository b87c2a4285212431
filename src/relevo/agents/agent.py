"""An agent, read from its folder: agent.toml, prompt.es.md, prompt.en.md, playbook.toml, tools.py.

One with a speak.py answers by code: neither a model nor a playbook chooses what it does (speaking.py).
"""

import importlib
import importlib.util
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from pydantic import BaseModel, ConfigDict

from relevo.agents.playbook import Play, Playbook, load_playbook
from relevo.agents.speaking import Speak
from relevo.agents.texts import Templates, Texts
from relevo.agents.tool import Tool
from relevo.domain.ids import AgentName
from relevo.domain.signals import Language


class AgentFile(BaseModel):
    """agent.toml. ``matters`` says in a line what the agent is for: other agents hand over by it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Texts
    matters: Texts
    transition: Texts
    """The sentence a customer sees when the conversation passes to this agent."""
    fallback: Texts
    """What the agent says without a model when it is not sure what is asked."""
    picks_up: Templates | None = None
    """How it speaks to what is already known when it receives a conversation, without a model: a template
    given ``facts``, ``person`` and ``giver``, said before its answer; it may come to nothing."""
    human: bool = False
    """Whether this is the door to people: it opens tickets instead of answering."""


@dataclass(frozen=True, slots=True)
class Agent:
    name: AgentName
    title: Mapping[Language, str]
    matters: Mapping[Language, str]
    transition: Mapping[Language, str]
    fallback: Mapping[Language, str]
    picks_up: Mapping[Language, str] | None
    human: bool
    prompts: Mapping[Language, str]
    playbook: Playbook
    tools: Mapping[str, Tool]
    speak: Speak | None = None


def load_agent(folder: Path, package: str | None, shared: Sequence[Play] = ()) -> Agent:
    """Reads an agent's folder. ``package`` is its importable name, None when it lies outside a package.

    ``shared`` are the plays of all of the team's talking agents; one of the agent's own of the same name
    stands in its place, and one whose tool it does not have is none of its own.

    Raises ValueError naming the file when something in it is wrong.
    """
    with _naming(folder / "agent.toml") as path:
        file = AgentFile.model_validate(tomllib.loads(path.read_text("utf-8")))
    prompts = {
        language: prompt.read_text("utf-8").strip()
        for language in Language
        if (prompt := folder / f"prompt.{language}.md").exists()
    }
    with _naming(folder / "tools.py"):
        tools = load_tools(folder, package)
    with _naming(folder / "speak.py") as path:
        speak = load_module(path, package).speak if path.exists() else None
    usable = [play for play in shared if not file.human and (play.tool is None or play.tool in tools)]
    with _naming(folder / "playbook.toml") as path:
        playbook = load_playbook(path, usable)
    for play in playbook.plays:
        if play.tool and play.tool not in tools:
            raise ValueError(
                f"{folder}/playbook.toml: play {play.name!r} names an unknown tool {play.tool!r}"
            )
    return Agent(
        name=AgentName(folder.name),
        title=file.title,
        matters=file.matters,
        transition=file.transition,
        fallback=file.fallback,
        picks_up=file.picks_up,
        human=file.human,
        prompts=prompts,
        playbook=playbook,
        tools=tools,
        speak=speak,
    )


@contextmanager
def _naming(path: Path) -> Iterator[Path]:
    """Whatever is wrong with a file is said with its name, as a ValueError."""
    try:
        yield path
    except WRONG as error:
        raise ValueError(f"{path}: {error}") from error


WRONG = (ValueError, TypeError, SyntaxError, ImportError, NameError, AttributeError, LookupError)
"""What reading a file of data, or running one of code, raises when it is not as it should be."""


def load_tools(folder: Path, package: str | None) -> dict[str, Tool]:
    """The tools defined in a folder's tools.py, by name; none when there is no such file."""
    if not (folder / "tools.py").exists():
        return {}
    module = load_module(folder / "tools.py", package)
    return {value.name: value for value in vars(module).values() if isinstance(value, Tool)}


def load_module(path: Path, package: str | None) -> ModuleType:
    """Imports a file as part of ``package``, or by its path when it lies outside one."""
    if package:
        return importlib.import_module(f"{package}.{path.stem}")
    name = f"relevo_outside_{abs(hash(str(path.resolve()))):x}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
