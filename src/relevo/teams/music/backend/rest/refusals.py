"""What the service refuses, as the port's errors."""

from collections.abc import Mapping

from relevo.agents.unavailable import Unavailable
from relevo.teams.music.backend import errors
from relevo.teams.music.backend.reasons import Reason
from relevo.teams.music.backend.rest.wire import Declined

WITHDRAWAL: Mapping[str, type[errors.Refused]] = {
    "suspicious_login": errors.WithdrawalsFrozen,
    "fraud_review": errors.WithdrawalsFrozen,
    "account_unverified": errors.AccountNotVerified,
    "account_changed": errors.AccountChanged,
    "tax_form_expired": errors.TaxFormExpired,
    "tax_form_missing": errors.TaxFormMissing,
    "invalid_amount": errors.InvalidAmount,
    "below_minimum": errors.BelowMinimum,
    "insufficient_balance": errors.InsufficientBalance,
}
TAKEDOWN: Mapping[str, type[errors.Refused]] = {
    "unknown_release": errors.UnknownRelease,
    "takedown_already_requested": errors.TakedownAlreadyRequested,
    "not_in_stores": errors.NotInStores,
}
SIGNUP: Mapping[str, type[errors.Refused]] = dict.fromkeys(
    ("invalid_name", "invalid_email", "unknown_plan"), errors.SignupRefused
)


def refused(declined: Declined, known: Mapping[str, type[errors.Refused]]) -> Exception:
    """The port's error for a refusal; a code that the contract does not know here tells a person nothing."""
    kind = known.get(declined.code)
    if kind is None:
        return Unavailable(f"refused for a reason that the contract does not have: {declined.code}")
    return kind(Reason(declined.code, dict(declined.values)))
