"""Spanish or English, also in very short messages."""

from functools import cache

import pytest

from relevo.domain.signals import Language
from relevo.triage.language import LanguageDetector
from relevo.triage.normalise import prepare


@cache
def detector() -> LanguageDetector:
    return LanguageDetector.train(
        {
            Language.ES: [
                "cuánto cuesta el plan",
                "mi canción no aparece",
                "quiero retirar mi saldo",
                "regalías",
            ],
            Language.EN: ["how much is the plan", "my song is missing", "withdraw my balance", "royalties"],
        }
    )


@pytest.mark.parametrize(
    ("message", "language"),
    [
        ("cuanto vale", Language.ES),
        ("¿Precio?", Language.ES),
        ("mañana sale mi EP", Language.ES),
        ("how much", Language.EN),
        ("where is my song", Language.EN),
        ("quiero saber el status de mi release", Language.ES),
    ],
)
def test_the_language_shows(message: str, language: Language) -> None:
    assert detector().detect(prepare(message)) is language


@pytest.mark.parametrize(
    "message", ["ok", "Pro", "👍", "", "123", "Spotify", "https://open.spotify.com/artist/12"]
)
@pytest.mark.parametrize("previous", list(Language))
def test_where_it_does_not_show_the_talk_goes_on_in_its_language(message: str, previous: Language) -> None:
    assert detector().detect(prepare(message), previous) is previous


def test_a_clear_change_of_language_wins_over_the_previous_one() -> None:
    assert detector().detect(prepare("where is my money"), Language.ES) is Language.EN
    assert detector().detect(prepare("dónde está mi dinero"), Language.EN) is Language.ES


def test_spanish_is_the_language_of_silence() -> None:
    assert detector().detect(prepare("")) is Language.ES
