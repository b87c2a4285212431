"""What Royalties can do: balance, earnings, what a payment is made of, and a withdrawal once confirmed."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from relevo.agents.tool import Proposal, ToolContext, ToolError, tool
from relevo.domain.ids import CustomerRef
from relevo.domain.money import Money
from relevo.domain.signals import Language
from relevo.teams.music.backend.customers import Customer
from relevo.teams.music.backend.errors import UnknownCustomer, WithdrawalRefused
from relevo.teams.music.backend.plans import load_terms
from relevo.teams.music.backend.port import LabelBackend
from relevo.teams.music.backend.reasons import Reason
from relevo.teams.music.backend.royalties import (
    EarningsBy,
    Payment,
    Statement,
    StatementState,
)
from relevo.teams.music.countries import country_name
from relevo.teams.music.currencies import may_be
from relevo.teams.music.earnings_told import by_artist, compared, cut_of, told_earnings
from relevo.teams.music.periods import quarter_of
from relevo.teams.music.shared_tools import check_identity as check_identity
from relevo.teams.music.shared_tools import get_ticket as get_ticket
from relevo.teams.music.shared_tools import search_help as search_help
from relevo.teams.music.telling import SPOKEN_OF, distributor, refusals_told, shown, told
from relevo.teams.music.withdrawals_told import asked_amount, left_after, missing, other_currency

Period = Annotated[str, Field(max_length=10, description="a year, quarter or month: 2026, 2026-Q2, 2026-06")]

Name = Annotated[str, Field(max_length=60)]

_AMOUNT_IS_NOT_THE_ACCOUNT = frozenset({"below_minimum", "insufficient_balance", "invalid_amount"})


@tool()
async def get_balance(context: ToolContext) -> dict[str, Any]:
    """The balance: available, held and why, in payout, accruing; the minimum; what blocks withdrawals."""
    backend, customer = await _customer(context)
    context.learn(SPOKEN_OF, "balance")
    balance = await backend.balance(customer.ref)
    blocked = await _blocked(backend, customer.ref)
    reasons = list(balance.reasons)
    return {
        "available": shown(balance.withdrawable),
        "held": shown(balance.held) if balance.held else None,
        "reasons": [told(reason, context.language) for reason in reasons],
        "in_payout": shown(balance.in_payout) if balance.in_payout else None,
        "accruing": shown(balance.accruing) if balance.accruing else None,
        "minimum": shown(load_terms().minimum_withdrawal),
        "missing": shown(missing(balance.withdrawable)),
        "enough": missing(balance.withdrawable) is None,
        "blocked": told(blocked, context.language) if blocked else None,
        "currency": customer.currency,
        "account": customer.account.hint,
    }


@tool()
async def get_withdrawal_terms(context: ToolContext) -> dict[str, Any]:
    """The smallest withdrawal and how long one takes; for a known customer also what they have and miss.

    Returns ``minimum``, ``payout_days`` (working days, at least and at most), ``yours`` (what they can
    withdraw, None for a stranger), ``missing`` (to the minimum, or None), ``enough`` and ``blocked``.
    """
    terms = load_terms()
    found: dict[str, Any] = {
        "minimum": shown(terms.minimum_withdrawal),
        "payout_days": list(terms.payout_days),
        "yours": None,
        "missing": None,
        "enough": False,
        "blocked": None,
    }
    if context.person.customer is None:
        return found
    balance = await get_balance.function(context)
    own = {name: balance[name] for name in ("missing", "enough", "blocked")}
    return {**found, **own, "yours": balance["available"]}


@tool()
async def get_earnings(
    context: ToolContext,
    by: EarningsBy = EarningsBy.PERIOD,
    period: Period | None = None,
    stores: Annotated[list[Name] | None, Field(max_length=10, description="only from these stores")] = None,
    country: Annotated[
        str | None, Field(max_length=2, description="only from this country (ISO code)")
    ] = None,
    title: Annotated[
        str | None, Field(max_length=400, description="only from this release, track or artist")
    ] = None,
    streams: Annotated[
        int | None, Field(ge=1, le=10**12, description="to estimate what so many streams would bring")
    ] = None,
    compare: Annotated[list[Period] | None, Field(max_length=6, description="periods to compare")] = None,
) -> dict[str, Any]:
    """What was earned, by period, store, country or track, with streams and the amount per stream.

    ``stores``, ``country`` and ``title`` narrow it (``cut`` says to what). Returns the largest ``lines``, the
    ``total`` of all that, ``compared`` (the periods to compare), ``estimate`` (of ``streams``), ``instead``
    (what there is where the cut has nothing) and ``newest`` (the newest period, where there is nothing).
    """
    backend, customer = await _customer(context)
    context.learn(SPOKEN_OF, "earnings")
    context.learn("earnings_by", by.value)
    if stores:
        context.learn("earnings_stores", list(stores))
    with refusals_told():
        cut = await cut_of(context, backend, customer.ref, stores or (), country, title)
        told_all = await told_earnings(context, backend, customer.ref, by, period, cut, streams)
        return told_all | {"compared": await compared(context, backend, customer.ref, compare or (), cut)}


@tool()
async def get_artist_earnings(context: ToolContext, period: Period | None = None) -> dict[str, Any]:
    """What each artist of the account earned, the most first, in all or in a period; with plays."""
    backend, customer = await _customer(context)
    context.learn(SPOKEN_OF, "earnings")
    with refusals_told():
        return {"period": period, "artists": await by_artist(context, backend, customer.ref, period)}


@tool()
async def explain_payment(context: ToolContext, period: Period | None = None) -> dict[str, Any]:
    """Explains a payment: a period's statement and its largest lines, whether it is paid, on hold and why.

    Without a period, the newest statements. Returns ``statements`` (newest first), ``held`` (those on hold),
    ``next`` (the one to be paid next), ``last_payment``, ``in_transit`` (withdrawals on their way), ``lines``
    and ``blocked`` (what stops withdrawals, or None).
    """
    backend, customer = await _customer(context)
    context.learn(SPOKEN_OF, "payment")
    with refusals_told():
        statements = await _statements(backend, customer.ref, period)
        payments = await backend.payments(customer.ref)
        blocked = await _blocked(backend, customer.ref)
        everything = statements if period is None else await backend.statements(customer.ref)
        lines = (
            await backend.statement_lines(customer.ref, statements[0].period, 5)
            if period and statements
            else ()
        )
    if period and len(statements) == 1:
        context.learn("period", statements[0].period)
    language = context.language
    ahead = [each for each in everything if each.state is StatementState.ACCRUING]
    return {
        "period": period,
        "statements": [_statement(each, language) for each in statements[:6]],
        "held": [_statement(each, language) for each in everything if each.state is StatementState.ON_HOLD],
        "next": _statement(ahead[-1], language) if ahead else None,
        "last_payment": next((_payment(each) for each in payments if each.state == "paid"), None),
        "in_transit": [_payment(each) for each in payments if each.state == "requested"],
        "lines": [
            {
                "title": line.title,
                "store": line.store,
                "country": country_name(line.country, language),
                "usage": line.usage,
                "units": line.units,
                "amount": shown(line.amount),
            }
            for line in lines
        ],
        "blocked": told(blocked, language) if blocked else None,
        "payout_days": list(load_terms().payout_days),
    }


@tool(confirm=True)
async def request_withdrawal(
    context: ToolContext,
    amount: Annotated[
        Decimal | None,
        Field(max_digits=18, decimal_places=12, description="leave out for all that is available"),
    ] = None,
    currency: Annotated[
        str | None, Field(max_length=20, description="the amount's, as the customer said it; else leave out")
    ] = None,
) -> Proposal:
    """Proposes a withdrawal to the customer's verified account; it is made only after they confirm."""
    backend, customer = await _customer(context)
    context.learn(SPOKEN_OF, "withdrawal")
    if currency is not None and not may_be(currency, customer.currency):
        raise await other_currency(backend, customer)
    wanted = None if amount is None else asked_amount(amount, customer.currency)
    with refusals_told():
        checked = await backend.check_withdrawal(customer.ref, wanted)
        balance = await backend.balance(customer.ref)
    return Proposal(
        arguments={"amount": str(checked.amount), "currency": checked.currency},
        shown={
            "amount": shown(checked),
            "account": customer.account.hint,
            "available": shown(balance.withdrawable),
            "left": shown(balance.withdrawable - checked),
        },
    )


@request_withdrawal.confirmed
async def withdraw(context: ToolContext, amount: str, currency: str) -> dict[str, Any]:
    """Takes exactly the confirmed amount out of the balance."""
    backend, customer = await _customer(context)
    with refusals_told():
        payout = await backend.request_withdrawal(
            customer.ref, Money(Decimal(str(amount)), currency), context.idempotency_key
        )
    left = await left_after(backend, customer.ref)
    context.learn(SPOKEN_OF, "requested")
    return {
        "number": payout.number,
        "amount": shown(payout.amount),
        "account": payout.account_hint,
        "state": payout.state.value,
        "left": left,
        "payout_days": list(load_terms().payout_days),
    }


async def _customer(context: ToolContext) -> tuple[LabelBackend, Customer]:
    """Raises NotIdentified for a person we do not know."""
    ref = context.customer()
    backend = distributor(context)
    with refusals_told():
        customer = await backend.customer_by_ref(ref)
        if customer is None:
            raise UnknownCustomer(ref)
    return backend, customer


async def _blocked(backend: LabelBackend, customer: CustomerRef) -> Reason | None:
    """Why nothing can be withdrawn now whatever the amount: a freeze, the account, the tax form."""
    try:
        await backend.check_withdrawal(customer)
    except WithdrawalRefused as error:
        return None if error.reason.code in _AMOUNT_IS_NOT_THE_ACCOUNT else error.reason
    return None


async def _statements(
    backend: LabelBackend, customer: CustomerRef, period: str | None
) -> tuple[Statement, ...]:
    """All of a year or quarter, a month's own or else its quarter's; without a period, the newest."""
    newest = await backend.statements(customer)
    if period is None:
        return newest
    own = tuple(each for each in newest if each.period == period)
    within = own or tuple(
        each for each in newest if each.period.startswith(period) or quarter_of(each.period) == period
    )
    if not within and (quarter := quarter_of(period)):
        within = tuple(each for each in newest if each.period == quarter)
    if not within:
        having = ", ".join(each.period for each in newest[:6])
        raise ToolError(
            "no_statement",
            {
                "es": f"No tienes un estado de cuenta de {period}."
                + (f" Los más recientes son {having}." if having else " Todavía no se ha cerrado ninguno."),
                "en": f"You have no statement for {period}."
                + (f" The newest are {having}." if having else " None has been closed yet."),
            },
        )
    return within


def _statement(statement: Statement, language: Language) -> dict[str, Any]:
    return {
        "period": statement.period,
        "state": statement.state.value,
        "amount": shown(statement.amount),
        "hold": told(statement.hold, language) if statement.hold else None,
        "due_on": statement.due_on.isoformat() if statement.due_on else None,
        "paid_on": statement.paid_on.isoformat() if statement.paid_on else None,
        "reference": statement.reference,
    }


def _payment(payment: Payment) -> dict[str, Any]:
    return {
        "kind": payment.kind.value,
        "state": payment.state,
        "amount": shown(payment.amount),
        "on": payment.on.isoformat() if payment.on else None,
        "reference": payment.reference,
        "period": payment.period,
    }
