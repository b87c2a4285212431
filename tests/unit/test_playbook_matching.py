"""How a message finds its play: stems, spelling, articles, numbers, and how surely."""

import pytest

from relevo.agents.playbook import CONFIDENT, Play, Playbook
from relevo.domain.signals import Act, Language

ES, EN = Language.ES, Language.EN


def _play(name: str, keywords: list[str], examples: list[str], **more: object) -> Play:
    return Play.model_validate(
        {
            "name": name,
            "keywords": {"es": keywords},
            "examples": {"es": examples},
            "say": {"es": "x", "en": "x"},
            **more,
        }
    )


@pytest.fixture
def playbook() -> Playbook:
    return Playbook(
        [
            _play("hello", [], ["hola"], act="greeting"),
            _play("takedown", ["bajar mi cancion"], ["quiero quitar un disco de las tiendas"], hint="title"),
            _play("rejected", ["portada rechazada"], ["por qué me rechazaron la portada"]),
            _play("withdraw", [], ["retira 20 dolares"]),
            _play("upc", ["codigo de barras"], ["y el 036000291450?"]),
        ]
    )


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("bajar mi canción", "takedown"),
        ("quisiera bajar una canción vieja", "takedown"),
        ("BAJAR CANCION", "takedown"),
        ("xq rechasaron mi portda", "rejected"),
        ("retira 75 dolares", "withdraw"),
        ("¿y el 7501031311309?", "upc"),
    ],
)
def test_finds_the_play(playbook: Playbook, text: str, wanted: str) -> None:
    match = playbook.match(text, ES)
    assert match is not None
    assert match.play.name == wanted
    assert CONFIDENT <= match.score <= 1


@pytest.mark.parametrize("text", ["", "🙂🙂", "xyzzy plugh", "qué hora es en Tokio"])
def test_is_not_confident_of_anything_else(playbook: Playbook, text: str) -> None:
    match = playbook.match(text, ES)
    assert match is None or match.score < CONFIDENT


def test_keyword_words_must_stand_in_order(playbook: Playbook) -> None:
    match = playbook.match("la canción que va a bajar de precio pronto, dicen", ES)
    assert match is None or match.score < CONFIDENT


def test_longer_keyword_wins() -> None:
    playbook = Playbook([_play("any", ["plan"], []), _play("exact", ["cuanto cuesta el plan"], [])])
    match = playbook.match("cuánto cuesta el plan", ES)
    assert match is not None and match.play.name == "exact"


def test_another_language_has_its_own_words(playbook: Playbook) -> None:
    mixed, own = playbook.match("bajar mi canción", EN), playbook.match("bajar mi canción", ES)
    assert mixed is not None and own is not None
    assert mixed.play is own.play and mixed.score < own.score


def test_courtesies_are_found_by_act_only(playbook: Playbook) -> None:
    greeting = playbook.for_act(Act.GREETING)
    assert greeting is not None and greeting.name == "hello"
    match = playbook.match("hola", ES)
    assert match is None or match.play.name != "hello"


def test_hinted_plays_in_their_order(playbook: Playbook) -> None:
    assert [play.name for play in playbook.hinted()] == ["takedown"]


def test_a_very_long_message_is_matched_too(playbook: Playbook) -> None:
    match = playbook.match("bajar mi canción " + "blablablabla " * 5_000, ES)
    assert match is not None and match.play.name == "takedown"
