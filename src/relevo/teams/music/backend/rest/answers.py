"""The shapes of the API's answers, taken strictly: nothing missing, nothing unknown, amounts as text."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

from relevo.domain.signals import Language
from relevo.teams.music.backend.customers import AccountState, CustomerRole, TaxFormState
from relevo.teams.music.backend.reasons import Reason, known_reasons
from relevo.teams.music.backend.releases import DeliveryState, ReleaseState
from relevo.teams.music.backend.royalties import EarningsBy, PaymentKind, PayoutState, StatementState
from relevo.teams.music.backend.sales import Billing

MOST_RELEASES = 1_000
MOST_TRACKS = 5_000
MOST_ROWS = 1_000

_AMOUNT = re.compile(r"-?(0|[1-9][0-9]{0,12})(\.[0-9]{1,8})?", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def _amount(value: Any) -> Decimal:
    """A JSON number is refused: on its way through floating point it may have become another."""
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str) or _AMOUNT.fullmatch(value) is None:
        raise ValueError("amounts are decimal text such as 182.40")
    return Decimal(value)


def _shown(value: str) -> str:
    if _CONTROL.search(value):
        raise ValueError("control characters")
    return value


def _known(code: str) -> str:
    if code not in known_reasons():
        raise ValueError(f"not a reason of the contract: {code}")
    return code


AMOUNT = {
    "type": "string",
    "pattern": f"^{_AMOUNT.pattern}$",
    "examples": ["182.40", "0.00345678"],
}

Amount = Annotated[
    Decimal,
    BeforeValidator(_amount),
    PlainSerializer(lambda value: f"{value:f}", when_used="json"),
    WithJsonSchema(AMOUNT),
]
"""Plain decimal text, at most 13 digits and 8 decimals, possibly negative (a correction)."""
NoLess = Annotated[Amount, Field(ge=0), WithJsonSchema(AMOUNT | {"description": "never negative"})]
"""Never negative."""
Text = Annotated[str, StringConstraints(min_length=1, max_length=300), AfterValidator(_shown)]
Ref = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_shown)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Period = Annotated[str, StringConstraints(pattern=r"^[12][0-9]{3}(-Q[1-4]|-(0[1-9]|1[0-2]))$")]
Count = Annotated[int, Field(ge=-(10**12), le=10**12)]
"""Units; corrections are negative."""
Values = Annotated[dict[Ref, Annotated[str, StringConstraints(max_length=300)]], Field(max_length=20)]


class Health(Strict):
    status: Text


class Problem(Strict):
    class Error(Strict):
        code: Ref
        values: Values = {}

    error: Error


class ReasonOf(Strict):
    code: Annotated[
        str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": sorted(known_reasons())})
    ]
    values: Values = {}

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
    phone: Annotated[str, StringConstraints(pattern=r"^\+[0-9]{7,15}$")] | None = None
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
    rejections: Annotated[list[ReasonOf], Field(max_length=50)] = []


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
    isrc: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[A-Z0-9]{3}[0-9]{7}$")]
    title: Text
    position: Annotated[int, Field(ge=1, le=10_000)]


class TracksOf(Mine):
    tracks: Annotated[list[TrackOf], Field(max_length=MOST_TRACKS)]


class BalanceOf(Paid):
    available: Amount
    held: NoLess
    in_payout: NoLess
    accruing: Amount
    reasons: Annotated[list[ReasonOf], Field(max_length=50)] = []


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
    label: Annotated[str, StringConstraints(max_length=300), AfterValidator(_shown)]
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
    amount: Annotated[Amount, Field(gt=0), WithJsonSchema(AMOUNT | {"description": "more than zero"})]
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
