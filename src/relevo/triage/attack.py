"""Recognises attempts to extract the prompt, change the rules or act as someone else."""

import base64
import binascii
import re
from collections.abc import Iterable

from relevo.triage.normalise import Text, prepare
from relevo.triage.rules import Rule, Rules

_LEET = str.maketrans("013457@$!|", "oieastasil")
_LOOKALIKES = str.maketrans("аеорсухікмтвнѕјԁɡοανικρτυβ", "aeopcyxikmtbhsjdgoavikptub")
_LEET_WORD = re.compile(r"(?<!\w)[a-z013457@$!|]{4,40}(?!\w)")
_LETTER = re.compile(r"[a-z]")
_SPACED = re.compile(r"(?:\b\w\b[\s.\-_*|/]+){4,}\w\b")
_BETWEEN = re.compile(r"[\s.\-_*|/]+")
_WIDE_GAP = re.compile(r"\s{2,}|\s[|/]\s")
_BASE64 = re.compile(r"(?<![\w+/])[A-Za-z0-9+/]{16,}={0,2}(?![\w+/])")
_HIDDEN = 3  # this many invisible characters inside words hide something


def danger(text: Text, holding: Iterable[Rule], rules: Rules) -> tuple[float, tuple[str, ...]]:
    """How surely ``text``, with its ``holding`` rules, is an attack, 0–10, and the reasons.

    Disguises (letters replaced, spaced out or encoded) are undone and read with all ``rules`` too.
    """
    weight, reasons = _weigh(holding)
    for disguise, plain in disguises(text):
        hidden_weight, hidden_reasons = _weigh(rules.holding(rules.concepts.spot(prepare(plain))))
        if hidden_weight > weight:
            weight, reasons = hidden_weight, (*hidden_reasons, disguise)
    if text.hidden >= _HIDDEN and weight:
        weight, reasons = min(10.0, weight + 2.0), (*reasons, "invisible characters")
    return weight, reasons


def disguises(text: Text) -> list[tuple[str, str]]:
    """The readings of ``text`` beneath a disguise, each with the disguise's name."""
    found: list[tuple[str, str]] = []
    folded = text.folded
    if not folded.isascii() and (plain := folded.translate(_LOOKALIKES)) != folded:
        found.append(("look-alike letters", plain))
    if (plain := _LEET_WORD.sub(_spell, folded)) != folded:
        found.append(("digits for letters", plain))
    if _SPACED.search(folded):
        found.append(("spaced letters", _SPACED.sub(_join, folded)))
    decoded = (_decode(encoded) for encoded in _BASE64.findall(text.clean)[:3])
    found.extend(("base64", inside) for inside in decoded if inside)
    return found


def _weigh(holding: Iterable[Rule]) -> tuple[float, tuple[str, ...]]:
    threats = [rule for rule in holding if "attack" in rule.weights]
    weight = max((rule.weights["attack"] for rule in threats), default=0.0)
    return weight, tuple(rule.reason for rule in threats)


def _spell(word: re.Match[str]) -> str:
    return word[0].translate(_LEET) if _LETTER.search(word[0]) else word[0]


def _join(spaced: re.Match[str]) -> str:
    return " ".join(_BETWEEN.sub("", word) for word in _WIDE_GAP.split(spaced[0]))


def _decode(encoded: str) -> str | None:
    try:
        plain = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    return plain if plain.isprintable() and " " in plain else None
