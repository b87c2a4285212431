"""The shapes of the API's answers, taken strictly: nothing missing, nothing unknown."""

from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, Field

from relevo.domain.signals import Language
from relevo.teams.music.backend.customers import AccountState, CustomerRole, TaxFormState
from relevo.teams.music.backend.reasons import Reason
from relevo.teams.music.backend.releases import DeliveryState, ReleaseState
from relevo.teams.music.backend.rest.scalars import (
    MOST_RELEASES,
    MOST_ROWS,
    MOST_TRACKS,
    Amount,
    Code,
    Count,
    Country,
    Currency,
    Isrc,
    Label,
    MoreThanNothing,
    NoLess,
    Period,
    Phone,
    Ref,
    Strict,
    Text,
    Values,
)
from relevo.teams.music.backend.royalties import EarningsBy, PaymentKind, PayoutState, StatementState
from relevo.teams.music.backend.sales import Billing


class Health(Strict):
    status: Text


class Problem(Strict):
    class Error(Strict):
        code: Ref
        values: Values = Field(default_factory=dict)

    error: Error


class ReasonOf(Strict):
    code: Code
    values: Values = Field(default_factory=dict)

    @property
    def reason(self) -> Reason:
        return Reason(self.code, dict(self.values))


class CustomerOf(Strict):
    class Account(Strict):
        state: AccountState
        hint: Text | None = None
        changed_at: AwareDatetime | None = None

    class TaxForm(Strict):
        state: TaxFormState
        expires_on: date | None = None

    ref: Ref
    role: CustomerRole
    name: Text
    known_as: Text
    plan: Ref
    language: Language
    currency: Currency
    account: Account
    tax_form: TaxForm
    frozen: ReasonOf | None = None
    email: Text | None = None
    phone: Phone | None = None
    country: Country | None = None
    joined_on: date | None = None


class CustomersFound(Strict):
    customers: Annotated[list[CustomerOf], Field(max_length=10)]


class Mine(Strict):
    """Whose the answer is: it must be who was asked for."""

    customer: Ref


class Paid(Mine):
    """An answer with amounts, all in the account's currency."""

    currency: Currency


class ReleaseOf(Strict):
    id: Ref
    title: Text
    artist: Text
    state: ReleaseState
    upc: Text
    release_date: date | None = None
    rejections: Annotated[list[ReasonOf], Field(max_length=50, default_factory=list)]


class ReleasesOf(Mine):
    releases: Annotated[list[ReleaseOf], Field(max_length=MOST_RELEASES)]


class DeliveryOf(Strict):
    store: Text
    state: DeliveryState
    live_on: date | None = None


class DeliveriesOf(Mine):
    release: Ref
    deliveries: Annotated[list[DeliveryOf], Field(max_length=MOST_ROWS)]


class TrackOf(Strict):
    release: Ref
    isrc: Isrc
    title: Text
    position: Annotated[int, Field(ge=1, le=10_000)]


class TracksOf(Mine):
    tracks: Annotated[list[TrackOf], Field(max_length=MOST_TRACKS)]


class BalanceOf(Paid):
    available: Amount
    held: NoLess
    in_payout: NoLess
    accruing: Amount
    reasons: Annotated[list[ReasonOf], Field(max_length=50, default_factory=list)]


class StatementPart(Strict):
    period: Period
    state: StatementState
    amount: Amount
    hold: ReasonOf | None = None
    due_on: date | None = None
    paid_on: date | None = None
    reference: Text | None = None


class StatementsOf(Paid):
    statements: Annotated[list[StatementPart], Field(max_length=MOST_ROWS)]


class LinePart(Strict):
    store: Text
    country: Country
    title: Text
    isrc: Text | None = None
    usage: Ref
    units: Count
    amount: Amount


class LinesOf(Paid):
    period: Period
    lines: Annotated[list[LinePart], Field(max_length=MOST_ROWS)]


class PaymentPart(Strict):
    kind: PaymentKind
    state: PayoutState
    amount: Amount
    on: date | None = None
    reference: Text | None = None
    period: Period | None = None


class PaymentsOf(Paid):
    payments: Annotated[list[PaymentPart], Field(max_length=MOST_ROWS)]


class GroupPart(Strict):
    label: Label
    amount: Amount
    units: Count
    streams: Count
    stream_amount: Amount


class EarningsWanted(Strict):
    """None narrows nothing; no tracks are no earnings."""

    by: EarningsBy
    limit: int
    periods: list[str] | None
    stores: list[str] | None
    country: str | None
    tracks: list[str] | None


class EarningsOf(Paid):
    by: EarningsBy
    lines: Annotated[list[GroupPart], Field(max_length=MOST_ROWS)]
    total: GroupPart


class WithdrawalWanted(Strict):
    amount: Amount
    currency: Ref


class WithdrawalOf(Paid):
    number: Ref
    amount: MoreThanNothing
    state: PayoutState
    requested_at: AwareDatetime
    account_hint: Text | None = None


class TakedownWanted(Strict):
    release: str


class TakedownOf(Mine):
    number: Ref
    release: Ref
    title: Text
    requested_at: AwareDatetime


class QuoteLineOf(Strict):
    item: Ref
    quantity: Annotated[int, Field(ge=0, le=10**6)]
    unit_price: NoLess
    amount: NoLess


class QuoteWanted(Strict):
    """What a quote says, computed by Relevo from its plans; the service numbers and keeps it."""

    holder: str
    plan: Ref
    billing: Billing
    artists: int
    releases: int
    currency: Currency
    lines: list[QuoteLineOf]
    total: NoLess
    saving: NoLess
    expires_on: date


class QuoteOf(QuoteWanted):
    number: Ref


class SignupWanted(Strict):
    holder: str
    name: str
    email: str
    plan: str
    known_as: str | None = None
    country: str | None = None


class SignupOf(Strict):
    holder: str
    number: Ref
    plan: Ref
    name: Text
    email: Text
    started_at: AwareDatetime
