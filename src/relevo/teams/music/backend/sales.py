"""Quotes and sign-ups."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from relevo.domain.money import Money

PlanId = NewType("PlanId", str)


class Billing(StrEnum):
    MONTHLY = "monthly"
    YEARLY = "yearly"


@dataclass(frozen=True, slots=True)
class QuoteRequest:
    """``plan`` None asks for the cheapest plan that holds the artists and the releases of a year."""

    artists: int
    releases: int
    billing: Billing = Billing.MONTHLY
    plan: PlanId | None = None


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """``item`` is plan or extra_artist; ``unit_price`` is for one billing period."""

    item: str
    quantity: int
    unit_price: Money
    amount: Money


@dataclass(frozen=True, slots=True)
class Quote:
    """``total`` is for one billing period; ``saving`` what a year costs less than twelve months."""

    number: str
    plan: PlanId
    billing: Billing
    artists: int
    releases: int
    lines: tuple[QuoteLine, ...]
    total: Money
    saving: Money
    expires_on: date


@dataclass(frozen=True, slots=True)
class SignupRequest:
    """``known_as`` is the artist's or label's name."""

    name: str
    email: str
    plan: PlanId
    known_as: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Signup:
    number: str
    plan: PlanId
    name: str
    email: str
    started_at: datetime
