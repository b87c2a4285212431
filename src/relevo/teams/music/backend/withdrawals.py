"""Whether a customer may take money out now: the rule, in one place, without the database."""

from relevo.domain.money import Money
from relevo.teams.music.backend.customers import AccountState, Customer, TaxFormState
from relevo.teams.music.backend.errors import (
    AccountChanged,
    AccountNotVerified,
    BelowMinimum,
    InsufficientBalance,
    InvalidAmount,
    TaxFormExpired,
    TaxFormMissing,
    WithdrawalRefused,
    WithdrawalsFrozen,
)
from relevo.teams.music.backend.reasons import Reason
from relevo.teams.music.backend.royalties import Balance


def check(customer: Customer, balance: Balance, minimum: Money, amount: Money | None) -> Money:
    """The amount that may be paid: ``amount``, or with None all that is available.

    Refuses in this order: a frozen account, the payout account, the tax form, the amount; so that the
    first thing told is the one that must be cured first. Raises WithdrawalRefused.
    """
    refusal = _account(customer) or _tax_form(customer)
    if refusal is not None:
        raise refusal
    wanted = balance.withdrawable if amount is None else amount
    if amount is not None and (
        amount.currency != minimum.currency or amount != amount.rounded() or amount.amount <= 0
    ):
        values = {"amount": f"{amount.amount:f} {amount.currency}", "currency": minimum.currency}
        raise InvalidAmount(Reason("invalid_amount", values))
    if wanted < minimum:
        raise BelowMinimum(Reason("below_minimum", {"minimum": str(minimum), "amount": str(wanted)}))
    if wanted > balance.withdrawable:
        values = {"available": str(balance.withdrawable), "amount": str(wanted)}
        raise InsufficientBalance(Reason("insufficient_balance", values))
    return wanted


def _account(customer: Customer) -> WithdrawalRefused | None:
    if customer.frozen is not None:
        return WithdrawalsFrozen(customer.frozen)
    match customer.account.state:
        case AccountState.UNVERIFIED:
            return AccountNotVerified(Reason("account_unverified"))
        case AccountState.CHANGED:
            return AccountChanged(Reason("account_changed"))
        case AccountState.VERIFIED:
            return None


def _tax_form(customer: Customer) -> WithdrawalRefused | None:
    form = customer.tax_form
    if form.state is TaxFormState.MISSING:
        return TaxFormMissing(Reason("tax_form_missing"))
    if form.state is TaxFormState.EXPIRED:
        expired = {"expired_on": form.expires_on.isoformat()} if form.expires_on else {}
        return TaxFormExpired(Reason("tax_form_expired", expired))
    return None
