"""What is told of a withdrawal before it can be proposed: what is lacking, and amounts that are none."""

from decimal import Decimal

from relevo.agents.tool import ToolError
from relevo.agents.unavailable import Unavailable
from relevo.domain.ids import CustomerRef
from relevo.domain.money import Money
from relevo.teams.music.backend.customers import Customer
from relevo.teams.music.backend.plans import load_terms
from relevo.teams.music.backend.port import LabelBackend
from relevo.teams.music.telling import shown


def missing(withdrawable: Money) -> Money | None:
    """What is lacking to the smallest withdrawal, if anything."""
    minimum = load_terms().minimum_withdrawal
    if withdrawable.currency != minimum.currency or withdrawable >= minimum:
        return None
    return minimum - withdrawable


async def left_after(backend: LabelBackend, customer: CustomerRef) -> str | None:
    """What can still be withdrawn; None where it cannot be looked up: the withdrawal is made all the same."""
    try:
        return shown((await backend.balance(customer)).withdrawable)
    except Unavailable:
        return None


async def other_currency(backend: LabelBackend, customer: Customer) -> ToolError:
    """No amount is converted: which it would be is not ours to say."""
    own, available = customer.currency, shown((await backend.balance(customer.ref)).withdrawable)
    return ToolError(
        "other_currency",
        {
            "es": f"Tu cuenta está en {own} y los retiros salen en {own}; no convierto otras monedas. "
            f"Tienes {available} disponibles: dime el monto en {own}.",
            "en": f"Your account is in {own} and withdrawals are made in {own}; I don't convert others. "
            f"You have {available} available: tell me the amount in {own}.",
        },
    )


def asked_amount(amount: Decimal, currency: str) -> Money:
    """Raises ToolError ``invalid_amount`` for what is no number, or none that anybody has."""
    try:
        return Money(amount, currency)
    except ValueError as error:
        raise ToolError(
            "invalid_amount",
            {
                "es": "Ese monto no se puede retirar. Dime una cifra, como 60 o 60.50.",
                "en": "That amount cannot be withdrawn. Give me a figure, such as 60 or 60.50.",
            },
        ) from error
