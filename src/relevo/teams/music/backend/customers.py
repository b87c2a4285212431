"""Customers and what happened to their accounts."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from relevo.domain.ids import CustomerRef
from relevo.domain.signals import Language
from relevo.teams.music.backend.reasons import Reason
from relevo.teams.music.backend.sales import PlanId


class CustomerRole(StrEnum):
    ARTIST = "artist"
    LABEL = "label"


class AccountState(StrEnum):
    UNVERIFIED = "unverified"
    VERIFIED = "verified"
    CHANGED = "changed"


class TaxFormState(StrEnum):
    VALID = "valid"
    EXPIRED = "expired"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class PayoutAccount:
    """Where the customer is paid. ``hint`` names it without revealing it, such as ``bank ••4821``."""

    state: AccountState
    hint: str | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TaxForm:
    """``expires_on`` has passed when the state is expired."""

    state: TaxFormState
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Customer:
    """``known_as`` is the artist's or label's name; ``frozen`` why withdrawals are stopped, if they are.

    ``phone`` is E.164, ``country`` ISO 3166-1 alpha-2, ``currency`` what the account is kept in.
    """

    ref: CustomerRef
    role: CustomerRole
    name: str
    known_as: str
    plan: PlanId
    language: Language
    currency: str
    account: PayoutAccount
    tax_form: TaxForm
    frozen: Reason | None = None
    email: str | None = None
    phone: str | None = None
    country: str | None = None
    joined_on: date | None = None
