"""A pytest plug-in that writes docs/conversations.md from the figures of the scripted conversations.

pytest -p tests.journeys.outcomes tests/journeys/test_conversations.py
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "conversations.md"
LANGUAGES = {"es": "Spanish", "en": "English"}
HEAD = """# The scripted conversations: what came of them

One hundred conversations ([tests/conversations](../tests/conversations/README.md)) held over HTTP with the music
team and its demonstration data: once with playbooks alone, once through the wire-level model server, whose answers
are scripted. So the second half shows that the core holds what it promises when a model answers; it says nothing
about how well a real one would. Written by `pytest -p tests.journeys.outcomes tests/journeys/test_conversations.py`.

| Mode | Language | Conversations passed | Turns | Resolved without a person | Escalations | Handoffs per conversation | Model calls per turn |
|---|---|---|---|---|---|---|---|
"""  # noqa: E501 - a table's head is one line
FOOT = """
- *Passed*: every turn was answered by the expected agent with the expected figures, and nothing forbidden was
  said.
- *Resolved without a person*: no turn opened a ticket for a person. {asking} of the 100 are written to end
  with one: they ask for a person, or an account is in danger.
- *Handoffs* are those between talking agents; the ones to a person are the escalations.
"""

_figures: list[dict[str, Any]] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Collects what each conversation recorded."""
    if report.when == "call":
        _figures.extend(value for name, value in report.user_properties if name == "conversation")  # type: ignore[misc]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Writes the page; refuses to where conversations are missing."""
    if hasattr(session.config, "workerinput"):
        return
    if len(_figures) != 200:
        raise pytest.UsageError(f"{len(_figures)} of 200 conversations were held: the page is left as it was")
    PAGE.write_text(page(_figures), "utf-8")


def page(figures: Sequence[dict[str, Any]]) -> str:
    """The page for these conversations' figures."""
    rows = []
    for mode in ("playbook", "model"):
        for language, name in LANGUAGES.items():
            own = [each for each in figures if each["mode"] == mode and each["language"] == language]
            rows.append(_row(mode, name, own))
        rows.append(_row(mode, "**both**", [each for each in figures if each["mode"] == mode]))
    asking = sum(each["asks_person"] for each in figures) // 2
    return HEAD + "\n".join(rows) + "\n" + FOOT.format(asking=asking)


def _row(mode: str, language: str, own: Sequence[dict[str, Any]]) -> str:
    def total(name: str) -> int:
        return sum(int(each[name]) for each in own)

    held, turns = len(own), total("turns")
    return (
        f"| {mode} | {language} | {total('passed')} of {held} | {turns} | {total('without_person')} of {held}"
        f" | {total('escalations')} | {total('handoffs') / held:.2f} | {total('model_calls') / turns:.2f} |"
    )
