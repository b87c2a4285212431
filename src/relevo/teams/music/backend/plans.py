"""What the distributor sells and on what terms, read from data/plans.toml."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from relevo.domain.money import Money
from relevo.domain.signals import Language
from relevo.teams.music.backend.sales import Billing, PlanId
from relevo.triage.normalise import fold

PLANS = Path(__file__).parent.parent / "data" / "plans.toml"


@dataclass(frozen=True, slots=True)
class Plan:
    """``monthly`` and ``yearly`` are what a month and a year cost; ``extra_artist`` what a month of each
    artist beyond ``artists`` does, None where there can be none. ``releases`` is per year, None = no limit.
    ``royalties_kept`` is the artist's share in percent. Texts are by language.
    """

    id: PlanId
    name: str
    aliases: tuple[str, ...]
    monthly: Money
    yearly: Money
    artists: int
    extra_artist: Money | None
    releases: int | None
    stores: int
    royalties_kept: int
    best_for: dict[Language, str]
    support: dict[Language, str]
    extras: dict[Language, tuple[str, ...]]

    def price(self, billing: Billing) -> Money:
        return self.yearly if billing is Billing.YEARLY else self.monthly

    def holds(self, artists: int, releases: int) -> bool:
        """Whether so many artists and releases a year fit, extra artists included."""
        return (self.releases is None or releases <= self.releases) and (
            artists <= self.artists or self.extra_artist is not None
        )


@dataclass(frozen=True, slots=True)
class Terms:
    """The plans, from the cheapest, and the numbers that hold for all of them: days are working days, and
    two of them are the least and the most."""

    currency: str
    plans: tuple[Plan, ...]
    yearly_months: int
    quote_days: int
    most_artists: int
    minimum_withdrawal: Money
    stores: tuple[str, ...]
    payout_days: tuple[int, int]
    review_days: int
    store_days: tuple[int, int]
    upload_weeks: int
    audio_format: str
    audio_bits: tuple[int, ...]
    audio_khz: float

    def plan(self, id: PlanId) -> Plan | None:
        return next((plan for plan in self.plans if plan.id == id), None)

    def plan_named(self, text: str) -> Plan | None:
        """The plan whose id, name or alias is ``text``, whatever its case and accents."""
        wanted = fold(text.strip())
        return next(
            (p for p in self.plans if wanted in {fold(name) for name in (p.id, p.name, *p.aliases)}), None
        )


@cache
def load_terms(path: Path = PLANS) -> Terms:
    """Raises KeyError or ValueError for a file that lacks something."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    currency: str = data["currency"]
    plans = [_plan(entry, currency, data["yearly_months"]) for entry in data["plans"]]
    return Terms(
        currency=currency,
        plans=tuple(sorted(plans, key=lambda plan: plan.monthly.amount)),
        yearly_months=data["yearly_months"],
        quote_days=data["quote_days"],
        most_artists=data["most_artists"],
        minimum_withdrawal=Money.of(data["minimum_withdrawal"], currency),
        stores=tuple(data["stores"]),
        payout_days=(data["payout_days"][0], data["payout_days"][1]),
        review_days=data["review_days"],
        store_days=(data["store_days"][0], data["store_days"][1]),
        upload_weeks=data["upload_weeks"],
        audio_format=data["audio_format"],
        audio_bits=tuple(data["audio_bits"]),
        audio_khz=data["audio_khz"],
    )


def _plan(entry: dict[str, Any], currency: str, yearly_months: int) -> Plan:
    monthly = Money.of(entry["monthly"], currency)
    extra = entry.get("extra_artist")
    return Plan(
        id=PlanId(entry["id"]),
        name=entry["name"],
        aliases=tuple(entry["aliases"]),
        monthly=monthly,
        yearly=monthly * yearly_months,
        artists=entry["artists"],
        extra_artist=Money.of(extra, currency) if extra else None,
        releases=entry.get("releases"),
        stores=entry["stores"],
        royalties_kept=entry["royalties_kept"],
        best_for={language: entry["best_for"][language] for language in Language},
        support={language: entry["support"][language] for language in Language},
        extras={language: tuple(entry["extras"][language]) for language in Language},
    )
