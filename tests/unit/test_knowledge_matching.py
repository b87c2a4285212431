"""What of a query stands in a text is found as if each of its words were looked at."""

import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from relevo.domain.signals import Language
from relevo.knowledge.matching import CHANGED, Asked
from relevo.knowledge.words import sentences, words
from relevo.triage.normalise import fold
from relevo.triage.stemming import stem

ROOT = Path(__file__).parents[2]
ENDINGS = [
    "a",
    "o",
    "e",
    "s",
    "es",
    "ar",
    "er",
    "ir",
    "ando",
    "iendo",
    "yendo",
    "ado",
    "ido",
    "aba",
    "ia",
    "are",
    "ion",
    "ciones",
    "ucion",
    "uciones",
    "encia",
    "encias",
    "logia",
    "logias",
    "mente",
    "idad",
    "ivo",
    "ivas",
    "able",
    "ibles",
    "ing",
    "ed",
    "edly",
    "ies",
    "ied",
    "y",
    "ly",
    "ational",
    "tional",
    "izer",
    "ization",
    "ability",
    "iviti",
    "fulness",
    "ousli",
    "ative",
    "icate",
    "alize",
    "ement",
    "ence",
    "ance",
    "dying",
    "lying",
    "tying",
    "skies",
]
PASSAGE = (
    "La portada mide 3.000 píxeles… ¿Cuánto medía la de Ana's band? No_importa: MEDIR es medir.\n"
    "Las canciones rechazadas se corrigen aquí; la portada, también.  "
)


def vocabulary() -> set[str]:
    """The words of our documents and help articles, and each with endings that stems lose or change."""
    texts = [
        *ROOT.glob("docs/*.md"),
        *ROOT.glob("src/relevo/teams/*/knowledge/*/*.md"),
        *ROOT.glob("samples/*/*"),
    ]
    found = {word for path in texts if path.suffix == ".md" for word in words(path.read_text("utf-8"))}
    return found | {word[:6] + ending for word in sorted(found)[::7] for ending in ENDINGS}


@pytest.mark.parametrize("language", list(Language))
def test_a_word_and_its_stem_begin_alike(language: Language) -> None:
    known = vocabulary()
    assert len(known) > 5_000
    apart = {
        (word, found)
        for word in known
        if not word.startswith((found := stem(word, language))[: max(1, len(found) - CHANGED)])
    }
    assert apart == set()


def plainly(text: str, asked: Asked) -> dict[str, str]:
    """Each word of the text by its stem, where that is asked for."""
    found: dict[str, str] = {}
    for word in words(text):
        if (term := stem(word, asked.language)) in asked.worths:
            found.setdefault(term, word)
    return found


@given(
    text=some.text(alphabet="abmeidr áéñ3_.'’s\n;…?") | some.just(PASSAGE),
    asked=some.lists(some.sampled_from([*words(PASSAGE), "dec", "ar", "3"]), min_size=1, max_size=5),
    language=some.sampled_from(list(Language)),
)
def test_words_are_found_as_if_each_were_looked_at(text: str, asked: list[str], language: Language) -> None:
    query = Asked(language, {stem(word, language): 1.0 for word in asked})
    assert query.within(text) == plainly(text, query)
    sentence, worth, matched = query.best_sentence(text)
    assert matched == plainly(text, query)
    assert worth == max((len(plainly(each, query)) for each in sentences(text)), default=0)
    assert len(plainly(sentence, query)) == worth
    assert sentence == "" or sentence in sentences(text)


@given(some.text(alphabet="ab .!?;…\n\"'»”)]¿") | some.just(PASSAGE))
def test_a_text_is_cut_after_its_sentences_and_at_its_line_breaks(text: str) -> None:
    plainly_cut = re.split(r"(?<=[.!?;…])[\"'»”)\]]*\s+|\n+", text)
    assert sentences(text) == [part.strip() for part in plainly_cut if part.strip()]


@given(some.text())
def test_folding_takes_accents_and_elongations_away(text: str) -> None:
    apart = unicodedata.normalize("NFD", text.lower())
    bare = "".join(each for each in apart if not unicodedata.combining(each))
    assert fold(text) == re.sub(r"([^\W\d_])\1{2,}", r"\1", bare)


def test_the_best_sentence_is_given_as_it_stands() -> None:
    query = Asked(Language.ES, {stem(word, Language.ES): 1.0 for word in ("portada", "medir", "3", "000")})
    sentence, worth, matched = query.best_sentence(PASSAGE)
    assert (sentence, worth) == ("La portada mide 3.000 píxeles…", 3.0)
    assert (matched["port"], matched["3"], matched["000"]) == ("portada", "3", "000")
