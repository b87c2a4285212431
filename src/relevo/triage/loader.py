"""Reads what triage learns from: the example lines and rules kept in a team's own folders."""

import re
from collections.abc import Iterator
from pathlib import Path

from relevo.domain.signals import Language
from relevo.triage.rules import RuleFile, read_rules

_EXAMPLES = "examples"
_NAMED = re.compile(r"(?P<label>[a-z][a-z0-9_]*)\.(?P<language>[a-z]{2})\.txt")
RULES = "rules.toml"


def load_examples(team_dir: Path) -> dict[str, dict[Language, list[str]]]:
    """Example lines by intent and language.

    ``agents/<name>/examples.<lang>.txt`` teaches the intent ``<name>`` and ``triage/<label>.<lang>.txt`` the
    intent ``<label>``; blank lines and lines that begin with ``#`` are left out. A folder found is a folder
    learnt: nothing else has to be told about a new agent. Raises OSError and UnicodeDecodeError.
    """
    examples: dict[str, dict[Language, list[str]]] = {}
    for label, language, path in sorted(_files(team_dir)):
        lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
        kept = [line for line in lines if line and not line.startswith("#")]
        if kept:
            examples.setdefault(label, {}).setdefault(language, []).extend(kept)
    return examples


def load_rules(team_dir: Path) -> list[RuleFile]:
    """The team's own rules (``triage/rules.toml``), or none."""
    path = team_dir / "triage" / RULES
    return [read_rules(path)] if path.is_file() else []


def sources(team_dir: Path) -> list[Path]:
    """Every file of the team that triage learns from."""
    rules = team_dir / "triage" / RULES
    return [*(path for _, _, path in _files(team_dir)), *([rules] if rules.is_file() else [])]


def _files(team_dir: Path) -> Iterator[tuple[str, Language, Path]]:
    languages = {language.value for language in Language}
    for path in (*team_dir.glob("agents/*/examples.*.txt"), *team_dir.glob("triage/*.txt")):
        named = _NAMED.fullmatch(path.name)
        if named is None or named["language"] not in languages:
            continue
        label = path.parent.name if named["label"] == _EXAMPLES else named["label"]
        yield label, Language(named["language"]), path
