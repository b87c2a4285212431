"""What plays read from a message before they call a tool: one small reader per slot."""

import re
from collections.abc import Callable, Mapping

from relevo.agents.team import Slot
from relevo.agents.tool import ToolContext
from relevo.teams.music import artwork_told, mentions, problem_told
from relevo.teams.music.backend.plans import Plan, load_terms
from relevo.teams.music.facts import name_in
from relevo.teams.music.money_slots import MONEY_SLOTS
from relevo.teams.music.plan_names import plan_in, plan_wanted, plans_in
from relevo.teams.music.release_slots import RELEASE_SLOTS
from relevo.teams.music.slot_kit import asked, known, reading, spoken_of
from relevo.teams.music.telling import distributor
from relevo.triage.dialogue import declines
from relevo.triage.normalise import fold

_CHEAPEST = re.compile(r"\b(cheap(est)?( one| plan)?|basic one|(el|la) (mas )?(barat[oa]|economic[oa]))\b")
_ONE_MORE = re.compile(r"\b(otr[oa] artista|un artista mas|another artist|one more artist)\b")
_ENDS_IN_NAME = re.compile(r"(?:[A-ZÁÉÍÓÚÑ][\w'’-]+\s+){1,3}[A-ZÁÉÍÓÚÑ][\w'’-]+[.!]?$")
_LONGEST_NAME = 200


def _counted(slot: str, reader: Callable[[str], int | None]) -> Slot:
    """A count in the text, else a bare number when it was asked for, else what is known."""

    async def read(text: str, context: ToolContext) -> int | None:
        if slot == "artists" and mentions.is_not_whole(text):
            return None
        told = reader(text)
        if slot == "artists" and not asked(context, "releases"):
            told = await _artists_again(text, context)
        if told is None and asked(context, slot):
            told = mentions.number(text)
        earlier = known(context).get(slot)
        return told if told is not None else earlier if isinstance(earlier, int) else None

    return read


async def _artists_again(text: str, context: ToolContext) -> int | None:
    """A count of artists, or a bare one while plans are spoken of: "y con 7?"."""
    told, earlier = mentions.artists_in(text), known(context).get("artists")
    if not spoken_of(context, "plans"):
        return told
    if isinstance(earlier, int) and _ONE_MORE.search(fold(text)):
        return earlier + 1
    return mentions.count_alone(text) if told is None else told


async def _plan(text: str, context: ToolContext) -> str | None:
    plan = plan_wanted(text) or plan_in(text)
    return plan.name if plan else None


def _plans_named(text: str) -> list[str] | None:
    """The plans to compare: two or more that the text names."""
    named = [plan.name for plan in plans_in(text)]
    return named if len(named) > 1 else None


async def _wanted_plan(text: str, context: ToolContext) -> str | None:
    """The plan named, else the one the conversation was about, else the one the customer has.

    One too small for the artists spoken of is not taken: the one that holds them is recommended instead.
    """
    if asked(context, "wanted_plan") and declines(text):
        return None
    terms = load_terms()
    artists = await slots["artists"](text, context)
    earlier = known(context)
    names = [
        min(terms.plans, key=lambda plan: plan.monthly.amount).name if _CHEAPEST.search(fold(text)) else None,
        await _plan(text, context),
        earlier.get("plan_of_interest"),
        earlier.get("recommended_plan"),
        await _own_plan(context),
    ]
    for plan in (terms.plan_named(name) for name in names if isinstance(name, str)):
        if plan is None:
            continue
        if not artists or plan.holds(artists, 0):
            return plan.name
        if plan.name in (names[0], names[1]):
            context.learn("too_small_plan", plan.name)
            context.learn("recommended_plan", _smallest(artists).name)
            return None
    return None


def _smallest(artists: int) -> Plan:
    """The cheapest plan that holds so many artists; the largest one holds any number."""
    plans = load_terms().plans
    return next((plan for plan in plans if plan.holds(artists, 0)), plans[-1])


async def _own_plan(context: ToolContext) -> str | None:
    if context.person.customer is None:
        return None
    customer = await distributor(context).customer_by_ref(context.person.customer)
    plan = load_terms().plan(customer.plan) if customer else None
    return plan.name if plan else None


async def _quoted_plan(text: str, context: ToolContext) -> str | None:
    """The plan named, else the one of interest where it holds what is to be quoted; None is the cheapest."""
    if named := await _plan(text, context):
        return named
    terms = load_terms()
    interest = known(context).get("plan_of_interest")
    plan: Plan | None = terms.plan_named(interest) if isinstance(interest, str) else None
    artists = await slots["artists"](text, context)
    releases = await slots["releases"](text, context)
    return plan.name if plan and artists and plan.holds(artists, releases or 0) else None


async def _name(text: str, context: ToolContext) -> str | None:
    earlier = known(context).get("name") or context.person.name
    if asked(context, "name"):
        answer = text.strip()[:_LONGEST_NAME]
        first = re.split(r"[,;\n]|\s{1,3}(?:[yY]|and)\s{1,3}|\S{1,64}@\S", answer, maxsplit=1)[0]
        named = _ENDS_IN_NAME.search(first.strip())
        return name_in(first) or name_in(text) or (named[0].rstrip(".! ") if named else None) or earlier
    return earlier


async def _email(text: str, context: ToolContext) -> str | None:
    """The address in the message; a customer's is on file."""
    told = mentions.email_in(text)
    if told is not None or context.person.customer is None:
        return told
    customer = await distributor(context).customer_by_ref(context.person.customer)
    return customer.email if customer else None


slots: Mapping[str, Slot] = {
    "plan": _plan,
    "wanted_plan": _wanted_plan,
    "quoted_plan": _quoted_plan,
    "artists": _counted("artists", mentions.artists_in),
    "artists_again": _artists_again,
    "plans_named": reading(_plans_named),
    "releases": _counted("releases", mentions.releases_in),
    "billing": reading(mentions.billing_in),
    "name": _name,
    "email": _email,
    **{name: reading(reader) for name, reader in artwork_told.READERS.items()},
    **MONEY_SLOTS,
    **RELEASE_SLOTS,
    **problem_told.SLOTS,
}
