"""What a message asks the team to do, by rules: no model, a pure function of the text.

A request is a verb that asks, at the start of a clause ("crea…", "can you write…"), or a wanting ("quiero
un…"), and the first thing named after it: "haz el foro con 12 posts" asks for the forum, "escribe un post
sobre el foro" for content. A message that is nothing but the thing ("3 ideas de posts") asks for it too.
Questions about a thing, tellings and refusals ask for nothing.
"""

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from relevo.domain.signals import Language
from relevo.triage.normalise import fold

FILE = Path(__file__).parent / "data" / "requests.toml"
MOST_READ = 600
"""Letters of a message that are looked at: a request stands at its beginning."""


class Wish(StrEnum):
    """What is asked for."""

    CONTENT = "content"
    FORUM = "forum"
    PAIN_POINTS = "pain_points"
    JOURNEY = "journey"
    PERSONA = "persona"
    DOCUMENTS = "documents"
    ANALYSIS = "analysis"
    BRIEF = "brief"
    CANCEL = "cancel"
    RESUME = "resume"
    SKIP = "skip"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class ContentRequest:
    """A person's own words that ask for content: without one nothing is ever written.

    It is made by ``content_request`` alone. ``refines`` says that it changes what was made before.
    """

    text: str
    refines: bool = False


THINGS = (
    Wish.FORUM,
    Wish.PAIN_POINTS,
    Wish.JOURNEY,
    Wish.ANALYSIS,
    Wish.BRIEF,
    Wish.PERSONA,
    Wish.DOCUMENTS,
    Wish.CONTENT,
)
COMMANDS = (Wish.CANCEL, Wish.RESUME, Wish.SKIP)
_DOING = re.compile(r"(?:to|\S+(?:ar|er|ir)(?:me|nos|l[oa]s?)?)\s")
"""Wanting to do something oneself is no asking for it."""
_ABOUT = re.compile(
    r"(?<!\w)(?:sobre|acerca de|para|de|del|con|a partir de|basad[oa]s? en|segun|que hable de|about|for|on|"
    r"from|with|based on|of|using)(?!\w)"
)
_SOME = (
    r"(?:(?:un|una|unos|unas|otro|otra|otros|otras|mas|\d+|dos|tres|cuatro|cinco|diez|a|an|some|another|more|"
    r"two|three|four|five|ten)\s+){1,2}"
)
_THE = r"(?:el|la|los|las|mi|mis|the|my)\s+"
_ON = r"(?:sobre|acerca de|para|about|for|on)(?!\w)"


def wish_of(text: str) -> Wish | None:
    """What the message asks for, None where it asks for nothing we do."""
    read = _read(text)
    for each in COMMANDS:
        if any(re.search(_patterns(language)[each], read) for language in Language):
            return each
    if any(re.match(_patterns(language)["change"], read) for language in Language):
        return Wish.BRIEF
    if any(re.search(_patterns(language)["person"], read) for language in Language):
        return Wish.PERSON
    return next(filter(None, (_asked(read, language) for language in Language)), None)


def content_request(text: str, *, after_content: bool = False) -> ContentRequest | None:
    """The request for content that a message is, None where it is none.

    ``after_content``: content was made just before, so that "hazlo más corto" asks for a change of it.
    """
    wish = wish_of(text)
    if wish is Wish.CONTENT:
        return ContentRequest(text)
    if after_content and wish is None and _refines(text):
        return ContentRequest(text, refines=True)
    return None


def wants_to_see(text: str) -> bool:
    """Whether the message asks to see what there is, rather than to have it made anew."""
    read = _read(text)
    return any(re.search(rf"(?<!\w){_patterns(language)['show']}(?!\w)", read) for language in Language)


def _refines(text: str) -> bool:
    read = _read(text)
    if read.endswith("?") and not any(_begins(read, language, "please") for language in Language):
        return False
    return any(
        re.search(rf"(?<!\w)(?:{_patterns(language)['refine']})(?!\w)", read) and not _refuses(read, language)
        for language in Language
    )


def _asked(read: str, language: Language) -> Wish | None:
    of = _patterns(language)
    for clause in re.split(r"[.:;!?…]+(?=\s|$)|,(?=\s)", read):
        clause = clause.strip(" ¿¡-*•\"'«»")
        if not clause or _refuses(clause, language):
            continue
        asks = (
            rf"(?:(?:{of['please']}[\s,]+)*(?:{of['make']})|(?:{of['please']}[\s,]+)+(?:{of['infinitive']}))"
        )
        match = re.match(rf"{asks}(?!\w)\s*", clause)
        if match and (found := _first_thing(clause[match.end() :], language, 8)):
            return found
        match = re.match(rf"(?:{of['please']}[\s,]+)*?(?:{of['want']})(?!\w)\s*", clause)
        rest = clause[match.end() :] if match else ""
        if not _DOING.match(rest) and (found := _first_thing(rest, language, 3)):
            return found
        if found := _alone(clause, language):
            return found
    return None


def _first_thing(rest: str, language: Language, within: int) -> Wish | None:
    """The thing named first in the next few words; what comes after "about" only describes it."""
    head = _ABOUT.split(rest, maxsplit=1)[0] or rest
    for text in (head, rest):
        found = [
            (match.start(), -match.end(), wish)
            for wish in THINGS
            if (match := re.search(rf"(?<!\w)(?:{_patterns(language)[wish]})(?!\w)", text))
            and len(text[: match.start()].split()) <= within
        ]
        if found:
            return min(found)[2]
    return None


def _alone(clause: str, language: Language) -> Wish | None:
    """A clause that begins with the thing itself: "3 ideas de posts", "un carrusel sobre…", "foro"."""
    for wish in THINGS:
        match = re.match(rf"(?P<some>{_SOME})?(?:{_THE})?(?:{_patterns(language)[wish]})(?!\w)", clause)
        if match is None:
            continue
        rest = clause[match.end() :].strip()
        if not rest or (wish is Wish.CONTENT and match["some"] and re.match(_ON, rest)):
            return wish
    return None


def _refuses(clause: str, language: Language) -> bool:
    of = _patterns(language)
    return re.match(rf"(?:{of['please']}[\s,]+)*?(?:{of['refuse']})(?!\w)", clause) is not None


def _begins(read: str, language: Language, name: str) -> bool:
    return re.match(rf"(?:{_patterns(language)[name]})(?!\w)", read.lstrip(" ¿¡")) is not None


def _read(text: str) -> str:
    return " ".join(fold(text[:MOST_READ]).replace("’", "'").split())


@cache
def _patterns(language: Language) -> dict[str, str]:
    raw = tomllib.loads(FILE.read_text("utf-8"))
    return {name: each[language] for name, each in raw.items()}
