"""Turns what a person typed into comparable text: bounded, folded, split into words."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

MAX_CHARS = 2_000
_HEAD = 1_400  # a long ramble says what it wants at its start or at its end
_GAP = 4  # a sentence's end counts as this many words when words are looked for near each other

_ELONGATED = re.compile(r"([^\W\d_])\1{2,}")
_MAY_COMBINE = re.compile("[^\x00-\u02ff]")  # accents written apart begin at U+0300
_TOKEN = re.compile(r"[^\W_]+|[$€]|[.!?;\n]+")
_INSIDE = re.compile(r"(?<=[^\W\d_])['’`´](?=\w)|(?<=\d)[.,'’](?=\d)")  # of a word or a number

_ABBREVIATIONS: dict[str, tuple[str, ...]] = {
    short: tuple(full.split())
    for short, full in {
        "q": "que", "k": "que", "ke": "que", "qe": "que", "xq": "por que", "pq": "por que",
        "xk": "por que", "porq": "por que", "porke": "por que", "xke": "por que", "x": "por",
        "tmb": "tambien", "tb": "tambien", "tbn": "tambien", "tmbn": "tambien", "d": "de", "dl": "del",
        "cm": "como", "dnd": "donde", "cdo": "cuando", "cnd": "cuando", "bn": "bien", "aki": "aqui",
        "toy": "estoy", "pa": "para", "msj": "mensaje", "xfa": "por favor", "xfis": "por favor",
        "xfavor": "por favor", "pls": "please", "plz": "please", "plis": "por favor",
        "porfa": "por favor", "porfis": "por favor", "porfavor": "por favor", "grax": "gracias",
        "grcs": "gracias", "graciaas": "gracias", "thx": "thanks", "tks": "thanks", "ty": "thank you",
        "u": "you", "ur": "your", "r": "are", "wanna": "want to", "gonna": "going to", "gotta": "got to",
        "im": "i am", "ive": "i have", "cant": "can not", "dont": "do not", "doesnt": "does not",
        "didnt": "did not", "isnt": "is not", "wasnt": "was not", "arent": "are not", "wont": "will not",
        "havent": "have not", "hasnt": "has not", "couldnt": "could not", "wouldnt": "would not",
        "shouldnt": "should not", "cannot": "can not", "whats": "what is", "wheres": "where is",
        "hows": "how is", "thats": "that is", "theres": "there is", "youre": "you are", "tmrw": "tomorrow",
        "tmr": "tomorrow", "tomorow": "tomorrow", "tommorow": "tomorrow", "mñn": "manana", "mnn": "manana",
        "bc": "because", "cuz": "because", "rn": "right now", "wtf": "what the fuck",
        "$": "usd", "€": "euros",
        "acc": "account", "acct": "account", "cta": "cuenta", "dinerito": "dinero", "info": "informacion",
    }.items()
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Text:
    """One message prepared for reading.

    ``clean`` keeps case and accents; ``folded`` is lowercase without accents or elongations; ``words`` are
    the folded words with chat abbreviations written out; ``places`` gives each word's position, with a gap
    at every sentence's end; ``hidden`` counts the invisible characters that were removed.
    """

    clean: str
    folded: str
    words: tuple[str, ...]
    places: tuple[int, ...]
    hidden: int = 0


@lru_cache(maxsize=4)  # of one turn's texts: triage, routing and the playbooks each read them
def prepare(raw: str) -> Text:
    """Prepare ``raw`` (any length; beyond ``MAX_CHARS`` only its head and tail are read)."""
    visible, hidden = _visible(bounded(raw))
    clean = bounded(unicodedata.normalize("NFKC", visible)).strip()
    folded = fold(clean)
    words: list[str] = []
    places: list[int] = []
    place = 0
    for token in _TOKEN.findall(_INSIDE.sub("", folded)):
        if token[0] in ".!?;\n":
            place += _GAP
            continue
        for word in _ABBREVIATIONS.get(token, (token,)):
            words.append(word)
            places.append(place)
            place += 1
    return Text(clean, folded, tuple(words), tuple(places), hidden)


def fold(text: str) -> str:
    """Lowercase without accents, and with three or more equal letters written once."""
    lowered = text.lower()
    if not lowered.isascii():
        decomposed = unicodedata.normalize("NFD", lowered)
        lowered = _MAY_COMBINE.sub(_uncombined, decomposed)
    return _ELONGATED.sub(r"\1", lowered)


def _uncombined(found: re.Match[str]) -> str:
    return "" if unicodedata.combining(found[0]) else found[0]


def bounded(text: str) -> str:
    """``text`` of at most MAX_CHARS: beyond that its head and its tail."""
    if len(text) <= MAX_CHARS:
        return text
    return text[:_HEAD] + " " + text[_HEAD - MAX_CHARS + 1 :]


def _visible(text: str) -> tuple[str, int]:
    """Without control and format characters (zero-width, bidi, soft hyphen); and how many there were.

    The joiners inside emoji are format characters too: those are removed, but not counted.
    """
    if text.isprintable():
        return text, 0
    kept: list[str] = []
    hidden = 0
    for index, char in enumerate(text):
        category = unicodedata.category(char)
        if category == "Cf":
            hidden += 0 < index < len(text) - 1 and text[index - 1].isalnum() and text[index + 1].isalnum()
        elif char in "\n\t\r":
            kept.append("\n" if char == "\n" else " ")
        elif category[0] != "C":
            kept.append(char)
    return "".join(kept), hidden
