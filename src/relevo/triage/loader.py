"""Reads what triage learns from: the example lines and rules kept in a team's own folders."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from relevo.domain.signals import Language
from relevo.triage.rules import RuleFile, read_rules

_EXAMPLES = "examples"
_NAMED = re.compile(r"(?P<label>[a-z][a-z0-9_]*)\.(?P<language>[a-z]{2})\.txt")
RULES = "rules.toml"

_File = tuple[str, Language, Path]


def load_examples(team_dir: Path) -> dict[str, dict[Language, list[str]]]:
    """Example lines by intent and language.

    ``agents/<name>/examples.<lang>.txt`` teaches the intent ``<name>`` and ``triage/<label>.<lang>.txt`` the
    intent ``<label>``; blank lines and lines that begin with ``#`` are left out. A folder found is a folder
    learnt: nothing else has to be told about a new agent. Raises OSError and UnicodeDecodeError.
    """
    return _load(_example_files(team_dir))


def load_urgency(team_dir: Path) -> dict[str, dict[Language, list[str]]]:
    """Lines by how soon they need care (``urgent``, ``calm``) and language, or none.

    Read as ``load_examples`` reads, from ``triage/urgency/<label>.<lang>.txt``. Raises OSError and
    UnicodeDecodeError.
    """
    return _load(_urgency_files(team_dir))


def load_rules(team_dir: Path) -> list[RuleFile]:
    """The team's own rules (``triage/rules.toml``), or none."""
    path = team_dir / "triage" / RULES
    return [read_rules(path)] if path.is_file() else []


def sources(team_dir: Path) -> list[Path]:
    """Every file of the team that triage learns from."""
    rules = team_dir / "triage" / RULES
    lines = (*_example_files(team_dir), *_urgency_files(team_dir))
    return [*(path for _, _, path in lines), *([rules] if rules.is_file() else [])]


def _load(files: Iterable[_File]) -> dict[str, dict[Language, list[str]]]:
    found: dict[str, dict[Language, list[str]]] = {}
    for label, language, path in sorted(files):
        lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
        kept = [line for line in lines if line and not line.startswith("#")]
        if kept:
            found.setdefault(label, {}).setdefault(language, []).extend(kept)
    return found


def _example_files(team_dir: Path) -> Iterator[_File]:
    return _named((*team_dir.glob("agents/*/examples.*.txt"), *team_dir.glob("triage/*.txt")))


def _urgency_files(team_dir: Path) -> Iterator[_File]:
    return _named(team_dir.glob("triage/urgency/*.txt"))


def _named(paths: Iterable[Path]) -> Iterator[_File]:
    languages = {language.value for language in Language}
    for path in paths:
        named = _NAMED.fullmatch(path.name)
        if named is None or named["language"] not in languages:
            continue
        label = path.parent.name if named["label"] == _EXAMPLES else named["label"]
        yield label, Language(named["language"]), path
