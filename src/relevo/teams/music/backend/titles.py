"""Which of a customer's releases a piece of text names."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from relevo.teams.music.backend.releases import Release, ReleaseSearch
from relevo.triage.normalise import fold

LONGEST_TEXT = 400
SURE = 0.86  # "luz de henero" ~ "luz de enero" is .96, "nocturno" ~ "nocturna" .88, "marea" ~ "marca" .80
CLOSE = 0.6
MOST_CLOSE = 5
SHORTEST_PLAIN = 4
"""Letters of a title of one word that may stand in a sentence: "Hoy" is more often no title."""

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class _Scored:
    likeness: float
    words: int
    release: Release

    @property
    def rank(self) -> tuple[bool, int, float]:
        """Sure ones first, among them the titles of most words ("Luz de Enero" before "Luz")."""
        sure = self.likeness >= SURE
        return (sure, self.words if sure else 0, self.likeness)


def find(text: str, releases: Sequence[Release]) -> ReleaseSearch:
    """The release whose title is, or stands in, ``text``; else those that come close, best first.

    Two releases that fit equally well are never guessed between.
    """
    asked = _words(text[:LONGEST_TEXT])
    if not asked:
        return ReleaseSearch(None)
    scored = [scored for release in releases if (scored := _score(asked, release)).likeness >= CLOSE]
    ranked = sorted(scored, key=lambda each: each.rank, reverse=True)
    best = [each for each in ranked if each.rank == ranked[0].rank]
    if len(best) == 1 and best[0].likeness >= SURE:
        return ReleaseSearch(best[0].release)
    return ReleaseSearch(None, tuple(each.release for each in ranked[:MOST_CLOSE]))


def find_plainly(text: str, titles: Sequence[str]) -> int | None:
    """The place of the title that stands in ``text`` word for word, the longest of several; the same title
    twice is never guessed between, and of words alike only those of two or more are taken for misspelt."""
    asked = _words(text[:LONGEST_TEXT])
    best: list[tuple[int, int]] = []
    for at, title in enumerate(titles):
        words = _words(title)
        if words and _plainly(words, asked):
            best.append((len(words), at))
    longest = max((words for words, _ in best), default=0)
    places = [at for words, at in best if words == longest]
    return places[0] if len(places) == 1 else None


def _plainly(title: list[str], asked: list[str]) -> bool:
    phrase, size = " ".join(title), len(title)
    windows = [" ".join(asked[at : at + size]) for at in range(len(asked) - size + 1)]
    if phrase in windows:
        return size > 1 or len(phrase) >= SHORTEST_PLAIN
    return size > 1 and any(_likeness(phrase, window) >= SURE for window in windows)


def _score(asked: list[str], release: Release) -> _Scored:
    title = _words(release.title)
    if not title:
        return _Scored(0.0, 0, release)
    phrase, size = " ".join(title), len(title)
    windows = [" ".join(asked[at : at + size]) for at in range(max(1, len(asked) - size + 1))]
    if phrase in windows:
        return _Scored(1.0, size, release)
    best = max(_likeness(phrase, window) for window in windows)
    if f" {' '.join(asked)} " in f" {phrase} ":
        best = max(best, CLOSE)
    return _Scored(best, size, release)


def _likeness(title: str, window: str) -> float:
    matcher = SequenceMatcher(None, title, window, autojunk=False)
    if matcher.real_quick_ratio() < CLOSE or matcher.quick_ratio() < CLOSE:
        return 0.0
    return matcher.ratio()


def _words(text: str) -> list[str]:
    return _WORD.findall(fold(text))
