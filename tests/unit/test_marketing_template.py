"""The persona's template: the required questions unchanged, ours marked, both languages."""

from typing import Any

import pytest

from relevo.domain.signals import Language
from relevo.teams.marketing.template import default_template, edited_template

REQUIRED = {
    "aspectos_demograficos": ["nombre", "edad", "nivel_estudios", "ingresos", "ubicacion", "estado_civil"],
    "hogar_familia": ["integrantes_hogar", "tiempo_libre", "responsabilidades"],
    "trabajo": ["donde_trabaja", "retos_laborales", "vida_laboral_personal"],
    "comportamiento": ["relaciones", "lenguaje"],
    "problema": ["dolor", "solucion"],
    "busqueda_solucion": ["donde_busca", "como_te_encuentra", "reaccion_comercial"],
    "objeciones": ["barreras", "excusas"],
    "miedos": ["que_odia", "experiencias_negativas"],
    "comparacion_competencia": [
        "factores_comparacion",
        "diferencias",
        "mejor_competencia",
        "mejor_tu",
        "por_que_te_elige",
    ],
    "tu_producto": [
        "beneficios_percibidos",
        "beneficios_no_percibidos",
        "productos_complementarios",
        "dudas_post_compra",
    ],
    "info_adicional": ["info_adicional"],
}


def test_the_required_questions_are_there_in_their_categories_and_order() -> None:
    template = default_template()
    found = {
        category.key: [each.key for each in category.questions if not each.ours]
        for category in template.categories
    }
    assert found == REQUIRED
    assert sum(map(len, found.values())) == 33


def test_at_least_eleven_are_ours_one_or_more_in_each_category() -> None:
    template = default_template()
    assert sum(each.ours for each in template.questions) >= 11
    assert all(any(each.ours for each in category.questions) for category in template.categories)
    assert len(template.keys) >= 44


def test_every_question_is_asked_and_can_be_looked_up_in_both_languages() -> None:
    for question in default_template().questions:
        assert set(question.ask) == set(Language)
        for language in Language:
            assert question.ask[language].endswith(("?", ")"))
            assert question.cues.get(language) or question.finds.get(language), question.key


def test_a_template_of_ones_own_may_add_and_reword_but_leave_nothing_out() -> None:
    written: dict[str, Any] = default_template().model_dump(mode="json")
    written["categories"][0]["questions"].append(
        {"key": "mascota", "ask": {"es": "¿Tiene mascota?", "en": "Any pets?"}}
    )
    written["categories"][4]["questions"][0]["ask"]["es"] = "¿Qué le duele?"
    edited = edited_template(written)
    assert edited.question("mascota").ask[Language.ES] == "¿Tiene mascota?"
    assert edited.question("dolor").ask[Language.ES] == "¿Qué le duele?"
    del written["categories"][4]["questions"][0]
    with pytest.raises(ValueError, match="dolor"):
        edited_template(written)


def test_a_key_stands_only_once() -> None:
    written: dict[str, Any] = default_template().model_dump(mode="json")
    written["categories"][1]["questions"].append(written["categories"][0]["questions"][0])
    with pytest.raises(ValueError, match="nombre"):
        edited_template(written)
