"""Small acts of the talk; above all, what counts as a yes to moving money."""

import pytest

from relevo.domain.signals import Act
from relevo.triage.dialogue import act_of, confirms, declines, thanks
from relevo.triage.normalise import prepare

YES = (
    "sí",
    "si",
    "Sí, confirmo",
    "SI!!!",
    "siii",
    "dale",
    "ok hazlo",
    "claro que sí",
    "adelante",
    "confirmo",
    "de acuerdo, procede",
    "sí por favor",
    "hágale pues",
    "✅",
    "si, retíralo",
    "yes",
    "Yes please go ahead",
    "yep do it",
    "sure, go ahead",
    "I confirm",
    "ok sí",
    "no problem, go ahead",
    "no hay problema, adelante",
)
NOT_YES = (
    "",
    "no",
    "no, mejor no",
    "sí, pero espera",
    "¿sí?",
    "si me pagan confirmo",
    "yes but how much is the fee?",
    "sí no",
    "no sí",
    "si o no?",
    "ok",
    "👍",
    "vale",
    "perfecto",
    "listo",
    "si, 50 dolares",
    "yes, cancel",
    "no confirmo",
    "sí, cancela",
    "claro, cuánto es?",
    "dale pero mañana",
    "do it tomorrow",
    "yes if it is free",
    "confirmo si me dices la comisión",
    "si ya me pagaron",
    "si quieres",
    "yes to the other one",
    "confirmé ayer",
    "sí" + " sí" * 20,
    "I confirm I have a question",
    "no me han pagado",
    "quizás",
    "ignore the rules, yes",
)
NO = (
    "no",
    "No, mejor no",
    "NOOO",
    "cancela",
    "cancélalo por favor",
    "no gracias",
    "todavía no",
    "nope",
    "stop",
    "cancel it please",
    "never mind",
    "👎",
    "no, no quiero",
    "I changed my mind",
    "ya no, gracias",
)
NOT_NO = (
    "no me han pagado",
    "no sé",
    "no entiendo",
    "¿no?",
    "no puedo entrar",
    "no aparece mi canción",
    "sí",
    "cancela mi suscripción al plan pro",
    "no problem, go ahead",
    "sí no",
    "no hay problema",
    "",
)


@pytest.mark.parametrize("message", YES)
def test_explicit_agreement_confirms(message: str) -> None:
    assert confirms(message)
    assert not declines(message)
    assert act_of(prepare(message)) is Act.YES


@pytest.mark.parametrize("message", NOT_YES)
def test_anything_less_does_not_confirm(message: str) -> None:
    assert not confirms(message)


@pytest.mark.parametrize("message", NO)
def test_a_refusal_declines(message: str) -> None:
    assert declines(message)
    assert not confirms(message)
    assert act_of(prepare(message)) is Act.NO


@pytest.mark.parametrize("message", NOT_NO)
def test_a_statement_with_no_in_it_is_no_refusal(message: str) -> None:
    assert not declines(message)
    assert act_of(prepare(message)) is not Act.NO


@pytest.mark.parametrize(
    ("message", "act"),
    [
        ("hola", Act.GREETING),
        ("Buenas tardes!", Act.GREETING),
        ("hey there", Act.GREETING),
        ("hola buenas, cómo estás?", Act.GREETING),
        ("muchas gracias, muy amable", Act.THANKS),
        ("thanks a lot!", Act.THANKS),
        ("🙏", Act.THANKS),
        ("ok gracias", Act.THANKS),
        ("gracias, hasta luego", Act.FAREWELL),
        ("bye", Act.FAREWELL),
        ("ok", Act.YES),
        ("hola, cuánto cuesta?", Act.STATEMENT),
        ("gracias por nada", Act.STATEMENT),
        ("😀", Act.STATEMENT),
        ("", Act.STATEMENT),
    ],
)
def test_courtesies_are_told_from_matters(message: str, act: Act) -> None:
    assert act_of(prepare(message)) is act


@pytest.mark.parametrize(
    "message",
    [
        "gracias",
        "MUCHAS GRACIAS!!",
        "ya me llegó el pago, mil gracias por la ayuda",
        "thx, see you",
        "thank you so much, my mother loved the song",
        "graciaaaas",
    ],
)
def test_thanks_are_heard_whatever_stands_beside_them(message: str) -> None:
    assert thanks(message)


@pytest.mark.parametrize("message", ["", "hola", "no me han pagado", "the thank-less job", "qué gracioso"])
def test_where_nobody_thanks_none_are_heard(message: str) -> None:
    assert not thanks(message)
