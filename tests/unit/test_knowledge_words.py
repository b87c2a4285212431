"""What the index sees of a text, and what words are worth."""

import pytest

from relevo.domain.signals import Language
from relevo.knowledge.weigh import weights, worth
from relevo.knowledge.words import STOP_WORDS, language_of, sentences, terms
from relevo.triage.normalise import fold


def test_accents_endings_and_small_words_are_left_out() -> None:
    assert terms("¿Las canciones de la CANCIÓN?", Language.ES) == ["cancion", "cancion"]
    assert terms("the artist's songs", Language.EN) == ["artist", "song"]
    assert terms("son mis songs", Language.EN, STOP_WORDS[Language.ES]) == ["song"]


def test_stop_words_are_folded_and_whole() -> None:
    for words in STOP_WORDS.values():
        assert len(words) > 100
        assert all(fold(word) == word and word.isalpha() for word in words)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("¿Cuándo me pagan las regalías?", Language.ES),
        ("When will I be paid my royalties?", Language.EN),
        ("ISRC 12345", Language.EN),
    ],
)
def test_language_shows_in_small_words(text: str, language: Language) -> None:
    assert language_of(text, Language.EN) is language


def test_sentences_keep_abbreviated_numbers_whole() -> None:
    assert sentences("Mide 3.000 px. ¿Y después? Nada.\nFin") == [
        "Mide 3.000 px.",
        "¿Y después?",
        "Nada.",
        "Fin",
    ]


def test_rare_words_are_worth_more_and_none_is_worth_less_than_nothing() -> None:
    assert worth(100, 1) > worth(100, 50) > worth(100, 100) > 0
    assert worth(3, 5) > 0  # a count may be a moment old


def test_a_word_weighs_more_the_more_often_it_stands_and_less_in_a_long_passage() -> None:
    once, twice = weights(["a", "b"])["a"], weights(["a", "a", "b"])["a"]
    assert twice > once > weights(["a", *"bcdefghij" * 30])["a"]
    assert twice < 2.2
