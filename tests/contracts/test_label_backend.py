"""What every LabelBackend must do, shown on the three named customers of the demonstration."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import pytest_asyncio
from pydantic import SecretStr
from tests.support.label_server import KEY, LabelServer

from relevo.domain.clock import ManualClock
from relevo.domain.ids import CustomerRef, ProjectId
from relevo.domain.money import Money
from relevo.domain.signals import Language
from relevo.storage.database import Database
from relevo.teams.music.backend.customers import AccountState, CustomerRole, TaxFormState
from relevo.teams.music.backend.errors import (
    BelowMinimum,
    InsufficientBalance,
    InvalidAmount,
    InvalidPeriod,
    KeyTaken,
    NotInStores,
    QuoteRefused,
    SignupRefused,
    TakedownAlreadyRequested,
    TaxFormExpired,
    UnknownCustomer,
    UnknownRelease,
    WithdrawalsFrozen,
)
from relevo.teams.music.backend.plans import load_terms
from relevo.teams.music.backend.port import LabelBackend
from relevo.teams.music.backend.postgres import PostgresLabelBackend
from relevo.teams.music.backend.releases import DeliveryState, ReleaseId, ReleaseState
from relevo.teams.music.backend.rest import Access, LabelApi, RestLabelBackend
from relevo.teams.music.backend.royalties import EarningsBy, PaymentKind, PayoutState, StatementState, Within
from relevo.teams.music.backend.sales import Billing, PlanId, QuoteRequest, SignupRequest
from relevo.teams.music.demo.load import store
from relevo.teams.music.demo.named import add_named
from relevo.teams.music.demo.rows import Rows

ANA, BRUNO, CARLA = CustomerRef("ana"), CustomerRef("bruno"), CustomerRef("carla")
NOBODY = CustomerRef("nobody")
NOW = datetime(2026, 8, 20, 15, 0, tzinfo=UTC)


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


async def release_of(backend: LabelBackend, customer: CustomerRef, title: str) -> ReleaseId:
    found = (await backend.find_release(customer, title)).found
    assert found is not None
    return found.id


class LabelBackendContract:
    """Subclasses bring a ``backend`` fixture that holds the three named customers, at ``NOW``."""

    async def test_customers_are_known_by_reference_and_by_telephone(self, backend: LabelBackend) -> None:
        ana = await backend.customer_by_ref(ANA)
        assert ana is not None
        assert (ana.known_as, ana.plan, ana.country, ana.language) == ("Ana Luz", "pro", "MX", Language.ES)
        assert ana.account.state is AccountState.VERIFIED and ana.frozen is None
        for spelling in ("+5215550000001", "+525550000001", "+52 1 555 000-0001"):
            assert await backend.customer_by_phone(spelling) == ana
        bruno = await backend.customer_by_phone("+573000000002")
        assert bruno is not None and bruno.role is CustomerRole.LABEL
        assert (bruno.tax_form.state, bruno.tax_form.expires_on) == (TaxFormState.EXPIRED, date(2026, 6, 30))

    @pytest.mark.parametrize("phone", ["", "5215550000001", "+52", "+5215550000009", "' OR 1=1", "+" * 99])
    async def test_any_other_telephone_is_nobody(self, backend: LabelBackend, phone: str) -> None:
        assert await backend.customer_by_phone(phone) is None
        assert await backend.customer_by_ref(NOBODY) is None

    async def test_releases_with_the_newest_first(self, backend: LabelBackend) -> None:
        releases = await backend.releases(ANA)
        assert [release.title for release in releases] == ["Luz de Enero", "Nocturna", "Ciudad Dormida"]
        assert [release.title for release in await backend.releases(ANA, limit=1)] == ["Luz de Enero"]
        assert await backend.releases(NOBODY) == ()

    async def test_a_rejected_release_says_why(self, backend: LabelBackend) -> None:
        found = (await backend.find_release(ANA, "LUZ DE ENERO")).found
        assert found is not None and found.state is ReleaseState.REJECTED
        small, address = found.rejections
        assert "1400x1400" in small.text(Language.ES) and "3000x3000" in small.fix(Language.EN)
        assert address.code == "artwork_web_address"

    async def test_a_release_is_found_in_a_sentence_and_misspelt(self, backend: LabelBackend) -> None:
        for text in ("nocturna", "¿qué pasó con mi lanzamiento Nocturna?", "noctruna", "NÓCTURNA"):
            found = (await backend.find_release(ANA, text)).found
            assert found is not None and found.title == "Nocturna"
        assert (await backend.find_release(ANA, "Marea")).found is None
        assert (await backend.find_release(ANA, "")).found is None

    async def test_deliveries_and_tracks(self, backend: LabelBackend) -> None:
        night = await release_of(backend, ANA, "Nocturna")
        deliveries = await backend.deliveries(ANA, night)
        assert [delivery.store for delivery in deliveries] == sorted(load_terms().stores)
        assert {delivery.state for delivery in deliveries} == {DeliveryState.LIVE}
        city = await release_of(backend, ANA, "Ciudad Dormida")
        tracks = await backend.tracks(ANA, city)
        assert [track.title for track in tracks] == ["Ciudad Dormida", "Azotea", "Último Metro"]
        assert [track.position for track in tracks] == [1, 2, 3]

    async def test_nothing_of_another_customer_is_read(self, backend: LabelBackend) -> None:
        tide = await release_of(backend, BRUNO, "Marea")
        assert await backend.deliveries(ANA, tide) == ()
        assert await backend.tracks(ANA, tide) == ()
        assert (await backend.find_release(CARLA, "Marea")).found is None
        with pytest.raises(UnknownRelease):
            await backend.request_takedown(ANA, tide, "k")

    async def test_balances(self, backend: LabelBackend) -> None:
        ana = await backend.balance(ANA)
        assert (ana.available, ana.held, ana.in_payout) == (usd("182.40"), usd("0"), usd("0"))
        bruno = await backend.balance(BRUNO)
        assert (bruno.available, bruno.held) == (usd("0"), usd("1284.55"))
        assert [reason.code for reason in bruno.reasons] == ["tax_form_expired"]
        assert (await backend.balance(CARLA)).withdrawable == usd("96.10")
        with pytest.raises(UnknownCustomer):
            await backend.balance(NOBODY)

    async def test_statements_and_their_lines(self, backend: LabelBackend) -> None:
        statements = await backend.statements(BRUNO)
        assert [statement.period for statement in statements] == ["2026-Q2", "2026-Q1", "2025-Q4"]
        held = await backend.statement(BRUNO, "2026-q2")
        assert held == statements[0] and held.state is StatementState.ON_HOLD and held.hold is not None
        assert held.hold.code == "tax_form_expired" and held.paid_on is None
        lines = await backend.statement_lines(BRUNO, "2026-Q2", limit=1_000)
        assert Money.total((line.amount for line in lines), "USD") == usd("1284.55")
        assert [line.amount for line in lines] == sorted((line.amount for line in lines), reverse=True)
        assert await backend.statement_lines(BRUNO, "2026-Q2", limit=3) == lines[:3]
        assert await backend.statement(BRUNO, "2019-Q1") is None
        assert await backend.statement(ANA, "2019-Q1") is None

    @pytest.mark.parametrize("period", ["", "2026", "2026-Q5", "2026-13", "Q2", "2026-Q2; DROP TABLE x"])
    async def test_what_is_no_period_is_refused(self, backend: LabelBackend, period: str) -> None:
        with pytest.raises(InvalidPeriod):
            await backend.statement(ANA, period)
        with pytest.raises(InvalidPeriod):
            await backend.statement_lines(ANA, period)

    async def test_payments_tell_statements_and_withdrawals_together(self, backend: LabelBackend) -> None:
        (last, *_) = await backend.payments(BRUNO)
        assert (last.amount, last.on, last.period) == (usd("964.20"), date(2026, 5, 15), "2026-Q1")
        payout = await backend.request_withdrawal(ANA, usd("60"), "k1")
        newest, *earlier = await backend.payments(ANA)
        assert (newest.kind, newest.state, newest.reference, newest.on) == (
            PaymentKind.WITHDRAWAL, "requested", payout.number, NOW.date(),
        )  # fmt: skip
        assert [payment.kind for payment in earlier] == [PaymentKind.STATEMENT] * 2

    @pytest.mark.parametrize("by", list(EarningsBy))
    async def test_earnings_add_up_however_they_are_grouped(
        self, backend: LabelBackend, by: EarningsBy
    ) -> None:
        earnings = await backend.earnings(ANA, by, limit=1_000)
        assert Money.total((line.amount for line in earnings.lines), "USD") == earnings.total.amount
        assert earnings.total.amount == usd("442.45")
        assert sum(line.units for line in earnings.lines) == earnings.total.units
        shortened = await backend.earnings(ANA, by, limit=1)
        assert shortened.lines == earnings.lines[:1] and shortened.total == earnings.total
        each = earnings.total.per_stream
        assert each is not None
        assert abs(each.amount - Decimal("442.45") / earnings.total.streams) < Decimal("0.000001")

    async def test_earnings_are_narrowed_to_stores_a_country_and_tracks(self, backend: LabelBackend) -> None:
        spotify = await backend.earnings(ANA, EarningsBy.STORE, within=Within(stores=("SPOTIFY",)))
        assert [line.label for line in spotify.lines] == ["Spotify"]
        mexico = await backend.earnings(ANA, EarningsBy.STORE, within=Within(country="MX"))
        both = await backend.earnings(ANA, EarningsBy.STORE, within=Within(("Spotify",), "MX"))
        assert both.total.amount <= min(spotify.total.amount, mexico.total.amount)
        found = await backend.find_track(ANA, "cuánto gané con azotea?")
        assert found is not None and (found[0].title, found[1].title) == ("Ciudad Dormida", "Azotea")
        track = await backend.earnings(ANA, EarningsBy.TRACK, within=Within(tracks=(found[1].isrc,)))
        assert [line.label for line in track.lines] == ["Azotea"]
        nothing = await backend.earnings(ANA, EarningsBy.TRACK, within=Within(tracks=()))
        assert nothing.lines == () and not nothing.total.amount
        assert await backend.find_track(BRUNO, "azotea") is None

    async def test_earnings_of_a_quarter_a_year_and_of_nothing(self, backend: LabelBackend) -> None:
        quarter = await backend.earnings(ANA, EarningsBy.STORE, "2026-Q2")
        assert quarter.total.amount == usd("182.40")
        year = await backend.earnings(ANA, EarningsBy.PERIOD, "2026")
        assert [line.label for line in year.lines] == ["2026-Q2", "2026-Q1"]
        nothing = await backend.earnings(ANA, EarningsBy.TRACK, "2020")
        assert nothing.lines == () and not nothing.total.amount and nothing.total.per_stream is None
        with pytest.raises(InvalidPeriod):
            await backend.earnings(ANA, EarningsBy.TRACK, "last summer")
        with pytest.raises(UnknownCustomer):
            await backend.earnings(NOBODY, EarningsBy.TRACK)

    async def test_a_withdrawal_moves_the_money_once(self, backend: LabelBackend) -> None:
        assert await backend.check_withdrawal(ANA) == usd("182.40")
        first = await backend.request_withdrawal(ANA, usd("100.00"), "message-7")
        assert (first.amount, first.state, first.requested_at) == (usd("100"), PayoutState.REQUESTED, NOW)
        assert await backend.request_withdrawal(ANA, usd("100.00"), "message-7") == first
        assert await backend.request_withdrawal(ANA, usd("9999.00"), "message-7") == first
        balance = await backend.balance(ANA)
        assert (balance.available, balance.in_payout) == (usd("82.40"), usd("100"))

    async def test_withdrawals_are_refused_with_their_reason(self, backend: LabelBackend) -> None:
        refusals = [
            (ANA, usd("182.41"), InsufficientBalance),
            (ANA, usd("49.99"), BelowMinimum),
            (ANA, usd("0"), InvalidAmount),
            (ANA, usd("-60"), InvalidAmount),
            (ANA, usd("60.001"), InvalidAmount),
            (ANA, Money.of("60", "EUR"), InvalidAmount),
            (BRUNO, usd("100"), TaxFormExpired),
            (CARLA, usd("60"), WithdrawalsFrozen),
        ]
        for customer, amount, error in refusals:
            with pytest.raises(error) as refused:
                await backend.check_withdrawal(customer, amount)
            assert refused.value.reason.text(Language.ES) and refused.value.reason.fix(Language.EN)
            with pytest.raises(error):
                await backend.request_withdrawal(customer, amount, f"{customer}{amount.amount}")
        with pytest.raises(UnknownCustomer):
            await backend.request_withdrawal(NOBODY, usd("60"), "k")
        assert (await backend.balance(ANA)).available == usd("182.40")

    async def test_withdrawals_at_the_same_time_never_overdraw(self, backend: LabelBackend) -> None:
        asked = [backend.request_withdrawal(ANA, usd("60"), f"key-{at}") for at in range(8)]
        results = await asyncio.gather(*asked, return_exceptions=True)
        paid = [result for result in results if not isinstance(result, BaseException)]
        assert len(paid) == 3 and len({payout.number for payout in paid}) == 3
        assert all(isinstance(r, InsufficientBalance) for r in results if isinstance(r, BaseException))
        assert (await backend.balance(ANA)).available == usd("2.40")

    async def test_one_key_at_the_same_time_is_one_withdrawal(self, backend: LabelBackend) -> None:
        asked = [backend.request_withdrawal(ANA, usd("50"), "same") for _ in range(6)]
        assert len({payout.number for payout in await asyncio.gather(*asked)}) == 1
        assert (await backend.balance(ANA)).in_payout == usd("50")

    async def test_one_key_of_two_customers_at_the_same_time_is_one_request(
        self, backend: LabelBackend
    ) -> None:
        night = await release_of(backend, ANA, "Nocturna")
        moons = await release_of(backend, CARLA, "Paper Moons")
        results = await asyncio.gather(
            backend.request_takedown(ANA, night, "k"),
            backend.request_takedown(CARLA, moons, "k"),
            return_exceptions=True,
        )
        assert sum(isinstance(result, KeyTaken) for result in results) == 1
        states = {(await backend.releases(who))[-1].state for who in (CARLA,)}
        states |= {release.state for release in await backend.releases(ANA)}
        assert ReleaseState.TAKEDOWN_REQUESTED in states and ReleaseState.LIVE in states

    async def test_a_takedown_is_asked_for_once(self, backend: LabelBackend) -> None:
        night = await release_of(backend, ANA, "Nocturna")
        first = await backend.request_takedown(ANA, night, "k")
        assert (first.title, first.requested_at) == ("Nocturna", NOW)
        assert await backend.request_takedown(ANA, night, "k") == first
        with pytest.raises(TakedownAlreadyRequested):
            await backend.request_takedown(ANA, night, "another")
        with pytest.raises(NotInStores):
            await backend.request_takedown(ANA, await release_of(backend, ANA, "Luz de Enero"), "third")
        with pytest.raises(KeyTaken):
            await backend.request_takedown(CARLA, await release_of(backend, CARLA, "Paper Moons"), "k")
        state = {release.title: release.state for release in await backend.releases(ANA)}
        assert state["Nocturna"] is ReleaseState.TAKEDOWN_REQUESTED

    async def test_a_quote_is_computed_kept_and_read_by_who_asked(self, backend: LabelBackend) -> None:
        request = QuoteRequest(artists=5, releases=30, billing=Billing.YEARLY)
        quote = await backend.create_quote("person-1", request, "k")
        assert (quote.plan, quote.total, quote.saving) == ("pro", usd("699.70"), usd("139.94"))
        assert [(line.item, line.quantity, line.amount) for line in quote.lines] == [
            ("plan", 1, usd("499.90")),
            ("extra_artist", 2, usd("199.80")),
        ]
        assert quote.expires_on == date(2026, 9, 4)
        assert await backend.quote("person-1", f" {quote.number.lower()} ") == quote
        assert await backend.quote("person-2", quote.number) is None
        again = [backend.create_quote("person-1", request, "k") for _ in range(4)]
        assert set(await asyncio.gather(*again)) == {quote}
        with pytest.raises(KeyTaken):
            await backend.create_quote("person-2", request, "k")
        with pytest.raises(QuoteRefused):
            await backend.create_quote("person-1", QuoteRequest(0, 1), "other")

    async def test_a_signup_is_started_once(self, backend: LabelBackend) -> None:
        request = SignupRequest(" Eva Ruiz ", "eva@example.com", PlanId("pro"), "Eva R")
        signup = await backend.create_signup("person-1", request, "k")
        assert (signup.name, signup.email, signup.plan) == ("Eva Ruiz", "eva@example.com", "pro")
        assert await backend.create_signup("person-1", request, "k") == signup
        for name, email, plan, code in [
            ("", "eva@example.com", "pro", "invalid_name"),
            ("Eva", "eva at example", "pro", "invalid_email"),
            ("Eva", "eva@example.com", "gold", "unknown_plan"),
        ]:
            with pytest.raises(SignupRefused) as refused:
                await backend.create_signup("person-1", SignupRequest(name, email, PlanId(plan)), "x")
            assert refused.value.reason.code == code


@pytest_asyncio.fixture
async def tables(database: Database, project: ProjectId) -> PostgresLabelBackend:
    rows = Rows(random.Random(1))
    add_named(rows, load_terms().stores, NOW)
    async with database.project(project) as connection:
        await store(connection, project, rows)
    return PostgresLabelBackend(database, project, clock=ManualClock(NOW))


class TestPostgresLabelBackend(LabelBackendContract):
    @pytest.fixture
    def backend(self, tables: PostgresLabelBackend) -> LabelBackend:
        return tables


class TestRestLabelBackend(LabelBackendContract):
    """Over a server that speaks the contract of docs/label-api.openapi.yaml."""

    @pytest_asyncio.fixture
    async def backend(self, tables: PostgresLabelBackend, project: ProjectId) -> AsyncIterator[LabelBackend]:
        async with LabelServer(tables) as server:
            api = LabelApi(Access(server.url, SecretStr(KEY), 30.0), ManualClock(NOW))
            yield RestLabelBackend(api, project)
            await api.close()
