"""Money, plans, prices, periods, telephones and titles: the rules that need no database."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relevo.domain.money import CurrencyMismatch, Money
from relevo.domain.signals import Language
from relevo.teams.music.backend.errors import InvalidPeriod, QuoteRefused
from relevo.teams.music.backend.periods import periods_within, statement_period
from relevo.teams.music.backend.phones import spellings
from relevo.teams.music.backend.plans import load_terms
from relevo.teams.music.backend.pricing import price
from relevo.teams.music.backend.releases import Release, ReleaseId, ReleaseState
from relevo.teams.music.backend.sales import Billing, PlanId, QuoteRequest
from relevo.teams.music.backend.titles import find

cents = st.decimals(min_value="-99999999", max_value="99999999", places=8)


@given(cents, cents)
def test_money_is_exact_and_shown_in_cents(one: Decimal, other: Decimal) -> None:
    together = Money(one, "USD") + Money(other, "USD")
    assert together.amount == one + other
    assert together - Money(other, "USD") == Money(one, "USD")
    assert abs(together.rounded().amount - together.amount) <= Decimal("0.005")
    assert abs(together.rounded_down().amount) <= abs(together.amount)


def test_currencies_never_mix() -> None:
    with pytest.raises(CurrencyMismatch):
        Money.of("1", "USD") + Money.of("1", "EUR")
    with pytest.raises(CurrencyMismatch):
        _ = Money.of("1", "USD") < Money.of("2", "EUR")
    with pytest.raises(CurrencyMismatch):
        Money.total([Money.of("1", "EUR")], "USD")
    assert Money.of("1", "USD") != Money.of("1", "EUR")


@pytest.mark.parametrize(
    ("amount", "currency"), [("NaN", "USD"), ("Infinity", "USD"), ("1e15", "USD"), ("1", "usd"), ("1", "$")]
)
def test_what_is_no_money_is_refused(amount: str, currency: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        Money.of(amount, currency)


def test_money_as_people_read_it() -> None:
    assert str(Money.of("1284.554999")) == "1,284.55 USD"
    assert str(Money.of("1284.5", "CLP")) == "1,284 CLP"
    assert Money.of("99.999").rounded_down() == Money.of("99.99")


def test_the_plans_are_as_they_are_sold() -> None:
    terms = load_terms()
    assert [(plan.name, str(plan.monthly)) for plan in terms.plans] == [
        ("Básico", "19.99 USD"),
        ("Pro", "49.99 USD"),
        ("Label", "99.99 USD"),
    ]
    assert all(plan.yearly < plan.monthly * 12 for plan in terms.plans)
    assert terms.minimum_withdrawal == Money.of("50")
    for plan in terms.plans:
        for language in Language:
            assert plan.support[language] and plan.best_for[language] and plan.extras[language]
    for text, plan_id in [
        ("BASICO", "basico"),
        (" básico ", "basico"),
        ("basic", "basico"),
        ("Sello", "label"),
    ]:
        named = terms.plan_named(text)
        assert named is not None and named.id == plan_id
    assert terms.plan_named("gold") is None


@given(st.integers(1, 500), st.integers(0, 5_000), st.sampled_from(Billing))
def test_the_price_is_the_cheapest_that_fits(artists: int, releases: int, billing: Billing) -> None:
    terms = load_terms()
    best = price(terms, QuoteRequest(artists, releases, billing))
    assert best.plan.holds(artists, releases)
    assert Money.total((line.amount for line in best.lines), "USD") == best.total
    for plan in terms.plans:
        request = QuoteRequest(artists, releases, billing, plan.id)
        if plan.holds(artists, releases):
            assert best.total <= price(terms, request).total
        else:
            with pytest.raises(QuoteRefused) as refused:
                price(terms, request)
            assert best.plan.name in refused.value.reason.fix(Language.ES)
    yearly = price(terms, QuoteRequest(artists, releases, Billing.YEARLY, best.plan.id))
    monthly = price(terms, QuoteRequest(artists, releases, Billing.MONTHLY, best.plan.id))
    assert yearly.total + yearly.saving == monthly.total * 12
    assert not monthly.saving


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (QuoteRequest(0, 1), "quote_out_of_range"),
        (QuoteRequest(1, -1), "quote_out_of_range"),
        (QuoteRequest(501, 1), "quote_needs_person"),
        (QuoteRequest(1, 1, plan=PlanId("gold")), "unknown_plan"),
        (QuoteRequest(2, 1, plan=PlanId("basico")), "plan_too_small"),
    ],
)
def test_what_cannot_be_quoted_says_why(request_: QuoteRequest, code: str) -> None:
    with pytest.raises(QuoteRefused) as refused:
        price(load_terms(), request_)
    assert refused.value.reason.code == code


def test_periods() -> None:
    assert statement_period(" 2026-q2 ") == "2026-Q2"
    assert periods_within("2026-06") == ["2026-06"]
    assert periods_within("2026-Q2") == ["2026-Q2", "2026-04", "2026-05", "2026-06"]
    assert len(periods_within("2026")) == 16
    for text in ("2026-00", "26-Q1", "2026-Q2-01", "٢٠٢٦"):
        with pytest.raises(InvalidPeriod):
            periods_within(text)
    with pytest.raises(InvalidPeriod):
        statement_period("2026")


@pytest.mark.parametrize(
    ("phone", "numbers"),
    [
        ("+5215550000001", ["+5215550000001", "+525550000001"]),
        ("+52 (555) 000-0001", ["+525550000001", "+5215550000001"]),
        ("+5491122223333", ["+5491122223333", "+541122223333"]),
        ("+541122223333", ["+541122223333", "+5491122223333"]),
        ("+15550000003", ["+15550000003"]),
        ("15550000003", []),
        ("+1555000000312345678", []),
        ("anonymous", []),
    ],
)
def test_telephones_and_their_spellings(phone: str, numbers: list[str]) -> None:
    assert spellings(phone) == numbers


def release(number: int, title: str) -> Release:
    return Release(ReleaseId(str(number)), title, "A", ReleaseState.LIVE, "036000291452")


CATALOGUE = [
    release(number, title)
    for number, title in enumerate(
        [
            "Luz",
            "Luz de Enero",
            "Nocturna",
            "Marea",
            "Último Metro",
            "24/7",
            "Mañana",
            "¡Ay!",
            "Agua Dulce",
            "Agua Dulce",
        ]
    )
]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("luz de enero", "Luz de Enero"),
        ("mi luz", "Luz"),
        ("por qué rechazaron LUZ DE ENERO??", "Luz de Enero"),
        ("luz de henero", "Luz de Enero"),
        ("mareas", "Marea"),
        ("ultimo metro", "Último Metro"),
        ("la cancion 24/7 no aparece", "24/7"),
        ("manana", "Mañana"),
        ("necesito saber de nocturno", "Nocturna"),
        ("ay", "¡Ay!"),
    ],
)
def test_the_release_that_is_meant_is_found(text: str, title: str) -> None:
    found = find(text, CATALOGUE).found
    assert found is not None and found.title == title


def test_what_is_not_sure_is_offered_not_guessed() -> None:
    both = find("agua dulce", CATALOGUE)
    assert both.found is None and [each.title for each in both.close] == ["Agua Dulce"] * 2
    assert find("hola, necesito ayuda con mi cuenta", CATALOGUE).found is None
    assert find("marca", CATALOGUE).found is None
    assert [each.title for each in find("enero", CATALOGUE).close] == ["Luz de Enero"]
    assert find("", CATALOGUE).close == () and find("🙂", CATALOGUE).close == ()


@given(st.text(max_size=2_000))
def test_any_text_can_be_looked_for(text: str) -> None:
    assert len(find(text, CATALOGUE).close) <= 5
