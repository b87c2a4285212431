"""What was earned, as the tool tells it: narrowed to what was asked for, compared, or counted on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from relevo.agents.tool import ToolContext
from relevo.domain.ids import CustomerRef
from relevo.domain.money import Money
from relevo.domain.signals import Language
from relevo.teams.music.backend.port import LabelBackend
from relevo.teams.music.backend.releases import Release
from relevo.teams.music.backend.royalties import Earnings, EarningsBy, EarningsLine, Within
from relevo.teams.music.backend.titles import find_plainly
from relevo.teams.music.countries import country_name
from relevo.teams.music.periods import quarter_of
from relevo.teams.music.releases_told import not_found
from relevo.teams.music.telling import shown, title_told
from relevo.triage.normalise import fold

EVERY_GROUP = 1_000  # more than any customer's stores, countries or tracks
MOST_RELEASES = 1_000
_SHOWN = 10
_MOST_ARTISTS = 50


@dataclass(frozen=True, slots=True)
class Cut:
    """What earnings are narrowed to, and how that is said: «Nocturna», Spotify, Mexico."""

    within: Within
    labels: tuple[str, ...]


async def cut_of(
    context: ToolContext,
    backend: LabelBackend,
    customer: CustomerRef,
    stores: Sequence[str],
    country: str | None,
    title: str | None,
) -> Cut:
    """``title`` is a release's, a track's or an artist's name. Raises ToolError when none of theirs is."""
    labels = [", ".join(stores)] if stores else []
    if country is not None:
        country = country.strip().upper()
        labels.append(country_name(country, context.language))
    tracks = None
    if title is not None:
        name, tracks = await _tracks_of(context, backend, customer, title)
        labels.insert(0, name)
    return Cut(Within(tuple(stores), country, tracks), tuple(labels))


async def _tracks_of(
    context: ToolContext, backend: LabelBackend, customer: CustomerRef, title: str
) -> tuple[str, tuple[str, ...]]:
    releases = await backend.releases(customer, MOST_RELEASES)
    if release_in(title, releases) is None and (artist := artist_in(title, releases)) is not None:
        return artist, await _keys(backend, customer, [each for each in releases if each.artist == artist])
    search = await backend.find_release(customer, title)
    if search.found is not None:
        context.learn("release", search.found.title)
        name = title_told(search.found.title, context.language)
        return name, await _keys(backend, customer, [search.found])
    if (track := await backend.find_track(customer, title)) is not None:
        name = title_told(track[1].title, context.language)
        return name, (track[1].isrc, f"title:{fold(track[1].title)}")
    raise not_found(title, search.close or releases[:5], near=bool(search.close))


def release_in(text: str, releases: Sequence[Release]) -> str | None:
    """The title of one of ``releases`` that stands in ``text`` word for word."""
    at = find_plainly(text, [release.title for release in releases])
    return releases[at].title if at is not None else None


def artist_in(text: str, releases: Sequence[Release]) -> str | None:
    """The artist of one of ``releases`` whose name stands in ``text``."""
    artists = list(dict.fromkeys(release.artist for release in releases))
    at = find_plainly(text, artists)
    return artists[at] if at is not None else None


async def _keys(backend: LabelBackend, customer: CustomerRef, releases: Sequence[Release]) -> tuple[str, ...]:
    """What statements call the tracks of ``releases``."""
    tracks = [track for each in releases for track in await backend.tracks(customer, each.id)]
    return tuple(key for track in tracks for key in (track.isrc, f"title:{fold(track.title)}"))


async def told_earnings(
    context: ToolContext,
    backend: LabelBackend,
    customer: CustomerRef,
    by: EarningsBy,
    period: str | None,
    cut: Cut,
    streams: int | None,
) -> dict[str, Any]:
    """The largest ``lines`` and the ``total`` of the cut; where it has none, what there is ``instead``."""
    earnings, used = await _of_period(backend, customer, by, period, cut.within)
    lines = [line_told(line, by, context.language) for line in earnings.lines]
    instead: list[dict[str, Any]] = []
    newest = None
    if not lines:
        if cut.labels:
            wider = replace(cut.within, stores=()) if cut.within.stores else Within()
            among = EarningsBy.STORE if cut.within.stores else EarningsBy.PERIOD
            others, _ = await _of_period(backend, customer, among, period, wider)
            instead = [line_told(line, among, context.language) for line in others.lines[:_SHOWN]]
        newest = await _newest(backend, customer, context.language)
    return {
        "by": by.value,
        "period": used,
        "asked_period": period,
        "lines": lines[:_SHOWN],
        "more": max(0, len(lines) - _SHOWN),
        "total": line_told(earnings.total, by, context.language),
        "cut": list(cut.labels),
        "instead": instead,
        "newest": newest,
        "estimate": _estimate(earnings.total, streams),
    }


async def by_artist(
    context: ToolContext, backend: LabelBackend, customer: CustomerRef, period: str | None
) -> list[dict[str, Any]]:
    """What each artist of the account earned, the most first."""
    releases = await backend.releases(customer, MOST_RELEASES)
    found = []
    for artist in list(dict.fromkeys(each.artist for each in releases))[:_MOST_ARTISTS]:
        tracks = await _keys(backend, customer, [each for each in releases if each.artist == artist])
        earnings, _ = await _of_period(backend, customer, EarningsBy.PERIOD, period, Within(tracks=tracks))
        found.append((earnings.total.amount.amount, artist, earnings.total))
    return [
        line_told(total, EarningsBy.PERIOD, context.language) | {"label": artist}
        for _, artist, total in sorted(found, key=lambda each: -each[0])
    ]


async def compared(
    context: ToolContext, backend: LabelBackend, customer: CustomerRef, periods: Sequence[str], cut: Cut
) -> dict[str, Any] | None:
    """The totals of several periods, oldest first, and what the last brought more or less than the first."""
    if len(periods) < 2:
        return None
    totals = []
    for period in sorted(periods):
        earnings, used = await _of_period(backend, customer, EarningsBy.PERIOD, period, cut.within)
        totals.append((used or period, earnings.total.amount))
    first, last = totals[0][1], totals[-1][1]
    change = last - first
    return {
        "periods": [{"period": period, "amount": shown(amount)} for period, amount in totals],
        "more": shown(change) if change.amount > 0 else None,
        "less": shown(change * -1) if change.amount < 0 else None,
    }


async def _of_period(
    backend: LabelBackend, customer: CustomerRef, by: EarningsBy, period: str | None, within: Within
) -> tuple[Earnings, str | None]:
    """A month without earnings of its own is told by its quarter, where that has some."""
    earnings = await backend.earnings(customer, by, period, EVERY_GROUP, within)
    if not earnings.lines and period and (quarter := quarter_of(period)):
        wider = await backend.earnings(customer, by, quarter, EVERY_GROUP, within)
        if wider.lines:
            return wider, quarter
    return earnings, period


async def _newest(backend: LabelBackend, customer: CustomerRef, language: Language) -> dict[str, Any] | None:
    every = await backend.earnings(customer, EarningsBy.PERIOD, None, 1)
    return line_told(every.lines[0], EarningsBy.PERIOD, language) if every.lines else None


def _estimate(total: EarningsLine, streams: int | None) -> dict[str, Any] | None:
    """What so many streams would bring at what one has brought so far."""
    if streams is None or not total.streams:
        return None
    each = total.stream_amount.amount / Decimal(total.streams)
    return {
        "streams": f"{streams:,}",
        "amount": shown(Money(each * streams, total.amount.currency).rounded()),
        "per_stream": per_stream(total),
    }


def line_told(line: EarningsLine, by: EarningsBy, language: Language) -> dict[str, Any]:
    return {
        "key": line.label,
        "label": country_name(line.label, language) if by is EarningsBy.COUNTRY else line.label,
        "amount": shown(line.amount),
        "units": line.units,
        "streams": line.streams,
        "per_stream": per_stream(line),
    }


def per_stream(line: EarningsLine) -> str | None:
    each = line.per_stream
    return f"{each.amount} {each.currency}" if each else None
