"""Statements, balances, payments and earnings."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from relevo.domain.money import Money
from relevo.teams.music.backend.reasons import Reason


@dataclass(frozen=True, slots=True)
class Balance:
    """``available`` can be withdrawn, ``held`` waits for ``reasons`` to be cured, ``in_payout`` was asked
    for, ``accruing`` is of periods not closed yet. Amounts are exact, below the cent too."""

    available: Money
    held: Money
    in_payout: Money
    accruing: Money
    reasons: tuple[Reason, ...] = ()

    @property
    def withdrawable(self) -> Money:
        """``available`` in whole cents, rounded down; zero when a correction has made it negative."""
        return max(self.available.rounded_down(), Money.zero(self.available.currency))


class StatementState(StrEnum):
    """Accruing: not closed yet. Available: closed, in the balance. Paid: transferred as a whole."""

    ACCRUING = "accruing"
    AVAILABLE = "available"
    ON_HOLD = "on_hold"
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class Statement:
    """What a period (``2026-Q2`` or ``2026-06``) brought, after the plan's share. ``hold`` when on hold."""

    period: str
    state: StatementState
    amount: Money
    hold: Reason | None = None
    due_on: date | None = None
    paid_on: date | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class StatementLine:
    """``isrc`` is None for a track that came without one; ``usage`` is stream, download, video or other."""

    store: str
    country: str
    title: str
    isrc: str | None
    usage: str
    units: int
    amount: Money


class PaymentKind(StrEnum):
    STATEMENT = "statement"
    WITHDRAWAL = "withdrawal"


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that went, or is going, to the customer: a paid statement or a withdrawal.

    ``state`` is paid, requested or failed; ``on`` the day it was paid, or else asked for.
    """

    kind: PaymentKind
    state: str
    amount: Money
    on: date | None
    reference: str | None
    period: str | None = None


class EarningsBy(StrEnum):
    PERIOD = "period"
    STORE = "store"
    COUNTRY = "country"
    TRACK = "track"


@dataclass(frozen=True, slots=True)
class EarningsLine:
    """``label`` is the period, store, country or track title. ``streams`` and ``stream_amount`` leave out
    downloads, videos and the rest, so that the figure per stream is one."""

    label: str
    amount: Money
    units: int
    streams: int
    stream_amount: Money

    @property
    def per_stream(self) -> Money | None:
        """What one stream brought, to six decimals; None without streams."""
        if not self.streams:
            return None
        each = (self.stream_amount.amount / self.streams).quantize(Decimal("0.000001"))
        return Money(each, self.stream_amount.currency)


@dataclass(frozen=True, slots=True)
class Earnings:
    """``lines`` are the largest groups (for periods: the newest); ``total`` counts every group."""

    by: EarningsBy
    period: str | None
    lines: tuple[EarningsLine, ...]
    total: EarningsLine


@dataclass(frozen=True, slots=True)
class Within:
    """What earnings are narrowed to: these stores (whatever their case), this country, these tracks. A track
    is its ISRC, or ``title:`` and its folded title where statements gave none."""

    stores: tuple[str, ...] = ()
    country: str | None = None
    tracks: tuple[str, ...] | None = None


EVERYTHING = Within()


class PayoutState(StrEnum):
    REQUESTED = "requested"
    PAID = "paid"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Payout:
    number: str
    amount: Money
    state: PayoutState
    requested_at: datetime
    account_hint: str | None = None
