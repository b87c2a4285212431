"""`relevo eval retrieval`: questions in SQuAD's format, counted by where the right paragraph comes."""

import json
from pathlib import Path

import pytest
from psycopg import connect
from psycopg.sql import SQL, Identifier
from tests.unit.conftest import Relevo

from relevo.insight.eval_retrieval import Judged, report

PARAGRAPHS = {
    "Las regalías se pagan cada trimestre a quien tiene cuenta verificada.": ["¿Cuándo se pagan?"],
    "La portada mide 3000 por 3000 píxeles.": ["¿Cuánto mide la portada?", "¿Quién descubrió la penicilina?"],
}


def test_the_figures_are_those_of_the_ranks() -> None:
    found = report([Judged("a", 1, 1.0), Judged("b", 4, 2.0), Judged("c", None, 3.0), Judged("d", 10, 4.0)])
    assert (found["recall@1"], found["recall@5"], found["recall@10"]) == (0.25, 0.5, 0.75)
    assert found["mrr"] == pytest.approx((1 + 1 / 4 + 1 / 10) / 4, abs=1e-4)
    assert found["milliseconds"] == {"p50": 3.0, "p99": 4.0}


def test_a_file_is_judged_and_leaves_nothing_behind(
    relevo: Relevo, tmp_path: Path, demo_admin_url: str
) -> None:
    file = tmp_path / "squad.json"
    articles = [
        {"context": text, "qas": [{"question": q} for q in asked]} for text, asked in PARAGRAPHS.items()
    ]
    file.write_text(json.dumps({"data": [{"title": "x", "paragraphs": articles}]}), "utf-8")
    result = json.loads(relevo("eval", "retrieval", str(file), "--format", "squad", "--lang", "es", "--json"))
    assert result["questions"] == 3
    assert result["recall@1"] == pytest.approx(2 / 3, abs=1e-4)
    assert "recall@10" in relevo("eval", "retrieval", str(file))
    with connect(demo_admin_url) as connection:
        for table in ("projects", "knowledge_documents", "knowledge_passages", "knowledge_postings"):
            left = connection.execute(
                SQL("SELECT count(*) FROM {} WHERE project_id LIKE 'eval%'").format(Identifier(table))
            ).fetchone()
            assert left == (0,)


@pytest.mark.parametrize("text", ["", "[]", '{"data": 3}', '{"data": []}'])
def test_another_kind_of_file_is_refused(relevo: Relevo, tmp_path: Path, text: str) -> None:
    file = tmp_path / "squad.json"
    file.write_text(text, "utf-8")
    assert "squad.json" in relevo("eval", "retrieval", str(file), status=1)
