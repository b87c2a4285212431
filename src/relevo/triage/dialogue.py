"""What a message does in the talk: greets, thanks, takes leave, agrees or refuses."""

import re
import tomllib
from collections.abc import Iterable

from relevo.domain.signals import Act
from relevo.triage.lexicons import LEXICONS
from relevo.triage.normalise import Text, fold, prepare

_MAX_WORDS = 12


def _phrases(entries: Iterable[str]) -> set[tuple[str, ...]]:
    return {prepare(entry).words for entry in entries}


_KINDS = {
    kind: _phrases(entries)
    for kind, entries in tomllib.loads((LEXICONS / "dialogue.toml").read_text(encoding="utf-8")).items()
}
_BY_FIRST: dict[str, list[tuple[tuple[str, ...], frozenset[str]]]] = {}
for _phrase in sorted(set().union(*_KINDS.values()), key=len, reverse=True):  # "no problem" before "no"
    _BY_FIRST.setdefault(_phrase[0], []).append(
        (_phrase, frozenset(kind for kind, phrases in _KINDS.items() if _phrase in phrases))
    )
_THUMBS = {"👍": "weak", "👌": "weak", "✅": "confirm", "👎": "decline", "🙏": "thanks", "👋": "greeting"}
_SYMBOL = re.compile(r"[👍👌✅👎🙏👋]")
_CONDITION = re.compile(
    r"\bpero\b|\bbut\b|\bif\b|\bespera\w*|\bwait\b|\bcuando\b|\bwhen\b|\bunless\b|\bsalvo\b"
)
_MOST_FOLLOWING = 6
_FOLLOWING = re.compile(r"\W*(?:(?:ok|ah|bueno|oye|pero|so|but)\W+)?(?:y|e|and|what about|how about)\b")


def act_of(text: Text) -> Act:
    """What the message does; anything beyond these small acts is a statement."""
    kinds = _kinds(text)
    if kinds is None:
        return Act.STATEMENT
    asked = "?" in text.clean
    said = {kind for group in kinds for kind in group}
    if "decline" in said and "confirm" not in said and not asked:
        return Act.NO
    if "confirm" in said and not asked and "decline" not in said:
        return Act.YES
    for kind, act in (("farewell", Act.FAREWELL), ("thanks", Act.THANKS), ("greeting", Act.GREETING)):
        if kind in said:
            return act
    return Act.YES if "weak" in said and not asked else Act.STATEMENT


def follows_up(message: str) -> bool:
    """Whether it is a short "and …?", which means something only by what was spoken of."""
    return len(message.split()) <= _MOST_FOLLOWING and _FOLLOWING.match(fold(message)) is not None


def thanks(message: str) -> bool:
    """Whether ``message`` says thanks, whatever else it says."""
    words = prepare(message).words
    return any(
        words[start : start + len(phrase)] == phrase
        for start, word in enumerate(words)
        for phrase, kinds in _BY_FIRST.get(word, ())
        if "thanks" in kinds
    )


def confirms(message: str) -> bool:
    """Whether ``message`` is an explicit, unconditional yes. It gates money, so every word must be known.

    A bare "ok", a question, a condition ("si me pagan confirmo"), an amount or any further matter is no yes.
    """
    text = prepare(message)
    kinds = _kinds(text)
    if kinds is None or "?" in text.clean or _CONDITION.search(text.folded):
        return False
    said = {kind for group in kinds for kind in group}
    return "confirm" in said and "decline" not in said


def declines(message: str) -> bool:
    """Whether ``message`` is essentially a refusal ("no, mejor no", "cancel it"), and nothing else."""
    text = prepare(message)
    kinds = _kinds(text)
    if kinds is None or "?" in text.clean:
        return False
    said = {kind for group in kinds for kind in group}
    return "decline" in said and "confirm" not in said


def _kinds(text: Text) -> list[frozenset[str]] | None:
    """What each phrase of the message may be, or None where a word belongs to no known phrase."""
    words = text.words
    if len(words) > _MAX_WORDS:
        return None
    found = [frozenset({_THUMBS[symbol]}) for symbol in _SYMBOL.findall(text.clean)]
    index = 0
    while index < len(words):
        for phrase, kinds in _BY_FIRST.get(words[index], ()):
            if words[index : index + len(phrase)] == phrase:
                found.append(kinds)
                index += len(phrase)
                break
        else:
            return None
    return found or None
