"""Long texts become parts within the limit; joined, they are the text again (promise 12)."""

import random
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relevo.channels.graphemes import is_boundary
from relevo.channels.split import Measure, split_text, utf8_bytes, utf16_units

CHANNELS: list[tuple[int, Measure]] = [
    (1_600, len),
    (1_600, utf16_units),
    (4_096, utf16_units),
    (1_000, utf8_bytes),
]

FAMILY = "👩‍👩‍👧‍👦"
CLUSTERS = [
    *"abcdeñáZ09",
    " ",
    " ",
    "\n",
    "\n\n",
    ". ",
    "¿",
    "e\u0301",  # e with a combining acute
    "n\u0303\u0323",
    "👍🏽",  # with a skin tone
    FAMILY,
    "🏴󠁧󠁢󠁳󠁣󠁴󠁿",  # Scotland, in tags
    "❤️",
    "각",
    "\u1100\u1161\u11a8",  # the same syllable in letters
    "क्षि",
    "漢",
    "。",
    "𝕏",
    "עִ",
    "\r\n",
    "🇲🇽",
    "🇨🇴",
]


@given(st.text(max_size=600), st.integers(4, 50), st.sampled_from([len, utf16_units, utf8_bytes]))
def test_any_text_comes_back_whole_and_within_the_limit(text: str, limit: int, measure: Measure) -> None:
    parts = split_text(text, limit, measure)
    assert "".join(parts) == text
    assert all(0 < measure(part) <= limit for part in parts)


@given(st.lists(st.sampled_from(CLUSTERS), max_size=300), st.integers(40, 90))
def test_no_cluster_is_broken(clusters: list[str], limit: int) -> None:
    edges = {0, *accumulate(len(cluster) for cluster in clusters)}
    parts = split_text("".join(clusters), limit, utf8_bytes)
    assert edges.issuperset(accumulate(len(part) for part in parts))


@pytest.mark.parametrize(("limit", "measure"), CHANNELS)
def test_2500_generated_replies_per_channel(limit: int, measure: Measure) -> None:
    """10,000 texts in all, up to three times the limit, of words, emoji and lines as replies have them."""
    random.seed(limit)
    words = [
        "hola",
        "regalías",
        "de",
        "una",
        "¿cuándo?",
        "Pro",
        "49.99.",
        "👩‍🎤",
        "🇲🇽",
        "canción",
        "e\u0301l",
        "\n\n- ",
        "fin.\n",
    ]
    pool = " ".join(random.choices(words + CLUSTERS, k=20_000))
    for _ in range(2_500):
        start = random.randrange(len(pool) // 2)
        text = pool[start : start + random.randrange(1, 3 * limit)]
        parts = split_text(text, limit, measure)
        assert "".join(parts) == text
        assert all(measure(part) <= limit for part in parts)
        cut = 0
        for part in parts[:-1]:
            cut += len(part)
            assert is_boundary(text, cut)


def test_a_paragraph_is_preferred_to_a_sentence_and_a_sentence_to_a_word() -> None:
    text = "Uno dos tres cuatro.\n\nCinco seis. Siete ocho nueve diez"
    assert split_text(text, 36) == ["Uno dos tres cuatro.\n\n", "Cinco seis. Siete ocho nueve diez"]
    assert split_text("Uno dos tres. Cuatro cinco seis", 20) == ["Uno dos tres. ", "Cuatro cinco seis"]
    assert split_text("uno dos tres cuatro cinco", 14) == ["uno dos tres ", "cuatro cinco"]
    assert split_text("1. uno\n2. dos\n3. tres y cuatro", 20) == ["1. uno\n2. dos\n", "3. tres y cuatro"]


def test_a_link_stays_whole_where_it_fits() -> None:
    link = "https://example.com/" + "x" * 60
    assert split_text(f"Mira {link} ahora mismo", 85) == ["Mira ", f"{link} ", "ahora mismo"]


def test_a_cluster_is_broken_only_when_it_is_longer_than_the_limit() -> None:
    assert split_text(FAMILY * 3, 30, utf8_bytes) == [FAMILY] * 3
    endless = "e" + "\u0301" * 100
    parts = split_text(endless, 40)
    assert "".join(parts) == endless
    assert [len(part) for part in parts] == [40, 40, 21]


def test_no_part_is_blank() -> None:
    for text in ("x" * 20 + "\n", "x" * 20 + "\n\n \n", "\n\n  " + "y" * 30, "palabra " * 9 + " " * 10):
        parts = split_text(text, 20)
        assert "".join(parts) == text
        assert all(part.strip() for part in parts), parts


def test_what_fits_is_one_part_and_nothing_is_none() -> None:
    assert split_text("a" * 1_600, 1_600) == ["a" * 1_600]
    assert [len(part) for part in split_text("a" * 1_601, 1_600)] == [1_600, 1]
    assert split_text("", 1_600) == []


def test_measures() -> None:
    assert (len("👍"), utf16_units("👍"), utf8_bytes("👍")) == (1, 2, 4)
    assert utf16_units("ñ") == 1 and utf8_bytes("ñ") == 2
    assert utf16_units("\ud83d") == 1


def test_a_limit_below_one_character_is_an_error() -> None:
    with pytest.raises(ValueError, match="too small"):
        split_text("hola", 3, utf8_bytes)
