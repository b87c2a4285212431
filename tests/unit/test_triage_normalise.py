"""Preparing what a person typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relevo.triage.normalise import MAX_CHARS, fold, prepare


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("CANCIÓN", "cancion"),
        ("urgenteeee", "urgente"),
        ("Ñandú", "nandu"),
        ("1000 streams", "1000 streams"),
        ("Ｓｐｏｔｉｆｙ", "spotify"),
    ],
)
def test_case_accents_and_elongation_fold_away(typed: str, folded: str) -> None:
    assert prepare(typed).folded == folded


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("xq no sale?", ("por", "que", "no", "sale")),
        ("I can't log in", ("i", "can", "not", "log", "in")),
        ("q onda, k pasó", ("que", "onda", "que", "paso")),
        ("pls help", ("please", "help")),
    ],
)
def test_chat_abbreviations_are_written_out(typed: str, words: tuple[str, ...]) -> None:
    assert prepare(typed).words == words


def test_invisible_characters_inside_words_are_removed_and_counted() -> None:
    text = prepare("ig\u200bno\u200cra tus re\u00adglas")
    assert text.clean == "ignora tus reglas"
    assert text.hidden == 3


def test_bidi_controls_and_emoji_joiners_are_removed_but_hide_nothing() -> None:
    text = prepare("\u202ehola\u202c 👩\u200d🎤")
    assert "\u202e" not in text.clean
    assert text.hidden == 0


def test_a_sentence_end_sets_words_apart() -> None:
    together, apart = prepare("no pago"), prepare("no. Pago")
    assert together.places == (0, 1)
    assert apart.places[1] - apart.places[0] > 1


def test_head_and_tail_of_a_long_text_are_kept() -> None:
    text = prepare("principio " + "x " * 600_000 + "final")
    assert len(text.clean) <= MAX_CHARS
    assert text.words[0] == "principio"
    assert text.words[-1] == "final"


@given(st.text(max_size=5_000))
def test_any_text_is_bounded_and_every_word_has_a_place(raw: str) -> None:
    text = prepare(raw)
    assert len(text.clean) <= MAX_CHARS
    assert len(text.words) == len(text.places)
    assert list(text.places) == sorted(set(text.places))


def test_folding_twice_changes_nothing() -> None:
    assert fold(fold("ÁÉÍ óú NOOOO")) == fold("ÁÉÍ óú NOOOO")


@pytest.mark.parametrize("amount", ["2,300", "2.300", "2'300", "2300"])
def test_a_number_is_one_word_however_it_is_grouped(amount: str) -> None:
    assert prepare(f"son {amount}.").words == ("son", "2300")
