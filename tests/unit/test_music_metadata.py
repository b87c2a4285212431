"""The rules for codes, covers and titles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import ean

from relevo.domain.signals import Language
from relevo.teams.music.backend.reasons import Reason, UnknownReason, known_reasons
from relevo.teams.music.metadata import Artwork, Shown, check_artwork, check_isrc, check_title, check_upc


def codes(reasons: tuple[Reason, ...]) -> list[str]:
    return [reason.code for reason in reasons]


@pytest.mark.parametrize("text", ["USRC17607839", "US-RC1-76-07839", " mxabc2600001 ", "QZES62612345"])
def test_a_good_isrc_has_no_findings(text: str) -> None:
    assert check_isrc(text) == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "isrc_format"),
        ("USRC1760783", "isrc_format"),
        ("USRC176O7839", "isrc_format"),
        ("XXRC17607839", "isrc_country"),
        ("USRC17607839" * 50, "isrc_format"),
    ],
)
def test_a_bad_isrc_says_why(text: str, code: str) -> None:
    (reason,) = check_isrc(text)
    assert reason.code == code
    assert len(reason.values["found"]) <= 40


@pytest.mark.parametrize("text", ["036000291452", "7501055300075", "0 36000 29145 2"])
def test_a_good_upc_has_no_findings(text: str) -> None:
    assert check_upc(text) == ()


@pytest.mark.parametrize("text", ["", "12345670", "abcdefghijkl", "٠٣٦٠٠٠٢٩١٤٥٢", "12345678901234"])
def test_only_twelve_or_thirteen_digits_are_a_upc(text: str) -> None:
    assert codes(check_upc(text)) == ["upc_format"]


@given(st.integers(min_value=0, max_value=10**12 - 1), st.integers(min_value=1, max_value=9))
def test_any_wrong_check_digit_is_found_and_corrected(stem: int, off_by: int) -> None:
    digits = f"{stem:012}"
    right = ean.calc_check_digit(digits)
    (reason,) = check_upc(digits + str((int(right) + off_by) % 10))
    assert (reason.code, reason.values["expected"]) == ("upc_check_digit", right)


def test_a_cover_is_judged_by_all_that_is_known_of_it() -> None:
    assert check_artwork(Artwork(3000, 3000, 10.0, "JPG", "rgb")) == ()
    assert check_artwork(Artwork()) == ()
    bad = Artwork(1400, 1200, 12.5, ".webp", "CMYK", frozenset(Shown))
    assert codes(check_artwork(bad)) == [
        "artwork_too_small",
        "artwork_not_square",
        "artwork_too_heavy",
        "artwork_format",
        "artwork_colour",
        "artwork_web_address",
        "artwork_price",
        "artwork_store_logo",
        "artwork_blurry",
    ]
    assert "1400x1200" in check_artwork(bad)[0].text(Language.ES)


@pytest.mark.parametrize(
    "title",
    [
        "Luz de Enero", "Noche (feat. Mara Quintero)", "Agua (En Vivo)", "DNA", "¿Y Tú?", "Track 7",
        "Camino - Parte II", "Livewire", "Amor, con Miedo", "夜の歌", "Defeat Me", "Soft Light",
    ],
)  # fmt: skip
def test_a_well_written_title_has_no_findings(title: str) -> None:
    assert check_title(title) == ()


@pytest.mark.parametrize(
    ("title", "code", "suggestion"),
    [
        ("NOCHE DE PAZ", "title_all_caps", "Noche de Paz"),
        ("Noche feat. Mara", "title_featuring", "Noche (feat. Mara)"),
        ("Noche ft Mara Quintero", "title_featuring", "Noche (feat. Mara Quintero)"),
        ("Noche (Ft. Mara)", "title_featuring", "Noche (feat. Mara)"),
        ("Noche (Official Video)", "title_promotion", "Noche"),
        ("Noche - video oficial", "title_promotion", "Noche"),
        ("Noche - Remix", "title_version", "Noche (Remix)"),
        ("Noche – En Vivo en Lima", "title_version", "Noche (En Vivo en Lima)"),
        ("Noche  de  Paz", "title_spaces", "Noche de Paz"),
    ],
)
def test_a_badly_written_title_comes_with_a_better_one(title: str, code: str, suggestion: str) -> None:
    (reason,) = check_title(title)
    assert (reason.code, reason.values["suggestion"]) == (code, suggestion)
    assert check_title(suggestion) == ()


def test_emoji_emptiness_and_length() -> None:
    assert codes(check_title("Noche 🌙")) == ["title_symbol"]
    assert codes(check_title("   ")) == ["title_empty"]
    assert codes(check_title("a" * 201)) == ["title_too_long"]


@given(st.text(max_size=300))
def test_no_title_breaks_the_rules_themselves(title: str) -> None:
    for reason in check_title(title):
        assert all(reason.text(language) and reason.fix(language) for language in Language)


def test_every_reason_has_its_texts_in_both_languages() -> None:
    for code in known_reasons():
        reason = Reason(code)
        for language in Language:
            assert reason.text(language).strip() and reason.fix(language).strip()
    assert Reason("isrc_format", {"found": "X{y}"}).text(Language.EN) == "The ISRC “X{y}” is not well formed."
    with pytest.raises(UnknownReason):
        Reason("no_such_reason")
