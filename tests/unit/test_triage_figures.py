"""The local reading of messages it was not taught by, held to what is promised."""

import json
from pathlib import Path
from typing import Any

import pytest

import relevo.teams
from relevo.triage.local import LocalTriage

EVAL = Path(__file__).parent.parent / "eval"


@pytest.fixture(scope="module")
def triage() -> LocalTriage:
    return LocalTriage.of_team(Path(relevo.teams.__path__[0]) / "music")


def _share(hits: list[bool]) -> float:
    return sum(hits) / len(hits)


@pytest.mark.parametrize("name", ["routing_test", "routing_fresh"])
def test_unseen_messages_are_read_as_promised(triage: LocalTriage, name: str) -> None:
    lines: list[dict[str, Any]] = [
        json.loads(line) for line in (EVAL / f"{name}.jsonl").read_text("utf-8").splitlines()
    ]
    read = [(line, triage.read(line["text"])) for line in lines]
    assert _share([signals.intent == line["intent"] for line, signals in read]) >= 0.85
    assert _share([signals.intent == "attack" for line, signals in read if line["intent"] == "attack"]) >= 0.8
    assert _share([signals.sentiment == line["sentiment"] for line, signals in read]) >= 0.7
    assert _share([signals.urgent for line, signals in read if line["urgent"]]) >= 0.9
    assert _share([signals.urgent for line, signals in read if not line["urgent"]]) <= 0.05


def test_no_message_of_the_evaluation_is_taught() -> None:
    """Of more than six words: shorter ones ("hola", "quiero hablar con una persona") stand in both."""
    music = Path(relevo.teams.__path__[0]) / "music"
    taught = {
        " ".join(line.lower().split())
        for path in [*music.glob("agents/*/examples.*.txt"), *music.glob("triage/**/*.txt")]
        for line in path.read_text("utf-8").splitlines()
    }
    for path in EVAL.glob("routing_*.jsonl"):
        texts = [
            " ".join(json.loads(line)["text"].lower().split())
            for line in path.read_text("utf-8").splitlines()
        ]
        shared = [text for text in texts if text in taught and len(text.split()) > 6]
        assert not shared, f"{path.name}: {shared[:5]}"
