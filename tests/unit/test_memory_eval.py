"""`relevo eval memory`: talks in LoCoMo's format, counted by how much of the evidence is found."""

import json
from pathlib import Path

import pytest
from psycopg import connect
from psycopg.sql import SQL, Identifier
from tests.unit.conftest import Relevo

from relevo.domain.signals import Language
from relevo.insight.eval_memory import Judged, read_locomo, report
from relevo.knowledge.talk import OF_NEIGHBOUR, Turn, indexed_turns
from relevo.triage.stemming import stem

TALK = Path(__file__).parents[1] / "eval" / "memory_talk.json"


def write(path: Path, **question: object) -> Path:
    conversation = {
        "speaker_a": "Ana",
        "session_2_date_time": "1 May 2024",
        "session_2": [{"speaker": "Ana", "dia_id": "D2:1", "text": "It is a parrot."}],
        "session_1": [
            {"speaker": "Leo", "dia_id": "D1:1", "text": "Which pet?"},
            {"speaker": "Ana", "dia_id": "D1:2", "text": "Look", "blip_caption": "a cage"},
        ],
    }
    asked = {"question": "Which animal has Ana?", "answer": "x", "category": 4} | question
    path.write_text(json.dumps([{"conversation": conversation, "qa": [asked]}]), "utf-8")
    return path


def test_a_file_is_read_by_sessions_and_the_turns_that_evidence_names(tmp_path: Path) -> None:
    [talk] = read_locomo(write(tmp_path / "talk.json", evidence=["D1:2; D2:01", "D:2:1"]))
    assert list(talk.turns) == ["D1:1", "D1:2", "D2:1"]
    assert talk.turns["D1:2"] == Turn("Ana", "Look a cage", 1)
    assert talk.turns["D2:1"].said_at == "1 May 2024"
    assert talk.questions[0].evidence == {"D1:2", "D2:1"}
    assert talk.questions[0].category == "4"


def test_a_turn_is_found_by_its_neighbours_words_too_but_for_less() -> None:
    turns = [
        Turn("Leo", "Which parrot?", 1),
        Turn("Ana", "The green one.", 1, "1 May 2024"),
        Turn("Leo", "Nice.", 2),
    ]
    first, second, other = (each.weights for each in indexed_turns(turns, Language.EN))
    parrot, may = stem("parrot", Language.EN), stem("may", Language.EN)
    assert second[parrot] == pytest.approx(OF_NEIGHBOUR * first[parrot])
    assert parrot not in other
    assert 0 < second[may] < second[stem("green", Language.EN)]


def test_the_figures_are_means_over_questions() -> None:
    found = report([Judged("1", {5: 0.5, 10: 1.0}, 1.0), Judged("4", {5: 0.0, 10: 0.0}, 3.0)])
    assert (found["questions"], found["recall@5"], found["recall@10"]) == (2, 0.25, 0.5)
    assert found["by_category"]["1"] == {"questions": 1, "recall@5": 0.5, "recall@10": 1.0}


def test_a_talk_is_judged_and_leaves_nothing_behind(relevo: Relevo, demo_admin_url: str) -> None:
    result = json.loads(relevo("eval", "memory", str(TALK), "--format", "locomo", "--json"))
    assert result["questions"] == 29  # the one that has no evidence is not asked
    assert result["recall@5"] >= 0.74
    assert result["recall@10"] >= 0.87
    assert set(result["by_category"]) == {"1", "2", "3", "4"}
    assert "recall@10" in relevo("eval", "memory", str(TALK))
    with connect(demo_admin_url) as connection:
        for table in ("projects", "knowledge_documents", "knowledge_passages", "knowledge_postings"):
            left = connection.execute(
                SQL("SELECT count(*) FROM {} WHERE project_id LIKE 'eval%'").format(Identifier(table))
            ).fetchone()
            assert left == (0,)


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", '[{"qa": []}]', '[{"conversation": {"session_1": [{"x": 1}]}, "qa": []}]'],
)
def test_another_kind_of_file_is_refused(relevo: Relevo, tmp_path: Path, text: str) -> None:
    file = tmp_path / "talk.json"
    file.write_text(text, "utf-8")
    assert "talk.json" in relevo("eval", "memory", str(file), status=1)


def test_a_question_about_turns_that_are_not_there_is_not_asked(relevo: Relevo, tmp_path: Path) -> None:
    file = write(tmp_path / "talk.json", evidence=["D9:9"])
    assert "asks nothing" in relevo("eval", "memory", str(file), status=1)
