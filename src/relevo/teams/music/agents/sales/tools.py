"""What Sales can do: show and compare plans, compute a quote, start a sign-up."""

from typing import Annotated, Any

from pydantic import Field

from relevo.agents.tool import ToolContext, ToolError, tool
from relevo.domain.signals import Language
from relevo.teams.music.backend.errors import QuoteRefused
from relevo.teams.music.backend.plans import Plan, Terms, load_terms
from relevo.teams.music.backend.pricing import price
from relevo.teams.music.backend.reasons import Reason
from relevo.teams.music.backend.sales import Billing, PlanId, Quote, QuoteRequest, SignupRequest
from relevo.teams.music.shared_tools import check_identity as check_identity
from relevo.teams.music.shared_tools import get_terms as get_terms
from relevo.teams.music.shared_tools import get_ticket as get_ticket
from relevo.teams.music.shared_tools import search_help as search_help
from relevo.teams.music.telling import SPOKEN_OF, distributor, refusal, refusals_told, shown

PlanName = Annotated[str, Field(max_length=40, description="Básico, Pro or Label")]
Artists = Annotated[int, Field(ge=1, le=100_000, description="how many artists")]
Releases = Annotated[int, Field(ge=0, le=1_000_000, description="how many releases a year")]


@tool()
async def get_plans(
    context: ToolContext,
    plan: PlanName | None = None,
    artists: Artists | None = None,
    releases: Releases | None = None,
    compare: Annotated[list[PlanName] | None, Field(max_length=10, description="plans to compare")] = None,
) -> dict[str, Any]:
    """The plans with prices and what each includes; for a number of artists, what each that fits costs.

    Returns ``plans``, ``asked`` (the one named), ``compared`` (those to compare, else all), ``fits`` (from
    the cheapest, with monthly and yearly totals), ``asked_fit`` (the one of them that was named, or None),
    ``current`` (the customer's own plan, or None), ``stores``, ``free_months`` and ``quote_days``.
    """
    terms = load_terms()
    context.learn(SPOKEN_OF, "plans")
    named = {_plan(terms, name).id for name in compare or ()}
    if releases:
        context.learn("releases", releases)
    asked = _plan(terms, plan) if plan else None
    fits = _fits(terms, artists, releases or 0) if artists else []
    if fits:
        context.learn("recommended_plan", fits[0]["name"])
    return {
        "plans": [_told(each, context.language) for each in terms.plans],
        "asked": _told(asked, context.language) if asked else None,
        "compared": [_told(each, context.language) for each in terms.plans if each.id in named or not named],
        "fits": fits,
        "asked_fit": next((fit for fit in fits if asked and fit["name"] == asked.name), None),
        "artists": artists,
        "current": await _current(context, terms),
        "stores": list(terms.stores),
        "free_months": 12 - terms.yearly_months,
        "quote_days": terms.quote_days,
    }


@tool(effect=True)
async def create_quote(
    context: ToolContext,
    artists: Artists,
    releases: Releases,
    billing: Billing = Billing.MONTHLY,
    plan: PlanName | None = None,
) -> dict[str, Any]:
    """A computed, numbered quote for a number of artists and of releases a year, billed monthly or yearly.

    Without a plan, the cheapest that holds them. Returns the lines, the period's total and the expiry.
    """
    terms = load_terms()
    context.learn(SPOKEN_OF, "plans")
    chosen = _plan(terms, plan).id if plan else None
    with refusals_told():
        quote = await distributor(context).create_quote(
            _holder(context), QuoteRequest(artists, releases, billing, chosen), context.idempotency_key
        )
    result = _quoted(terms, quote)
    context.learn("plan_of_interest", result["plan"])
    context.learn("artists", artists)
    context.learn("releases", releases)
    context.learn("quote", {"number": quote.number, "expires_on": result["expires_on"]})
    return result


@tool(effect=True)
async def start_signup(
    context: ToolContext,
    plan: PlanName,
    name: Annotated[str, Field(max_length=120, description="the person's name")],
    email: Annotated[str, Field(max_length=254)],
    known_as: Annotated[str | None, Field(max_length=120, description="artist or label name")] = None,
) -> dict[str, Any]:
    """Starts the sign-up of a new customer for a plan, with their name and e-mail; returns its number."""
    terms = load_terms()
    chosen = _plan(terms, plan)
    if (current := await _current(context, terms)) is not None:
        raise _already_customer(current, chosen)
    country = context.state.facts.get("country")
    with refusals_told():
        signup = await distributor(context).create_signup(
            _holder(context),
            SignupRequest(name, email, chosen.id, known_as, country if isinstance(country, str) else None),
            context.idempotency_key,
        )
    context.learn("plan_of_interest", chosen.name)
    context.learn("name", signup.name)
    return {
        "number": signup.number,
        "plan": chosen.name,
        "price": shown(chosen.monthly),
        "name": signup.name,
        "email": signup.email,
        "started_at": signup.started_at.isoformat(),
    }


def _already_customer(current: str, wanted: Plan) -> ToolError:
    """A customer changes their plan instead of signing up anew."""
    if wanted.name == current:
        es, en = "no hace falta registrarte otra vez.", "there is no need to sign up again."
    else:
        price, year = wanted.monthly, wanted.yearly
        es = (
            f"pasarte a {wanted.name} ({price} al mes, o {year} al año) se hace en Cuenta → Plan; ahí ves, "
            "antes de aceptar, cuánto se cobra hoy. Tu música y tus estadísticas siguen igual."
        )
        en = (
            f"moving to {wanted.name} ({price} a month, or {year} a year) is done under Account → Plan; "
            "there you see, before you accept, what is charged today. Your music and statistics stay."
        )
    return ToolError(
        "already_customer",
        {"es": f"Ya tienes cuenta, en {current}: {es}", "en": f"You are on {current} already: {en}"},
    )


def _holder(context: ToolContext) -> str:
    return context.person.customer or context.person.id


async def _current(context: ToolContext, terms: Terms) -> str | None:
    """The name of the plan the customer has."""
    if context.person.customer is None:
        return None
    customer = await distributor(context).customer_by_ref(context.person.customer)
    plan = terms.plan(customer.plan) if customer else None
    return plan.name if plan else None


def _plan(terms: Terms, named: str) -> Plan:
    plan = terms.plan(PlanId(named)) or terms.plan_named(named)
    if plan is None:
        raise refusal(Reason("unknown_plan", {"plans": ", ".join(each.name for each in terms.plans)}))
    return plan


def _fits(terms: Terms, artists: int, releases: int) -> list[dict[str, Any]]:
    """Each plan that holds them with its totals, from the cheapest. Raises ToolError beyond the largest."""
    found = []
    for plan in terms.plans:
        try:
            monthly = price(terms, QuoteRequest(artists, releases, Billing.MONTHLY, plan.id))
            yearly = price(terms, QuoteRequest(artists, releases, Billing.YEARLY, plan.id))
        except QuoteRefused as error:
            if error.reason.code == "plan_too_small":
                continue
            raise refusal(error.reason) from error
        found.append((monthly.total.amount, plan, monthly.total, yearly.total))
    return [
        {
            "name": plan.name,
            "monthly": shown(monthly),
            "yearly": shown(yearly),
            "included": plan.artists,
            "extra": max(0, artists - plan.artists),
        }
        for _, plan, monthly, yearly in sorted(found, key=lambda fit: fit[0])
    ]


def _told(plan: Plan, language: Language) -> dict[str, Any]:
    return {
        "name": plan.name,
        "monthly": shown(plan.monthly),
        "yearly": shown(plan.yearly),
        "artists": plan.artists,
        "extra_artist": shown(plan.extra_artist),
        "releases": plan.releases,
        "stores": plan.stores,
        "royalties_kept": plan.royalties_kept,
        "best_for": plan.best_for[language],
        "support": plan.support[language],
        "extras": list(plan.extras[language]),
    }


def _quoted(terms: Terms, quote: Quote) -> dict[str, Any]:
    plan = terms.plan(quote.plan)
    return {
        "number": quote.number,
        "plan": plan.name if plan else quote.plan,
        "billing": quote.billing.value,
        "artists": quote.artists,
        "releases": quote.releases,
        "lines": [
            {
                "item": line.item,
                "quantity": line.quantity,
                "unit_price": shown(line.unit_price),
                "amount": shown(line.amount),
            }
            for line in quote.lines
        ],
        "total": shown(quote.total),
        "saving": shown(quote.saving) if quote.saving else None,
        "expires_on": quote.expires_on.isoformat(),
    }
