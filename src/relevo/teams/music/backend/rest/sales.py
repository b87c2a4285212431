"""Quotes, which Relevo computes and the service keeps, and sign-ups."""

from datetime import timedelta
from decimal import Decimal

from relevo.agents.unavailable import Unclear
from relevo.domain.clock import Clock
from relevo.domain.money import Money
from relevo.teams.music.backend.errors import KeyTaken
from relevo.teams.music.backend.pricing import price
from relevo.teams.music.backend.rest.answers import QuoteLineOf, QuoteOf, QuoteWanted, SignupOf, SignupWanted
from relevo.teams.music.backend.rest.base import Part, wrong
from relevo.teams.music.backend.rest.refusals import SIGNUP, refused
from relevo.teams.music.backend.rest.wire import Declined
from relevo.teams.music.backend.sales import PlanId, Quote, QuoteLine, QuoteRequest, Signup, SignupRequest


class RestSales(Part):
    async def create_quote(self, holder: str, request: QuoteRequest, key: str) -> Quote:
        priced = price(self.terms, request)
        wanted = QuoteWanted(
            holder=holder,
            plan=priced.plan.id,
            billing=request.billing,
            artists=request.artists,
            releases=request.releases,
            currency=self.terms.currency,
            lines=[
                QuoteLineOf(
                    item=line.item,
                    quantity=line.quantity,
                    unit_price=line.unit_price.amount,
                    amount=line.amount.amount,
                )
                for line in priced.lines
            ],
            total=priced.total.amount,
            saving=priced.saving.amount,
            expires_on=self._clock.now().date() + timedelta(days=self.terms.quote_days),
        )
        try:
            made, now = await self._api.request(self.project, "/quotes", wanted, key, QuoteOf, ())
        except Declined as declined:
            raise _taken(declined, key) from declined
        same = all(getattr(made, name) == getattr(wanted, name) for name in QuoteWanted.model_fields)
        if made.holder != holder or (now and not same):
            raise Unclear("/quotes: the answer is about something else")
        return _quote_of(made)

    async def quote(self, holder: str, number: str) -> Quote | None:
        query = {"holder": holder, "number": number.strip().upper()}
        try:
            found = await self._api.read(self.project, "/quotes", QuoteOf, query)
        except Declined as declined:
            if declined.code == "unknown_quote":
                return None
            raise refused(declined, {}) from declined
        if (found.holder, found.number) != (holder, query["number"]):
            raise wrong("/quotes: the answer is about another quote")
        return _quote_of(found)

    async def create_signup(self, holder: str, request: SignupRequest, key: str) -> Signup:
        wanted = SignupWanted(
            holder=holder,
            name=request.name,
            email=request.email,
            plan=request.plan,
            known_as=request.known_as,
            country=request.country,
        )
        try:
            made, _ = await self._api.request(self.project, "/signups", wanted, key, SignupOf, SIGNUP)
        except Declined as declined:
            raise _taken(declined, key, signup=True) from declined
        if made.holder != holder:
            raise Unclear("/signups: the answer is about somebody else")
        return Signup(made.number, PlanId(made.plan), made.name, made.email, made.started_at)

    @property
    def _clock(self) -> Clock:
        return self._api.clock


def _taken(declined: Declined, key: str, *, signup: bool = False) -> Exception:
    return KeyTaken(key) if declined.code == "key_taken" else refused(declined, SIGNUP if signup else {})


def _quote_of(found: QuoteOf) -> Quote:
    def money(amount: Decimal) -> Money:
        return Money(amount, found.currency)

    return Quote(
        number=found.number,
        plan=PlanId(found.plan),
        billing=found.billing,
        artists=found.artists,
        releases=found.releases,
        lines=tuple(
            QuoteLine(line.item, line.quantity, money(line.unit_price), money(line.amount))
            for line in found.lines
        ),
        total=money(found.total),
        saving=money(found.saving),
        expires_on=found.expires_on,
    )
