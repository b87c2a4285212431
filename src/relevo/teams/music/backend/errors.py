"""What the backend refuses, and why.

LabelError
├── UnknownCustomer
├── InvalidPeriod
├── KeyTaken                 the idempotency key was used for someone or something else
└── Refused                  carries a Reason to tell the customer
    ├── WithdrawalRefused
    │   ├── WithdrawalsFrozen
    │   ├── AccountNotVerified
    │   ├── AccountChanged
    │   ├── TaxFormExpired
    │   ├── TaxFormMissing
    │   ├── InvalidAmount
    │   ├── BelowMinimum
    │   └── InsufficientBalance
    ├── TakedownRefused
    │   ├── UnknownRelease
    │   ├── TakedownAlreadyRequested
    │   └── NotInStores
    ├── QuoteRefused
    └── SignupRefused
"""

from relevo.teams.music.backend.reasons import Reason


class LabelError(Exception):
    """Anything the backend says no to; a backend that cannot be reached raises its driver's own error."""


class UnknownCustomer(LabelError):
    """No customer of this project has that reference."""


class InvalidPeriod(LabelError):
    """Not a year, quarter or month: 2026, 2026-Q2, 2026-06."""


class KeyTaken(LabelError):
    """The idempotency key already stands for another customer's request."""


class Refused(LabelError):
    """``reason`` says to the customer why not, and what can be done."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.code)
        self.reason = reason


class WithdrawalRefused(Refused):
    pass


class WithdrawalsFrozen(WithdrawalRefused):
    pass


class AccountNotVerified(WithdrawalRefused):
    pass


class AccountChanged(WithdrawalRefused):
    pass


class TaxFormExpired(WithdrawalRefused):
    pass


class TaxFormMissing(WithdrawalRefused):
    pass


class InvalidAmount(WithdrawalRefused):
    pass


class BelowMinimum(WithdrawalRefused):
    pass


class InsufficientBalance(WithdrawalRefused):
    pass


class TakedownRefused(Refused):
    pass


class UnknownRelease(TakedownRefused):
    pass


class TakedownAlreadyRequested(TakedownRefused):
    pass


class NotInStores(TakedownRefused):
    pass


class QuoteRefused(Refused):
    pass


class SignupRefused(Refused):
    pass
