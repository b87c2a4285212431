"""Feelings in words, faces and capitals."""

import pytest

from relevo.domain.signals import Sentiment
from relevo.triage.lexicons import LEXICONS
from relevo.triage.normalise import prepare
from relevo.triage.sentiment import SentimentReader

READER = SentimentReader.load(LEXICONS / "sentiment.toml")


def score(message: str) -> float:
    return READER.read(prepare(message)).score


@pytest.mark.parametrize(
    ("message", "sentiment"),
    [
        ("¿Cuánto cuesta el plan Pro?", Sentiment.NEUTRAL),
        ("how do I change my cover", Sentiment.NEUTRAL),
        ("quiero retirar 200 dólares", Sentiment.NEUTRAL),
        ("me gustaría saber los precios", Sentiment.NEUTRAL),
        ("hay algún problema con mi cuenta?", Sentiment.NEUTRAL),
        ("", Sentiment.NEUTRAL),
        ("son unos ladrones, pésimo servicio", Sentiment.NEGATIVE),
        ("this is unacceptable, worst service ever", Sentiment.NEGATIVE),
        ("no me han pagado", Sentiment.NEGATIVE),
        ("no estoy contento", Sentiment.NEGATIVE),
        ("😡", Sentiment.NEGATIVE),
        ("genial, otra vez caído", Sentiment.NEGATIVE),
        ("gracias por nada", Sentiment.NEGATIVE),
        ("oh great, another error", Sentiment.NEGATIVE),
        ("me encanta su servicio, son geniales", Sentiment.POSITIVE),
        ("thank you so much, you are the best!", Sentiment.POSITIVE),
        ("😍🎉", Sentiment.POSITIVE),
    ],
)
def test_class(message: str, sentiment: Sentiment) -> None:
    assert READER.read(prepare(message)).sentiment is sentiment


def test_degree_shouting_and_marks_make_it_stronger() -> None:
    assert score("muy mal") < score("mal") < 0
    assert score("ESTO ES UNA BASURA") < score("esto es una basura")
    assert score("estoy molesto!!") < score("estoy molesto")


def test_what_follows_but_weighs_more() -> None:
    assert score("la página es genial pero el soporte es horrible") < score(
        "el soporte es horrible pero la página es genial"
    )


def test_a_denied_trouble_is_no_praise() -> None:
    assert READER.read(prepare("sin problema")).sentiment is Sentiment.NEUTRAL


def test_a_title_between_quotes_tells_no_feeling() -> None:
    assert READER.read(prepare('estado de "Odio Horrible"')).sentiment is Sentiment.NEUTRAL


def test_a_heavy_matter_is_a_complaint_in_plain_words() -> None:
    plain = prepare("entraron en la cuenta")
    assert READER.read(plain, burden=9.0).sentiment is Sentiment.NEGATIVE
    assert READER.read(plain).sentiment is Sentiment.NEUTRAL


@pytest.mark.parametrize("message", ["odio " * 400, "genial " * 400, "😡" * 500, "NO!!" * 300])
def test_the_score_stays_within_its_bounds(message: str) -> None:
    assert -1.0 <= score(message) <= 1.0
