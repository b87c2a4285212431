"""What plays of money read: amounts and their currency, periods, and what earnings are narrowed to."""

import re
from collections.abc import Mapping
from decimal import ROUND_DOWN, Decimal

from relevo.agents.team import Slot
from relevo.agents.tool import ToolContext
from relevo.teams.music import mentions
from relevo.teams.music.amounts import all_of_it, amount_told, bare_amount, share_in
from relevo.teams.music.countries import country_in
from relevo.teams.music.currencies import currency_in
from relevo.teams.music.earnings_told import MOST_RELEASES, artist_in, release_in
from relevo.teams.music.periods import before, period_of, periods_in
from relevo.teams.music.slot_kit import always, known, reading, spoken_of
from relevo.teams.music.telling import distributor
from relevo.triage.normalise import fold

_THE_ONE_BEFORE = re.compile(
    r"\b((trimestre|mes|periodo|ano|el) anterior|(the|previous) (one|quarter|month|year) before"
    r"|previous (one|quarter|month|year))\b"
)
_ELSEWHERE = re.compile(
    r"\b(?:otra (?:cuenta|clabe|tarjeta)|cuenta (?:diferente|distinta|nueva|de (?:mi|una?|otr[oa]|su) \w+)"
    r"|(?:another|different|other|new|my \w+s) (?:bank )?account|account of my|someone elses? account)\b"
)
_AFTER_WITH = re.compile(
    r"\b(?:con|de|with|did|does|from|by)\s{1,3}"
    r"((?:[A-ZÁÉÍÓÚÑ][\w'’]{0,30})(?:\s{1,3}[A-ZÁÉÍÓÚÑ][\w'’]{0,30}){0,5})"
)
_NO_NAMES = frozenset("you we they my it the this that mi el la los mis usd ustedes".split())  # noqa: SIM905
_MONEY_MATTERS = ("earnings", "balance", "payment", "requested")


async def _amount(text: str, context: ToolContext) -> str | None:
    """What is to be withdrawn, a share counted from what is available; None is all of it. Where only another
    account is named, what waits for a yes already."""
    if share := share_in(text):
        return await _available(context, share)
    amount = bare_amount(text) if _withdrawing(context) else None
    amount = amount_told(text) if amount is None else amount
    if amount is None and await _elsewhere(text, context):
        return await _elsewhere(text, context)
    return None if amount is None else str(amount)


async def _amount_again(text: str, context: ToolContext) -> str | None:
    """Another amount for the withdrawal that is spoken of: "mejor 80", "la mitad", "pues todo"."""
    if not _withdrawing(context):
        return None
    if all_of_it(text):
        return await _available(context, Decimal(1))
    amount = bare_amount(text)
    if amount is None and share_in(text) is not None:
        return await _amount(text, context)
    return None if amount is None else str(amount)


async def _available(context: ToolContext, share: Decimal) -> str | None:
    if context.person.customer is None:
        return None
    balance = await distributor(context).balance(context.person.customer)
    return str((balance.withdrawable.amount * share).quantize(Decimal("0.01"), ROUND_DOWN))


async def _elsewhere(text: str, context: ToolContext) -> str | None:
    """The amount that waits for a yes, when the message wants it sent to another account."""
    pending = context.state.pending
    if pending is None or pending.tool != "request_withdrawal" or not _ELSEWHERE.search(fold(text)):
        return None
    amount = pending.arguments.get("amount")
    return str(amount) if amount is not None else None


def _withdrawing(context: ToolContext) -> bool:
    pending = context.state.pending
    if pending is not None:
        return pending.tool == "request_withdrawal"
    return spoken_of(context, "withdrawal")


async def _period(text: str, context: ToolContext) -> str | None:
    """The period named; "the one before" is before the one last spoken of."""
    last = known(context).get("period")
    if isinstance(last, str) and _THE_ONE_BEFORE.search(fold(text)) and (earlier := before(last)):
        return earlier
    return period_of(text, context.clock.now().date())


async def _compared(text: str, context: ToolContext) -> list[str] | None:
    """The two or more periods that are held against each other."""
    found = periods_in(text, context.clock.now().date())
    return found if len(found) > 1 else None


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
    if spoken_of(context, "release"):
        return "track"
    earlier = known(context).get("earnings_by")
    again = spoken_of(context, "earnings") and isinstance(earlier, str)
    return earlier if again and await _period(text, context) else None


async def _earnings_again(text: str, context: ToolContext) -> str | None:
    """Another cut of the money that is spoken of: "y con Apple?", "and in Mexico?", "y el año pasado?"."""
    if not spoken_of(context, *_MONEY_MATTERS):
        return None
    if mentions.streams_in(text) is not None:
        return "store"
    by = await _by(text, context)
    return by or ("track" if spoken_of(context, "earnings") and await _own_earner(text, context) else None)


async def _stores(text: str, context: ToolContext) -> list[str] | None:
    """The stores that are asked about; for a number of streams, those asked about before."""
    if named := mentions.stores_in(text):
        return list(named)
    before = known(context).get("earnings_stores")
    counting = spoken_of(context, "earnings") and mentions.streams_in(text) is not None
    return before if counting and isinstance(before, list) and before else None


async def _earner(text: str, context: ToolContext) -> str | None:
    """The release, track or artist whose earnings are asked for; else what is plainly given as one."""
    if context.person.customer is None:
        return None
    if own := await _own_earner(text, context):
        return own
    if given := mentions.quoted_in(text):
        return given
    for found in _AFTER_WITH.finditer(text):
        name = found[1]
        known_otherwise = mentions.store_in(name) or country_in(name) or await _period(name, context)
        if len(name) > 1 and fold(name) not in _NO_NAMES and not known_otherwise:
            return name
    last = known(context).get("release")
    return last if spoken_of(context, "release") and isinstance(last, str) else None


async def _own_earner(text: str, context: ToolContext) -> str | None:
    """What of theirs the message surely names."""
    customer = context.person.customer
    if customer is None:
        return None
    backend = distributor(context)
    releases = await backend.releases(customer, MOST_RELEASES)
    if plainly := release_in(text, releases) or artist_in(text, releases):
        return plainly
    search = await backend.find_release(customer, mentions.quoted_in(text) or text)
    if search.found is not None:
        return search.found.title
    track = await backend.find_track(customer, text)
    return track[1].title if track is not None else None


MONEY_SLOTS: Mapping[str, Slot] = {
    "amount": _amount,
    "amount_again": _amount_again,
    "currency": reading(currency_in),
    "elsewhere": _elsewhere,
    "period": _period,
    "periods_compared": _compared,
    "by": _by,
    "earnings_again": _earnings_again,
    "stores": _stores,
    "country": reading(country_in),
    "earner": _earner,
    "streams": reading(mentions.streams_in),
    "by_store": always("store"),
    "by_track": always("track"),
}
