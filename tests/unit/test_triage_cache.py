"""What triage learnt is kept between starts, and believed only when it is whole and of the same inputs."""

import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import pytest

from relevo.domain.signals import Language
from relevo.triage import cache
from relevo.triage.classifier import Classifier
from relevo.triage.local import LocalTriage
from relevo.triage.normalise import Text

MESSAGE = "quiero una manzana y dos peras, where do I pay?"


@pytest.fixture
def team(tmp_path: Path) -> Path:
    for agent, lines in {"shop": "cuánto cuesta\nquiero comprar peras", "door": "a qué hora abren"}.items():
        folder = tmp_path / "team" / "agents" / agent
        folder.mkdir(parents=True)
        (folder / "examples.es.txt").write_text(lines, encoding="utf-8")
    return tmp_path / "team"


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "data" / "triage" / "team.json"


@pytest.fixture
def trainings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The labels of every training from now on, one entry per training."""
    seen: list[str] = []
    train = Classifier.train

    def counted(
        examples: Mapping[str, Mapping[Language, Sequence[str]]], topics: Callable[[Text], Iterable[str]]
    ) -> Classifier:
        seen.append(" ".join(sorted(examples)))
        return train(examples, topics)

    monkeypatch.setattr(Classifier, "train", counted)
    return seen


def test_the_second_start_reads_the_same_without_learning(
    team: Path, kept: Path, trainings: list[str]
) -> None:
    first = LocalTriage.of_team(team, kept)
    second = LocalTriage.of_team(team, kept)
    assert trainings == ["door shop"]
    assert second.read(MESSAGE) == first.read(MESSAGE) == LocalTriage.of_team(team).read(MESSAGE)


def test_it_is_its_owners_only_and_leaves_nothing_beside_it(team: Path, kept: Path) -> None:
    LocalTriage.of_team(team, kept)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert list(kept.parent.iterdir()) == [kept]


def test_a_changed_line_a_new_agent_and_new_rules_are_learnt(
    team: Path, kept: Path, trainings: list[str]
) -> None:
    LocalTriage.of_team(team, kept)
    (team / "agents/door/examples.es.txt").write_text("cuándo cierran", encoding="utf-8")
    LocalTriage.of_team(team, kept)
    (team / "agents/events").mkdir()
    (team / "agents/events/examples.en.txt").write_text("book a tour", encoding="utf-8")
    LocalTriage.of_team(team, kept)
    (team / "triage").mkdir()
    (team / "triage/rules.toml").write_text('[concepts]\nfruit = ["pera"]\n', encoding="utf-8")
    LocalTriage.of_team(team, kept)
    LocalTriage.of_team(team, kept)
    assert trainings == ["door shop", "door shop", "door events shop", "door events shop"]


def test_other_code_learns_anew(
    team: Path, kept: Path, trainings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    LocalTriage.of_team(team, kept)
    monkeypatch.setattr("relevo.triage.local._digest_of_code", lambda: "of another release")
    LocalTriage.of_team(team, kept)
    assert len(trainings) == 2


@pytest.mark.parametrize("broken", ["", "{}", "not json", "00\n{}", "\x00\n\x00"])
def test_a_broken_cache_is_replaced(team: Path, kept: Path, trainings: list[str], broken: str) -> None:
    kept.parent.mkdir(parents=True)
    kept.write_text(broken, encoding="utf-8")
    assert LocalTriage.of_team(team, kept).read(MESSAGE) == LocalTriage.of_team(team, kept).read(MESSAGE)
    assert trainings == ["door shop"]


@pytest.mark.parametrize("place", [0, 70, -1])
def test_one_damaged_byte_is_noticed(team: Path, kept: Path, trainings: list[str], place: int) -> None:
    LocalTriage.of_team(team, kept)
    damaged = bytearray(kept.read_bytes())
    damaged[place] ^= 1
    kept.write_bytes(damaged)
    LocalTriage.of_team(team, kept)
    assert len(trainings) == 2


def test_where_nothing_can_be_written_triage_works_all_the_same(team: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert LocalTriage.of_team(team, tmp_path / "file" / "team.json").read(MESSAGE).intent == "shop"
    (tmp_path / "folder").mkdir()
    assert LocalTriage.of_team(team, tmp_path / "folder").read(MESSAGE).intent == "shop"
    assert not list((tmp_path / "folder").iterdir())
    assert not list(tmp_path.glob(".folder.*"))


def test_a_digest_tells_parts_and_names_apart(tmp_path: Path) -> None:
    assert cache.digest([b"ab", b"c"]) != cache.digest([b"a", b"bc"])
    (tmp_path / "a").write_text("1", encoding="utf-8")
    before = cache.digest_of([tmp_path / "a"], tmp_path)
    (tmp_path / "a").rename(tmp_path / "b")
    assert cache.digest_of([tmp_path / "b"], tmp_path) != before


def test_a_team_without_examples_is_kept_too(tmp_path: Path) -> None:
    readings = [
        LocalTriage.of_team(tmp_path / "none", tmp_path / "none.json").read("hola!") for _ in range(2)
    ]
    assert readings[0] == readings[1]
