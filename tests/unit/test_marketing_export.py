"""Real files: each is opened again by another program's reader."""

import io
import json
from pathlib import Path
from typing import Any

import docx
import pypdf
import pytest
from tests.unit.conftest import Relevo

from relevo.domain.signals import Language
from relevo.teams.marketing.demo import SAMPLES
from relevo.teams.marketing.export import FORMATS, Report
from relevo.teams.marketing.export.as_markdown import escaped
from relevo.teams.marketing.findings import (
    Format,
    Forum,
    Journey,
    PainPoint,
    PainPoints,
    Phase,
    PhaseName,
    Post,
)
from relevo.teams.marketing.template import default_template
from relevo.teams.marketing.values import Answer, Basis, Maker, Persona, Quote

ODD = "Ñandú «así» — 50 € ¿sí? Łódź Ωμέγα Жук \x07 🌱"


def report(language: Language = Language.ES) -> Report:
    quote = Quote(text="se le seca en agosto", document="d", title="entrevistas", passage=1, place="p. 3")
    answers = {
        "nombre": Answer(key="nombre", text="Lucía", basis=Basis.INFERRED),
        "dolor": Answer(key="dolor", text="Todo se le seca", basis=Basis.DOCUMENTS, quotes=(quote,)),
        "excusas": Answer(key="excusas", text=ODD, basis=Basis.ONBOARDING, edited=True),
    }
    made: dict[str, Any] = {"language": language, "maker": Maker.MODEL, "persona_version": 3}
    template = default_template()
    return Report(
        template,
        Persona(
            id="main",
            version=3,
            language=language,
            maker=Maker.MODEL,
            answers=tuple(answers.get(key) or Answer(key=key) for key in template.keys),
        ),
        Forum(
            **made,
            title="Balcones",
            posts=(
                Post(number=1, author="Lucía", text="Van tres.", wish="Que avisen"),
                Post(number=2, author="Ana", text="Me encanta.", wish="Nada", praises=True),
            ),
        ),
        PainPoints(
            **made,
            points=(
                PainPoint(rank=1, title="Se seca", detail="x", severity=9, answers=("dolor",), posts=(1,)),
            ),
        ),
        Journey(
            **made,
            phases=(
                Phase(
                    name=PhaseName.AWARENESS,
                    searches=("huerto balcón",),
                    questions=("¿Podré?",),
                    formats=(Format.VIDEO,),
                ),
            ),
        ),
    )


SAID = (
    "Lucía",
    "Todo se le seca",
    "entrevistas, p. 3",
    "Balcones",
    "50%",
    "Se seca",
    "huerto balcón",
    "¿Podré?",
)


def test_markdown_holds_everything() -> None:
    text = FORMATS["md"](report()).decode()
    for said in SAID:
        assert said in text
    assert text.count("\n## ") == 11 + 3
    assert text.count("No se sabe") == len(default_template().keys) - 3


def test_word_opens_it() -> None:
    document = docx.Document(io.BytesIO(FORMATS["docx"](report())))
    text = "\n".join(each.text for each in document.paragraphs)
    for said in SAID:
        assert said in text
    styles = [each.style.name for each in document.paragraphs if each.style is not None]
    assert styles[0] == "Title"
    assert styles.count("Heading 1") == 11 + 3
    assert "Ñandú «así» — 50 € ¿sí? Łódź Ωμέγα Жук" in text


def test_a_pdf_reader_opens_it_and_finds_its_words() -> None:
    reader = pypdf.PdfReader(io.BytesIO(FORMATS["pdf"](report())))
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    for said in SAID:
        assert said in text
    assert "Ñandú «así» — 50 € ¿sí? Łódź Ωμέγα Жук" in text
    assert reader.metadata is not None
    assert reader.metadata.title == "Buyer persona: Lucía"
    assert len(reader.pages) > 1


def test_json_holds_every_answer_under_its_category() -> None:
    body = json.loads(FORMATS["json"](report()))
    assert list(body["persona"]["categories"]) == [each.key for each in default_template().categories]
    dolor = body["persona"]["categories"]["problema"]["dolor"]
    assert (dolor["basis"], dolor["quotes"][0]["place"], dolor["ours"]) == ("documents", "p. 3", False)
    assert body["forum"]["agreement_bias"] == 0.5


def test_an_english_report_speaks_english() -> None:
    text = FORMATS["md"](report(Language.EN)).decode()
    assert "Pain points" in text
    assert "Not known" in text
    assert "No se sabe" not in text


@pytest.mark.parametrize(
    "bad", ["![x](http://evil)", "[a](http://evil)", "<img src=x>", "# big\n# bigger", "a|b"]
)
def test_what_documents_say_is_no_markup(bad: str) -> None:
    for sign in "[]<>#|!":
        assert sign not in escaped(bad).replace(f"\\{sign}", "")
    assert "\n" not in escaped(bad)


@pytest.mark.parametrize("ending", ["json", "md", "pdf", "docx"])
def test_the_command_builds_and_writes_it(relevo: Relevo, tmp_path: Path, ending: str) -> None:
    relevo("project", "create", "brota")
    relevo("knowledge", "add", str(SAMPLES / "brota"), "--project", "brota")
    out = tmp_path / f"persona.{ending}"
    said = relevo("persona", "build", "--project", "brota", "--out", str(out))
    assert "Lucía · version 1 · 47 answers" in said
    assert f"written to {out}" in said
    body = out.read_bytes()
    match ending:
        case "json":
            assert (
                json.loads(body)["persona"]["categories"]["aspectos_demograficos"]["nombre"]["text"]
                == "Lucía"
            )
        case "pdf":
            assert "Lucía" in pypdf.PdfReader(io.BytesIO(body)).pages[0].extract_text()
        case "docx":
            assert docx.Document(io.BytesIO(body)).paragraphs[0].text == "Buyer persona: Lucía"
        case "md":
            assert body.decode().startswith("# Buyer persona: Lucía")


def test_the_command_s_other_deeds(relevo: Relevo, tmp_path: Path) -> None:
    relevo("project", "create", "brota")
    here = ("--project", "brota")
    assert "no persona" in relevo("persona", "show", *here, status=1)
    relevo("knowledge", "add", str(SAMPLES / "brota" / "encuesta.md"), *here)
    relevo("persona", "build", *here)
    assert "version 2" in relevo("persona", "edit", "nombre", "Carmen", *here)
    assert "version 3" in relevo("persona", "build", *here)
    assert json.loads(relevo("persona", "show", "--json", *here))["answers"][0]["text"] == "Carmen"
    assert "Carmen" in relevo("persona", "show", *here)
    assert "nombre" in relevo("persona", "compare", "1", "2", *here)
    assert "They say the same." in relevo("persona", "compare", "2", "3", *here)
    assert "version 4" in relevo("persona", "lock", "nombre", "--open", *here)
    assert "version 5" in relevo("persona", "regenerate", "nombre", *here)
    assert relevo("persona", "versions", *here).count("documents") >= 5
    assert "no question 'x'" in relevo("persona", "edit", "x", "y", *here, status=1)
    assert "ends with" in relevo("persona", "build", "--out", str(tmp_path / "x.exe"), *here, status=1)


def test_the_whole_analysis_in_one_command(relevo: Relevo, tmp_path: Path) -> None:
    relevo("project", "create", "brota", "--team", "marketing")
    here = ("--project", "brota")
    assert "no analysis" in relevo("persona", "analyse", "--cancel", *here, status=1)
    relevo("knowledge", "add", str(SAMPLES / "brota"), *here)
    out = tmp_path / "all.md"
    said = relevo("persona", "analyse", "--out", str(out), *here)
    assert "done · 5/5 steps · 0 calls to the model" in said
    text = out.read_text("utf-8")
    assert "Puntos de dolor" in text
    assert "¿Se puede devolver si nos mudamos?" in text
    assert "Foro" not in text


def test_a_project_has_questions_of_its_own(relevo: Relevo, tmp_path: Path) -> None:
    relevo("project", "create", "brota", "--team", "marketing")
    here = ("--project", "brota")
    own = json.loads(relevo("persona", "template", *here))
    own["categories"][0]["questions"].append(
        {"key": "mascota", "ask": {"es": "¿Tiene mascota?", "en": "Any pets?"}, "cues": {"es": ["perro"]}}
    )
    file = tmp_path / "own.json"
    file.write_text(json.dumps(own), "utf-8")
    assert "mascota" in relevo("persona", "template", "--set", str(file), *here)
    (tmp_path / "nota.txt").write_text("En casa hay un perro viejo que se llama Trasto.", "utf-8")
    relevo("knowledge", "add", str(tmp_path / "nota.txt"), *here)
    assert "48 answers" in relevo("persona", "build", *here)
    assert "un perro viejo" in relevo("persona", "show", *here)
    del own["categories"][4]["questions"][0]
    file.write_text(json.dumps(own), "utf-8")
    assert "dolor" in relevo("persona", "template", "--set", str(file), *here, status=1)
    for broken in ("{", "{}", "[]"):
        file.write_text(broken, "utf-8")
        assert "✗" in relevo("persona", "template", "--set", str(file), *here, status=1)
    assert "No such file" in relevo("persona", "template", "--set", str(tmp_path / "x"), *here, status=1)
    assert "mascota" not in relevo("persona", "template", "--reset", *here)
