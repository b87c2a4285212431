"""Every rule and sign that a trace can name is told in Spanish too by the chat page."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import relevo
from relevo.triage.urgency import READS_AS_URGENT

SOURCE = Path(relevo.__file__).parent
CHAT = SOURCE / "api" / "static" / "chat"
RULES = [*(SOURCE / "triage" / "lexicons").glob("*.toml"), SOURCE / "teams/music/triage/rules.toml"]


def reasons(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from [value["reason"]] if isinstance(value.get("reason"), str) else []
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from reasons(each)


def test_every_sign_is_told_in_spanish() -> None:
    told = set(re.findall(r'^  "(.+?)": "', (CHAT / "reasons.js").read_text("utf-8"), re.MULTILINE))
    signs = {sign for path in RULES for sign in reasons(tomllib.loads(path.read_text("utf-8")))}
    assert len(signs) > 50
    assert (signs | {READS_AS_URGENT}) - told == set()


def test_every_rule_is_told_in_both_languages() -> None:
    routing = (SOURCE / "pipeline" / "route.py").read_text("utf-8")
    rules = set(re.findall(r"^\| (\w+) \| ", routing, re.MULTILINE)) - {"rule"}
    assert len(rules) > 9
    spanish, _, english = (CHAT / "texts.js").read_text("utf-8").partition("const en = {")
    for language in (spanish, english):
        assert rules - set(re.findall(r"^  why_(\w+): ", language, re.MULTILINE)) == set()
