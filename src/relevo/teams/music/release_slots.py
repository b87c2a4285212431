"""What plays of releases read: which one is meant, by its title, a track, its artist or when it comes out."""

import re
from collections.abc import Mapping, Sequence

from relevo.agents.team import Slot
from relevo.agents.tool import ToolContext
from relevo.teams.music import mentions
from relevo.teams.music.backend.releases import Release, ReleaseState
from relevo.teams.music.earnings_told import MOST_RELEASES, artist_in, release_in
from relevo.teams.music.periods import period_of
from relevo.teams.music.slot_kit import asked, known, reading, spoken_of
from relevo.teams.music.telling import distributor
from relevo.triage.normalise import fold

_NAMED_AFTER = re.compile(
    r"\b(?:lanzamiento|canci[oó]n|tema|sencillo|single|[aá]lbum|disco|ep|release|song|track|estado de"
    r"|status of"
    r"|llamad[oa]|called|titled|named|era|meant)\s{1,3}"
    r"((?:[A-ZÁÉÍÓÚÑ0-9][\w'’]{0,40})"
    r"(?:\s{1,3}(?:[A-ZÁÉÍÓÚÑ0-9][\w'’]{0,40}|de|del|la|el|los|las|y|of|the|and|en|in)){0,12})"
)
_SPEAKS_OF_ALL = re.compile(
    r"\b(lanzamientos|releases|catalogo|catalogue|catalog|todos mis|all my|mis discos|otr[oa]s?"
    r"|others?|demas)\b"
)
_POINTS = re.compile(r"\b(it|this one|that one|es[aeo]|est[aeo]|(baj|quit|borr|elimin)(a|e|en|ar)l[ao])\b")
_OPENS = re.compile(
    r"^\W*(?:(?:y|e|and|what about|que tal|con|de|el|la|los|las|del|the|of|for|isrc|upc|code)\W+)*"
)
_COMES_OUT = re.compile(
    r"\b(?:que|lo que) (?:sale|saldra|salio|va a salir)\b|\bthat (?:comes?|came|is coming|drops?) out\b"
    r"|\bcoming out\b|\bthe (?:january|february|march|april|may|june|july|august|september|october|november"
    r"|december) one\b"
)
_OF_STATE = {
    ReleaseState.REJECTED: re.compile(r"\b(?:el|la|the) (?:rechazad[oa]|rejected)\b"),
    ReleaseState.SCHEDULED: re.compile(r"\b(?:el|la|the) (?:programad[oa]|scheduled)\b"),
    ReleaseState.IN_REVIEW: re.compile(
        r"\b(?:el|la|the) (?:que esta en revision|one (?:that is |thats )?in review)\b"
    ),
}
_ONLY = re.compile(r"\b(?:solo|solamente|unicamente|nada mas|nomas|only|just)\b")
_LONGEST_TITLE = 400
_MOST_WORDS = 4


async def _own_title(text: str, context: ToolContext) -> str | None:
    """The customer's release or track that the message surely names, or describes while releases are spoken
    of."""
    customer = context.person.customer
    if customer is None:
        return None
    backend = distributor(context)
    releases = await backend.releases(customer, MOST_RELEASES)
    if plainly := release_in(text, releases):
        return plainly
    if spoken_of(context, "release") and (described := _described(text, context, releases)):
        return described
    search = await backend.find_release(customer, mentions.quoted_in(text) or text)
    if search.found is not None and artist_in(text, releases) is None:
        return search.found.title
    track = await backend.find_track(customer, text)
    return track[1].title if track is not None else None


def _described(text: str, context: ToolContext, releases: Sequence[Release]) -> str | None:
    """The one release that a part of its title, its artist, its month or its state tells from the others."""
    folded = fold(text.strip())
    part = _OPENS.sub("", folded).strip(" ?!.,¿¡")
    found: list[Release] = []
    if 0 < len(part.split()) <= _MOST_WORDS and len(part) >= _MOST_WORDS:
        found = [each for each in releases if f" {part} " in f" {fold(each.title)} "]
    if not found and (artist := artist_in(text, releases)):
        found = [each for each in releases if each.artist == artist]
    if not found and _COMES_OUT.search(folded):
        month = period_of(text, context.clock.now().date())
        found = [
            each
            for each in releases
            if month and each.release_date and f"-{each.release_date.month:02}" == month[4:]
        ]
    if not found:
        states = [state for state, pattern in _OF_STATE.items() if pattern.search(folded)]
        found = [each for each in releases if each.state in states]
    return found[0].title if len(found) == 1 else None


async def _title(text: str, context: ToolContext) -> str | None:
    """The release the message names: one of the customer's, else what it plainly gives as a title."""
    given = mentions.quoted_in(text)
    if context.person.customer is None:
        return given or (
            text.strip()[:_LONGEST_TITLE] or None
        )  # a stranger is told how to identify, not asked for a title
    if own := await _own_title(text, context):
        return own
    if given is None and (called := _NAMED_AFTER.search(text)):
        given = called[1]
    if given is None and asked(context, "title"):
        given = text.strip()[:_LONGEST_TITLE] or None
    return given


async def _title_or_last(text: str, context: ToolContext) -> str | None:
    """The release named, else the one last spoken of, unless the message is about all of them."""
    if context.person.customer is None:
        return None
    named = await _title(text, context)
    if named is not None or _SPEAKS_OF_ALL.search(fold(text)):
        return named
    last = known(context).get("release")
    return last if isinstance(last, str) else None


async def _title_meant(text: str, context: ToolContext) -> str | None:
    """The release to act upon: the one named, else the last one where the message only points at it."""
    named = await _title(text, context)
    pointed = named is None and _POINTS.search(fold(text)) is not None
    return await _title_or_last(text, context) if pointed else named


async def _store_again(text: str, context: ToolContext) -> str | None:
    """A store that is named while a release is spoken of: "and on TikTok?"."""
    return mentions.store_in(text) if spoken_of(context, "release") else None


async def _quoted_again(text: str, context: ToolContext) -> str | None:
    """Another title in quotation marks, while titles are judged."""
    return mentions.quoted_in(text) if spoken_of(context, "title") else None


def _only_store(text: str) -> str | None:
    return mentions.store_in(text) if _ONLY.search(fold(text)) else None


RELEASE_SLOTS: Mapping[str, Slot] = {
    "own_title": _own_title,
    "title": _title,
    "title_or_last": _title_or_last,
    "title_meant": _title_meant,
    "store": reading(mentions.store_in),
    "store_again": _store_again,
    "only_store": reading(_only_store),
    "quoted": reading(mentions.quoted_in),
    "quoted_again": _quoted_again,
    "isrc": reading(mentions.isrc_in),
    "upc": reading(mentions.upc_in),
}
