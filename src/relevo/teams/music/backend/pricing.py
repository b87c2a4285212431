"""What a number of artists and releases costs: pure arithmetic over the plans."""

from dataclasses import dataclass

from relevo.domain.money import Money
from relevo.teams.music.backend.errors import QuoteRefused
from relevo.teams.music.backend.plans import Plan, Terms
from relevo.teams.music.backend.reasons import Reason
from relevo.teams.music.backend.sales import Billing, QuoteLine, QuoteRequest


@dataclass(frozen=True, slots=True)
class Price:
    """``total`` is for one billing period; ``saving`` what it is below twelve single months, for a year."""

    plan: Plan
    lines: tuple[QuoteLine, ...]
    total: Money
    saving: Money


def price(terms: Terms, request: QuoteRequest) -> Price:
    """The plan asked for, or the cheapest that holds the request. Raises QuoteRefused."""
    if request.artists < 1 or request.releases < 0:
        raise QuoteRefused(Reason("quote_out_of_range"))
    if request.artists > terms.most_artists:
        raise QuoteRefused(Reason("quote_needs_person", {"most": str(terms.most_artists)}))
    fitting = [
        _priced(terms, plan, request) for plan in terms.plans if plan.holds(request.artists, request.releases)
    ]
    cheapest = min(fitting, key=lambda priced: priced.total.amount)
    if request.plan is None:
        return cheapest
    for priced in fitting:
        if priced.plan.id == request.plan:
            return priced
    raise QuoteRefused(_why_not(terms, request, cheapest.plan))


def _priced(terms: Terms, plan: Plan, request: QuoteRequest) -> Price:
    months = terms.yearly_months if request.billing is Billing.YEARLY else 1
    lines = [QuoteLine("plan", 1, plan.monthly * months, plan.monthly * months)]
    extra = request.artists - plan.artists
    if extra > 0 and plan.extra_artist is not None:
        each = plan.extra_artist * months
        lines.append(QuoteLine("extra_artist", extra, each, each * extra))
    total = Money.total((line.amount for line in lines), terms.currency)
    saved_months = 12 - months if request.billing is Billing.YEARLY else 0
    a_month = Money(total.amount / months, terms.currency)
    return Price(plan, tuple(lines), total.rounded(), (a_month * saved_months).rounded())


def _why_not(terms: Terms, request: QuoteRequest, suggestion: Plan) -> Reason:
    plan = terms.plan(request.plan) if request.plan is not None else None
    if plan is None:
        return Reason("unknown_plan", {"plans": ", ".join(each.name for each in terms.plans)})
    values = {"plan": plan.name, "artists": str(request.artists), "releases": str(request.releases)}
    return Reason("plan_too_small", {**values, "suggestion": suggestion.name})
