"""What a reader sees as one character is not cut (Unicode Standard Annex 29)."""

from itertools import product

import pytest

from relevo.channels.graphemes import is_boundary

CLUSTERS = {
    "a letter": "a",
    "a control": "\n",
    "a line's end": "\r\n",
    "a letter and its mark": "e\u0301",
    "two marks": "n\u0303\u0323",
    "a skin tone": "👍🏽",
    "a family": "👩‍👩‍👧‍👦",
    "a singer": "👩🏽‍🎤",
    "nodding": "🙂‍↕️",
    "a heart on fire": "❤️‍🔥",
    "a flag": "🇲🇽",
    "a flag in tags": "🏴󠁧󠁢󠁳󠁣󠁴󠁿",
    "a keycap": "1️⃣",
    "a Hangul syllable": "각",
    "a syllable without its last letter": "가",
    "Hangul letters": "\u1100\u1161\u11a8",
    "a Devanagari conjunct": "क्षि",
    "Thai am": "กำ",
    "an Arabic number sign": "\u0600\u0661",
    "Hebrew with a point": "עִ",
    "a letter with a joiner": "a\u200d",
    "Han": "漢",
}


@pytest.mark.parametrize("name", CLUSTERS)
def test_no_boundary_within(name: str) -> None:
    cluster = CLUSTERS[name]
    assert [at for at in range(1, len(cluster)) if is_boundary(cluster, at)] == []


def test_a_boundary_between_any_two() -> None:
    for one, two in product(CLUSTERS.values(), repeat=2):
        assert is_boundary(one + two, len(one)), (one, two)


def test_flags_are_cut_in_pairs() -> None:
    flags = "🇲🇽🇨🇴🇪🇸🇦"
    assert [at for at in range(len(flags) + 1) if is_boundary(flags, at)] == [0, 2, 4, 6, 7]


def test_hangul_letters_that_do_not_join() -> None:
    assert is_boundary("\u11a8\u1100", 1)  # a trailing letter, then a leading one
    assert is_boundary("각\u1161", 1)  # a whole syllable takes no vowel
    assert not is_boundary("가\u11a8", 1)


def test_letters_after_a_joiner_that_makes_no_emoji() -> None:
    assert is_boundary("a\u200db", 2)
    assert is_boundary("a\u200d👍", 2)
    assert is_boundary("\u0301क", 1)
