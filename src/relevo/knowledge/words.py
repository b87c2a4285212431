"""What a text is about, as the index sees it: words folded, stop words left out, the rest by their stems."""

import re
import tomllib
from pathlib import Path

from relevo.domain.signals import Language
from relevo.triage.normalise import fold
from relevo.triage.stemming import stem

STOP_WORDS = {
    Language(code): frozenset(words.split())
    for code, words in tomllib.loads((Path(__file__).parent / "stopwords.toml").read_text("utf-8")).items()
}
MOST_LETTERS = 40
"""A longer run of letters is no word anybody asks for, and is cut."""
_WORD = re.compile(r"[^\W_]+")
_POSSESSIVE = re.compile(r"(?<=\w)['’]s\b")
_SENTENCE_END = re.compile(r"([.!?;…\n])(?:(?<!\n)[\"'»”)\]]*\s+|(?<=\n)\n*)")
"""Begins with its mark, so that the search leaps from mark to mark: a quarter of the time."""


def words(text: str) -> list[str]:
    """The folded words of ``text``, in order."""
    return _WORD.findall(foldings(text))


def foldings(text: str) -> str:
    """``text`` folded, possessive endings and underscores away: its words are its runs of ``\\w``."""
    if "'" in text or "’" in text:
        text = _POSSESSIVE.sub("", text)
    return fold(text).replace("_", " ")


def terms(text: str, language: Language, without: frozenset[str] = frozenset()) -> list[str]:
    """The stems of the words of ``text``, in order: no stop words of ``language``, none of ``without``."""
    stop = STOP_WORDS[language]
    return [
        stem(word[:MOST_LETTERS], language)
        for word in words(text)
        if word not in stop and word not in without
    ]


def language_of(text: str, default: Language = Language.ES) -> Language:
    """The language whose small words ``text`` uses more; ``default`` where it uses none."""
    found = words(text)
    spanish = sum(word in STOP_WORDS[Language.ES] for word in found) + 2 * sum(sign in text for sign in "¿¡ñ")
    english = sum(word in STOP_WORDS[Language.EN] for word in found)
    if spanish == english:
        return default
    return Language.ES if spanish > english else Language.EN


def sentences(text: str) -> list[str]:
    """``text`` cut after its sentences and at its line breaks."""
    said, marks = (parts := _SENTENCE_END.split(text))[::2], [*parts[1::2], ""]
    return [whole for part, mark in zip(said, marks, strict=True) if (whole := f"{part}{mark}".strip())]
