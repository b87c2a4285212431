"""What plays read from a message before they call a tool: one small reader per slot."""

import re
from collections.abc import Callable, Mapping
from decimal import ROUND_DOWN, Decimal
from typing import Any

from relevo.agents.team import Slot
from relevo.agents.tool import ToolContext
from relevo.teams.music import artwork_told, mentions, problem_told
from relevo.teams.music.amounts import amount_told, bare_amount, share_in
from relevo.teams.music.backend.plans import Plan, load_terms
from relevo.teams.music.countries import country_in
from relevo.teams.music.facts import name_in
from relevo.teams.music.periods import before, period_of
from relevo.teams.music.plan_names import plan_in, plan_wanted, plans_in
from relevo.teams.music.telling import SPOKEN_OF, distributor
from relevo.triage.normalise import fold

_NAMED_AFTER = re.compile(
    r"\b(?:lanzamiento|canci[oó]n|tema|sencillo|single|[aá]lbum|disco|ep|release|song|track|estado de"
    r"|status of"
    r"|llamad[oa]|called|titled|named|era|meant)\s+"
    r"((?:[A-ZÁÉÍÓÚÑ0-9][\w'’]*)(?:\s+(?:[A-ZÁÉÍÓÚÑ0-9][\w'’]*|de|del|la|el|los|las|y|of|the|and|en|in))*)"
)
_THE_ONE_BEFORE = re.compile(
    r"\b((trimestre|mes|periodo|ano|el) anterior|(the|previous) (one|quarter|month|year) before"
    r"|previous (one|quarter|month|year))\b"
)
_SPEAKS_OF_ALL = re.compile(
    r"\b(lanzamientos|releases|catalogo|catalogue|catalog|todos mis|all my|mis discos|otr[oa]s?"
    r"|others?|demas)\b"
)
_CHEAPEST = re.compile(r"\b(cheap(est)?( one| plan)?|basic one|(el|la) (mas )?(barat[oa]|economic[oa]))\b")
_ONE_MORE = re.compile(r"\b(otr[oa] artista|un artista mas|another artist|one more artist)\b")
_ENDS_IN_NAME = re.compile(r"(?:[A-ZÁÉÍÓÚÑ][\w'’-]+\s+){1,3}[A-ZÁÉÍÓÚÑ][\w'’-]+[.!]?$")
_LONGEST_NAME = 200
_POINTS = re.compile(r"\b(it|this one|that one|es[aeo]|est[aeo]|(baj|quit|borr|elimin)(a|e|en|ar)l[ao])\b")


def _read(reader: Callable[[str], Any]) -> Slot:
    async def slot(text: str, context: ToolContext) -> Any:
        return reader(text)

    return slot


def _known(context: ToolContext) -> Mapping[str, Any]:
    return context.state.facts | context.learned


def _spoken_of(context: ToolContext, matter: str) -> bool:
    return _known(context).get(SPOKEN_OF) == matter


def _asked(context: ToolContext, slot: str) -> bool:
    """Whether the person was just asked for this slot, so that a bare answer counts."""
    return context.state.awaiting is not None and context.state.awaiting.slot == slot


def _counted(slot: str, reader: Callable[[str], int | None]) -> Slot:
    """A count in the text, else a bare number when it was asked for, else what is known."""

    async def read(text: str, context: ToolContext) -> int | None:
        told = reader(text)
        if slot == "artists" and not _asked(context, "releases"):
            told = await _artists_again(text, context)
        if told is None and _asked(context, slot):
            told = mentions.number(text)
        known = _known(context).get(slot)
        return told if told is not None else known if isinstance(known, int) else None

    return read


async def _artists_again(text: str, context: ToolContext) -> int | None:
    """A count of artists, or a bare one while plans are spoken of: "y con 7?"."""
    told, known = mentions.artists_in(text), _known(context).get("artists")
    if not _spoken_of(context, "plans"):
        return told
    if isinstance(known, int) and _ONE_MORE.search(fold(text)):
        return known + 1
    return mentions.count_alone(text) if told is None else told


async def _plan(text: str, context: ToolContext) -> str | None:
    plan = plan_wanted(text) or plan_in(text)
    return plan.name if plan else None


def _plans_named(text: str) -> list[str] | None:
    """The plans to compare: two or more that the text names."""
    named = [plan.name for plan in plans_in(text)]
    return named if len(named) > 1 else None


async def _wanted_plan(text: str, context: ToolContext) -> str | None:
    """The plan named, else the one the conversation was about."""
    known = _known(context)
    if _CHEAPEST.search(fold(text)):
        return min(load_terms().plans, key=lambda plan: plan.monthly.amount).name
    return (
        await _plan(text, context) or known.get("plan_of_interest") or known.get("recommended_plan") or None
    )


async def _quoted_plan(text: str, context: ToolContext) -> str | None:
    """The plan named, else the one of interest where it holds what is to be quoted; None is the cheapest."""
    if named := await _plan(text, context):
        return named
    terms = load_terms()
    interest = _known(context).get("plan_of_interest")
    plan: Plan | None = terms.plan_named(interest) if isinstance(interest, str) else None
    artists = await slots["artists"](text, context)
    releases = await slots["releases"](text, context)
    return plan.name if plan and artists and plan.holds(artists, releases or 0) else None


async def _name(text: str, context: ToolContext) -> str | None:
    known = _known(context).get("name") or context.person.name
    if _asked(context, "name"):
        answer = text.strip()[:_LONGEST_NAME]
        first = re.split(r"[,;\n]|\s{1,3}(?:[yY]|and)\s{1,3}|\S{1,64}@\S", answer, maxsplit=1)[0]
        named = _ENDS_IN_NAME.search(first.strip())
        return name_in(first) or name_in(text) or (named[0].rstrip(".! ") if named else None) or known
    return known


async def _email(text: str, context: ToolContext) -> str | None:
    return mentions.email_in(text)


async def _own_title(text: str, context: ToolContext) -> str | None:
    """The customer's release that the message surely names."""
    if context.person.customer is None:
        return None
    search = await distributor(context).find_release(
        context.person.customer, mentions.quoted_in(text) or text
    )
    return search.found.title if search.found is not None else None


async def _title(text: str, context: ToolContext) -> str | None:
    """The release the message names: one of the customer's, else what it plainly gives as a title."""
    given = mentions.quoted_in(text)
    if context.person.customer is None:
        return given or (
            text.strip()[:400] or None
        )  # a stranger is told how to identify, not asked for a title
    if own := await _own_title(text, context):
        return own
    if given is None and (called := _NAMED_AFTER.search(text)):
        given = called[1]
    if given is None and _asked(context, "title"):
        given = text.strip()[:400] or None
    return given


async def _title_or_last(text: str, context: ToolContext) -> str | None:
    """The release named, else the one last spoken of, unless the message is about all of them."""
    if context.person.customer is None:
        return None
    named = await _title(text, context)
    if named is not None or _SPEAKS_OF_ALL.search(fold(text)):
        return named
    last = _known(context).get("release")
    return last if isinstance(last, str) else None


async def _amount(text: str, context: ToolContext) -> str | None:
    """What is to be withdrawn, a share counted from what is available; None is all of it."""
    if share := share_in(text):
        if context.person.customer is None:
            return None
        balance = await distributor(context).balance(context.person.customer)
        return str((balance.withdrawable.amount * share).quantize(Decimal("0.01"), ROUND_DOWN))
    amount = bare_amount(text) if _withdrawing(context) else None
    amount = amount_told(text) if amount is None else amount
    return None if amount is None else str(amount)


async def _amount_again(text: str, context: ToolContext) -> str | None:
    """Another amount for the withdrawal that is spoken of: "mejor 80", "la mitad"."""
    if not _withdrawing(context):
        return None
    amount = bare_amount(text)
    if amount is None and share_in(text) is not None:
        return await _amount(text, context)
    return None if amount is None else str(amount)


def _withdrawing(context: ToolContext) -> bool:
    pending = context.state.pending
    if pending is not None:
        return pending.tool == "request_withdrawal"
    return _spoken_of(context, "withdrawal")


async def _period(text: str, context: ToolContext) -> str | None:
    """The period named; "the one before" is before the one last spoken of."""
    known = _known(context).get("period")
    if isinstance(known, str) and _THE_ONE_BEFORE.search(fold(text)) and (earlier := before(known)):
        return earlier
    return period_of(text, context.clock.now().date())


async def _by(text: str, context: ToolContext) -> str | None:
    """How earnings are grouped: as the message says, or by what it names (a store, a country, a title)."""
    if said := mentions.dimension_in(text):
        return said
    if mentions.store_in(text):
        return "store"
    if country_in(text):
        return "country"
    if mentions.speaks_of_streams(text):
        return "store"
    if _spoken_of(context, "release"):
        return "track"
    earlier = _known(context).get("earnings_by")
    again = _spoken_of(context, "earnings") and isinstance(earlier, str)
    return earlier if again and await _period(text, context) else None


async def _earnings_again(text: str, context: ToolContext) -> str | None:
    """Another cut of the money that is spoken of: "y con Apple?", "and in Mexico?", "y el año pasado?"."""
    if not any(_spoken_of(context, matter) for matter in ("earnings", "balance", "payment", "requested")):
        return None
    return await _by(text, context)


async def _only(text: str, context: ToolContext) -> str | None:
    """The one store, country or track that is asked about."""
    if store := mentions.store_in(text):
        return store
    return country_in(text)


async def _title_meant(text: str, context: ToolContext) -> str | None:
    """The release to act upon: the one named, else the last one where the message only points at it."""
    named = await _title(text, context)
    pointed = named is None and _POINTS.search(fold(text)) is not None
    return await _title_or_last(text, context) if pointed else named


slots: Mapping[str, Slot] = {
    "plan": _plan,
    "wanted_plan": _wanted_plan,
    "quoted_plan": _quoted_plan,
    "artists": _counted("artists", mentions.artists_in),
    "artists_again": _artists_again,
    "plans_named": _read(_plans_named),
    "releases": _counted("releases", mentions.releases_in),
    "billing": _read(mentions.billing_in),
    "name": _name,
    "email": _email,
    "own_title": _own_title,
    "title": _title,
    "title_or_last": _title_or_last,
    "title_meant": _title_meant,
    "quoted": _read(mentions.quoted_in),
    "isrc": _read(mentions.isrc_in),
    "upc": _read(mentions.upc_in),
    **{name: _read(reader) for name, reader in artwork_told.READERS.items()},
    "amount": _amount,
    "amount_again": _amount_again,
    "period": _period,
    "by": _by,
    "earnings_again": _earnings_again,
    "only": _only,
    "store": _read(mentions.store_in),
    "country": _read(country_in),
    **problem_told.SLOTS,
}
