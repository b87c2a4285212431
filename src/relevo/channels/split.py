"""How a long text becomes messages: parts within a channel's limit that, joined, are the text again."""

import re
from collections.abc import Callable

from relevo.channels.graphemes import is_boundary

Measure = Callable[[str], int]

LARGEST_CHARACTER = 4
"""What one code point can measure at most: four bytes in UTF-8."""

_PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*")
_SENTENCE = re.compile(r"""(?<!\n\d)(?<!\n\d\d)[.!?…]["'”’»)\]]*\s+|[。！？]+|\n+""")
"""A line's end is one too; the number of a list's item (``3. ``) is not."""
_WORD = re.compile(r"\s+")


def utf16_units(text: str) -> int:
    """Length in UTF-16 code units: an emoji outside the Basic Multilingual Plane counts two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def utf8_bytes(text: str) -> int:
    """Length in bytes of UTF-8."""
    return len(text.encode("utf-8", "surrogatepass"))


def split_text(text: str, limit: int, measure: Measure = len) -> list[str]:
    """Cuts ``text`` into parts of at most ``limit`` each, as ``measure`` counts; ``"".join`` gives it back.

    A cut is made after a paragraph or a sentence where that leaves the part at least half full, else between
    words, else between grapheme clusters; a cluster is broken only when it is itself longer than the limit.
    No part is blank unless a run of white space is longer than the limit. An empty text has no parts.
    Raises ValueError for a limit that a single character could exceed.
    """
    if limit < LARGEST_CHARACTER:
        raise ValueError(f"a limit of {limit} is too small: one character measures up to {LARGEST_CHARACTER}")
    last_visible = len(text.rstrip()) - 1
    parts = []
    start = 0
    while start < len(text):
        end = _reach(text, start, limit, measure)
        cut = end if end == len(text) else _best_cut(text, start, end, last_visible)
        parts.append(text[start:cut])
        start = cut
    return parts


def _reach(text: str, start: int, limit: int, measure: Measure) -> int:
    """The furthest index that a part from ``start`` may end at."""
    end = min(start + limit, len(text))
    if measure(text[start:end]) <= limit:
        return end
    fits, too_far = start + 1, end
    while too_far - fits > 1:
        middle = (fits + too_far) // 2
        if measure(text[start:middle]) <= limit:
            fits = middle
        else:
            too_far = middle
    return fits


def _best_cut(text: str, start: int, end: int, last_visible: int) -> int:
    first_visible = end - len(text[start:end].lstrip())
    if first_visible < last_visible:
        end = min(end, last_visible)  # leaves something to see for the last part
    half = start + (end - start) // 2
    for pattern, earliest in ((_PARAGRAPH, half), (_SENTENCE, half), (_WORD, start)):
        for match in reversed(list(pattern.finditer(text, start, end))):
            if match.end() > max(earliest, first_visible) and is_boundary(text, match.end()):
                return match.end()
    for cut in range(end, start, -1):
        if is_boundary(text, cut):
            return cut
    return end
