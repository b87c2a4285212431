"""README and docs tell the truth: links, commands, settings, files, diagrams and figures are the code's."""

import ast
import re
import shlex
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer

from relevo.agents.playbook import CONFIDENT
from relevo.bootstrap import load_teams
from relevo.cli import app as cli
from relevo.insight import metrics
from relevo.pipeline.deliver import RETRY_SECONDS
from relevo.pipeline.graph import build_graph
from relevo.pipeline.with_playbook import ELSEWHERE
from relevo.settings import Settings
from relevo.settings_docs import configuration_page, env_example
from relevo.storage.migrations.versions import __path__ as VERSIONS

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`([^`\n]+)`")
NOT_SETTINGS = frozenset({"RELEVO", "KEY", "CHAT", "TURN", "TOKEN", "BODY"})
MADE_BY_THE_READER = ("/lyrics", "/merch", "/bulletin")

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())


def read(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


def prose(page: Path) -> str:
    return FENCE.sub("", page.read_text("utf-8"))


def blocks(page: Path) -> list[tuple[str, str]]:
    """(language, text) of each fenced block."""
    return FENCE.findall(page.read_text("utf-8"))


def slug(heading: str) -> str:
    """A heading's anchor, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).replace(" ", "-")


@pytest.mark.parametrize(
    ("file", "text"), [(".env.example", env_example()), ("docs/configuration.md", configuration_page())]
)
def test_pages_made_from_the_settings_are_fresh(file: str, text: str) -> None:
    assert read(file) == text, "run: python -m relevo.settings_docs"


def test_the_example_settings_are_the_defaults(tmp_path: Path) -> None:
    lines = re.findall(r"^#([A-Z_]+=.*)$", read(".env.example"), re.MULTILINE)
    (tmp_path / ".env").write_text("\n".join(lines), "utf-8")
    assert {line.partition("=")[0].lower() for line in lines} == set(Settings.model_fields)
    given = Settings(_env_file=tmp_path / ".env")  # type: ignore[call-arg]
    assert given == Settings(_env_file=None)  # type: ignore[call-arg]


@pages
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if link.startswith(("http://", "https://")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link} leads nowhere"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", FENCE.sub("", target.read_text("utf-8")), re.MULTILINE)
            assert anchor in map(slug, headings), f"{link}: no such heading"


def commands() -> Any:
    """The whole command line."""
    return typer.main.get_command(cli.app)


def shown_in_blocks(page: Path) -> Iterator[list[str]]:
    for language, text in blocks(page):
        if language in ("sh", "text", ""):
            for line in text.replace("\\\n", " ").splitlines():
                found = re.match(r"^\s*(?:[A-Z_]+=\S+ )?(?:\.venv/bin/)?relevo ([^#&|]+)", line)
                if found:
                    yield shlex.split(found[1])


def shown_inline(page: Path) -> Iterator[list[str]]:
    for text in INLINE.findall(prose(page)):
        found = re.match(r"^(?:\.venv/bin/)?relevo (\w.*)", text)
        if found:
            yield shlex.split(found[1])


def command_of(words: list[str]) -> tuple[Any, list[str]]:
    """The command that ``words`` name, and what is left of them."""
    command, left = commands(), list(words)
    while getattr(command, "commands", None) and left:
        assert left[0] in command.commands, f"relevo {' '.join(words)}: there is no {left[0]!r}"
        command = command.commands[left.pop(0)]
    return command, left


@pages
def test_commands_in_blocks_can_be_typed(page: Path) -> None:
    for words in shown_in_blocks(page):
        command, left = command_of(words)
        command.make_context("relevo", left)


@pages
def test_commands_in_the_text_exist(page: Path) -> None:
    for words in shown_inline(page):
        command, left = command_of(words)
        known = {
            name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)
        }
        assert {word for word in left if word.startswith("-")} <= known, f"relevo {' '.join(words)}"


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    below = getattr(command, "commands", None)
    if not below:
        yield " ".join(path)
    for name, each in (below or {}).items():
        yield from leaves(each, (*path, name))


def test_every_command_is_shown_somewhere() -> None:
    text = "\n".join(page.read_text("utf-8") for page in PAGES)
    assert [name for name in leaves(commands()) if not re.search(rf"\brelevo {name}\b", text)] == []


@pages
def test_settings_that_are_named_exist(page: Path) -> None:
    known = {name.upper() for name in Settings.model_fields}
    text = page.read_text("utf-8")
    named = set(re.findall(r"`([A-Z]{2,}(?:_[A-Z]+)+)(?:=[^`]*)?`", text))
    for language, block in blocks(page):
        if language in ("sh", ""):
            named |= set(re.findall(r"^(?:export )?([A-Z][A-Z_]{3,})=", block, re.MULTILINE))
    named = {name for name in named - NOT_SETTINGS if not is_constant(name, text)}
    assert named <= known


def is_constant(name: str, text: str) -> bool:
    """Whether a page names a constant of the code: it stands right after its file, or a snippet sets it."""
    return bool(re.search(rf"`[\w/]+\.py` `(?:len\()?{name}\b|env_prefix=\"{name.split('_')[0]}_\"", text))


@pages
def test_files_that_are_named_exist(page: Path) -> None:
    for text in INLINE.findall(prose(page)):
        found = re.fullmatch(r"((?:src|tests|docs|scripts)/[\w./-]*|[a-z_]+/[\w/]+\.(?:py|toml))", text)
        if found and not any(name in text for name in MADE_BY_THE_READER):
            near = ("", "src/relevo", "src/relevo/teams/music")
            assert any((ROOT / folder / found[1]).exists() for folder in near), f"{text} is not there"
    for path, test in re.findall(r"\(\.\./(tests/[\w/]+\.py)\) `(test_\w+)`", page.read_text("utf-8")):
        assert re.search(rf"def {test}\b", read(path)), f"{path} has no {test}"


def test_the_diagram_is_the_graph() -> None:
    drawn = build_graph(load_teams(None)["music"]).get_graph().draw_mermaid()
    assert [text.strip() for kind, text in blocks(ROOT / "docs/architecture.md") if kind == "mermaid"] == [
        drawn.strip()
    ]


def test_the_rooms_are_the_contract() -> None:
    contracts = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    assert "\n".join(contracts[0]["layers"]) + "\n" in [
        text for _, text in blocks(ROOT / "docs/architecture.md")
    ]


def test_the_door_functions_are_those_of_the_database() -> None:
    migrations = "\n".join(path.read_text("utf-8") for path in Path(VERSIONS[0]).glob("0*.py"))
    doors = set(re.findall(r'^    "(\w+)\([^"]*\)": """', migrations, re.MULTILINE))
    section = read("docs/architecture.md").partition("may call the")[2].partition("They return")[0]
    assert set(INLINE.findall(section)) == doors


def test_every_metric_is_listed() -> None:
    counted = {
        each._name + ("_total" if each._type == "counter" else "")
        for each in vars(metrics).values()
        if hasattr(each, "_documentation")
    }
    listed = set(re.findall(r"^\| `(relevo_\w+)`", read("docs/operations.md"), re.MULTILINE))
    migrations = "\n".join(path.read_text("utf-8") for path in Path(VERSIONS[0]).glob("0*.py"))
    gauges = {f"relevo_{name}" for name in re.findall(r"(?:SELECT|ALL SELECT) '(\w+)', count", migrations)}
    assert listed == counted | gauges


LIMITS = re.findall(r"^\| [^|]+ \| ([\d.]+)[^|]* \| (.+?) \|$", read("docs/security.md"), re.MULTILINE)


@pytest.mark.parametrize(("value", "where"), LIMITS, ids=[where for _, where in LIMITS])
def test_limits_are_the_code_s(value: str, where: str) -> None:
    setting = re.fullmatch(r"setting `(\w+)`", where)
    if setting:
        assert float(value) == Settings.model_fields[setting[1].lower()].default
        return
    found = re.fullmatch(r"`([\w/]+)\.py` `(?:(len)\()?(\w+)(?:\) \+ (\d+))?`", where)
    assert found, where
    module, counted, name, more = found.groups()
    constant = getattr(import_module(f"relevo.{module.replace('/', '.')}".removesuffix(".__init__")), name)
    assert float(value) == (len(constant) if counted else constant) + int(more or 0)


def test_figures_in_the_text_are_the_code_s() -> None:
    agents = " ".join(read("docs/agents.md").split())
    assert f"from a score of {CONFIDENT};" in agents
    assert f"another agent's play with {ELSEWHERE} or more" in agents
    waits = [f"{wait:g} s" if wait < 60 else f"{wait / 60:g} min" for wait in RETRY_SECONDS]
    assert ", ".join(waits).replace("60 min", "1 h") in " ".join(read("docs/channels.md").split())


def test_decisions_are_all_in_the_list() -> None:
    files = {path.name for path in (ROOT / "docs/decisions").glob("0*.md")}
    assert set(re.findall(r"\]\((0[^)]+)\)", read("docs/decisions/README.md"))) == files
    for file in files:
        text = read(f"docs/decisions/{file}")
        assert all(f"**{part}.**" in text for part in ("Context", "Choice", "Price")), file


def test_python_in_the_docs_can_be_read() -> None:
    for page in PAGES:
        for language, text in blocks(page):
            if language == "python":
                ast.parse(text)
