"""Where a text may be cut without breaking what a reader sees as one character.

Follows the extended grapheme clusters of Unicode Standard Annex 29 (rules GB3 to GB13). Two properties that
Python's ``unicodedata`` lacks are read from the general category: Extended_Pictographic (symbols) and
Indic_Conjunct_Break (a virama, then a letter). Both err towards keeping characters together.
"""

import unicodedata

ZERO_WIDTH_JOINER = "\u200d"
_JOINERS = frozenset("\u200c\u200d\u0e33\u0eb3\uff9e\uff9f")
_PREPENDED = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
_MARKS = frozenset({"Mn", "Me", "Mc"})
_CONTROLS = frozenset({"Cc", "Zl", "Zp"})
_VIRAMA = 9  # canonical combining class


def is_boundary(text: str, index: int) -> bool:
    """Whether ``text`` may be cut before ``text[index]``; true at either end."""
    if index <= 0 or index >= len(text):
        return True
    before, after = text[index - 1], text[index]
    if before == "\r" and after == "\n":
        return False
    if before.isascii() and after.isascii():
        return True
    if unicodedata.category(before) in _CONTROLS or unicodedata.category(after) in _CONTROLS:
        return True
    if _extends(after) or before in _PREPENDED:
        return False
    if _is_regional(before) and _is_regional(after):
        return _regionals_before(text, index) % 2 == 0
    if _is_hangul(before) and _is_hangul(after):
        return not _hangul_joins(before, after)
    if before == ZERO_WIDTH_JOINER and _is_symbol(after):
        return not _is_symbol(_base_before(text, index))
    if _extends(before) and unicodedata.category(after) == "Lo":
        return not _conjunct_before(text, index)
    return True


def _extends(char: str) -> bool:
    if char.isascii():
        return False
    code = ord(char)
    return (
        char in _JOINERS
        or unicodedata.category(char) in _MARKS
        or 0x1F3FB <= code <= 0x1F3FF  # skin tones
        or 0xE0020 <= code <= 0xE007F  # tags, as in the flags of Scotland and Wales
    )


def _is_symbol(char: str) -> bool:
    return unicodedata.category(char) in ("So", "Sm") or 0x1F000 <= ord(char) <= 0x1FAFF


def _is_regional(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _regionals_before(text: str, index: int) -> int:
    start = index
    while start and _is_regional(text[start - 1]):
        start -= 1
    return index - start


def _base_before(text: str, index: int) -> str:
    """The character that the marks standing before ``index`` belong to."""
    while index > 1 and _extends(text[index - 1]):
        index -= 1
    return text[index - 1]


def _conjunct_before(text: str, index: int) -> bool:
    """Whether a letter and its virama, with nothing but marks between, stand before ``index``."""
    virama = False
    while index and _extends(text[index - 1]):
        virama = virama or unicodedata.combining(text[index - 1]) == _VIRAMA
        index -= 1
    return virama and index > 0 and unicodedata.category(text[index - 1]) == "Lo"


def _is_hangul(char: str) -> bool:
    return _hangul_kind(char) is not None


def _hangul_kind(char: str) -> str | None:
    """L, V and T are leading, vowel and trailing letters; LV and LVT are whole syllables."""
    code = ord(char)
    if 0xAC00 <= code <= 0xD7A3:
        return "LV" if (code - 0xAC00) % 28 == 0 else "LVT"
    if 0x1100 <= code <= 0x115F or 0xA960 <= code <= 0xA97C:
        return "L"
    if 0x1160 <= code <= 0x11A7 or 0xD7B0 <= code <= 0xD7C6:
        return "V"
    if 0x11A8 <= code <= 0x11FF or 0xD7CB <= code <= 0xD7FB:
        return "T"
    return None


_HANGUL_FOLLOWS = {
    "L": ("L", "V", "LV", "LVT"),
    "LV": ("V", "T"),
    "V": ("V", "T"),
    "LVT": ("T",),
    "T": ("T",),
}


def _hangul_joins(before: str, after: str) -> bool:
    return _hangul_kind(after) in _HANGUL_FOLLOWS[_hangul_kind(before) or "T"]
