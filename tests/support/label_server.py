"""A loopback server that speaks docs/label-api.openapi.yaml, over the tables of a test's database.

In a test::

    async with LabelServer(PostgresLabelBackend(database, project)) as label:   # label.url is LABEL_API_URL
        label.behave("hang", at="/balance")   # from now on, where the path ends so; "ok" ends it
        label.asked                            # "GET /customers/ana/balance", in order
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self

from aiohttp import web

from relevo.domain.ids import CustomerRef
from relevo.domain.money import Money
from relevo.teams.music.backend.customers import Customer
from relevo.teams.music.backend.errors import KeyTaken, Refused, UnknownCustomer
from relevo.teams.music.backend.port import LabelBackend
from relevo.teams.music.backend.reasons import Reason
from relevo.teams.music.backend.releases import ReleaseId
from relevo.teams.music.backend.royalties import EarningsBy, EarningsLine, Within
from relevo.teams.music.backend.sales import Billing, PlanId, QuoteRequest, SignupRequest

KEY = "label-key"
MISSED = ("ref", "available", "number", "releases")
Json = dict[str, Any]

STATUSES = ("204", "400", "401", "403", "404", "409", "422", "429", "500", "502", "503")
"""Behaviours that answer with a status and a page of HTML; 429 with ``Retry-After: 60``."""
MUTATIONS: dict[str, Callable[[Json], Any]] = {
    "extra": lambda body: body | {"surprise": 1},
    "missing": lambda body: {name: value for name, value in body.items() if name not in MISSED},
    "float": lambda body: _each(body, lambda value: float(value) if _amount(value) else value),
    "negative": lambda body: body | {"held": "-1.00", "in_payout": "-1.00"},
    "currency": lambda body: body | {"currency": "EUR"},
    "other": lambda body: body | {"customer": "bruno", "ref": "bruno"},
    "list": lambda body: [body],
    "empty": lambda body: {},
    "infinite": lambda body: _each(body, lambda value: "1e400" if _amount(value) else value),
    "unknown": lambda body: _each(body, lambda value: "gold" if value in ("live", "available") else value),
}
"""Behaviours that answer 200 with something else than the contract says. The others: ok, gone, html, huge,
zipped, redirect, hang, close, cut; and done-500, done-close, done-hang, done-html, which do it first."""


class LabelServer:
    def __init__(self, backend: LabelBackend, key: str = KEY) -> None:
        self.asked: list[str] = []
        """Method and path of every request, in order."""
        self.keys: list[str] = []
        """The idempotency keys that came, in order."""
        self.url = ""
        self._backend = backend
        self._key = key
        self._behaviour, self._at, self._times = "ok", "", 0
        self._runner: web.AppRunner | None = None
        self._stopping = asyncio.Event()

    def behave(self, behaviour: str, at: str = "", times: int = 10**6) -> None:
        """How the next ``times`` requests are answered whose path ends in ``at``."""
        self._behaviour, self._at, self._times = behaviour, at, times

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self._misbehave])
        of = "/v1/customers/{ref}"
        for path, get in (
            ("/v1/health", self._health), ("/v1/customers", self._by_phone), (of, self._customer),
            (f"{of}/releases", self._releases), (f"{of}/releases/{{release}}/deliveries", self._deliveries),
            (f"{of}/releases/{{release}}/tracks", self._tracks), (f"{of}/tracks", self._all_tracks),
            (f"{of}/balance", self._balance), (f"{of}/statements", self._statements),
            (f"{of}/statements/{{period}}/lines", self._lines), (f"{of}/payments", self._payments),
            ("/v1/quotes", self._quote),
        ):  # fmt: skip
            app.router.add_get(path, get)
        for path, post in (
            (f"{of}/earnings", self._earnings), (f"{of}/takedowns", self._takedown),
            (f"{of}/withdrawals", self._withdrawal), ("/v1/quotes", self._new_quote),
            ("/v1/signups", self._signup),
        ):  # fmt: skip
            app.router.add_post(path, post)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Nobody answers any more."""
        self._stopping.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @web.middleware
    async def _misbehave(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        path = request.path.removeprefix("/v1")
        self.asked.append(f"{request.method} {path}")
        if "Idempotency-Key" in request.headers:
            self.keys.append(request.headers["Idempotency-Key"])
        behaviour = "ok"
        if self._times and path.endswith(self._at):
            self._times -= 1
            behaviour = self._behaviour
        if request.headers.get("Authorization") != f"Bearer {self._key}":
            return web.Response(status=401, text="who are you?")
        if behaviour.startswith("done-"):
            await _answered(handler(request))
            behaviour = behaviour.removeprefix("done-")
        if behaviour in MUTATIONS or behaviour == "cut":
            answer = await _answered(handler(request))
            assert isinstance(answer.body, bytes)
            body = json.loads(answer.body)
            body = MUTATIONS[behaviour](body) if behaviour in MUTATIONS else body
            text = json.dumps(body)
            return web.json_response(text=text) if behaviour != "cut" else await _cut(request, text)
        if behaviour != "ok":
            return await self._wrong(request, behaviour)
        return await _answered(handler(request))

    async def _wrong(self, request: web.Request, behaviour: str) -> web.StreamResponse:
        if behaviour in STATUSES:
            headers = {"Retry-After": "60"} if behaviour == "429" else None
            return web.Response(status=int(behaviour), text="<html>no</html>", headers=headers)
        match behaviour:
            case "gone":
                return _problem(404, "unknown_customer")
            case "html":
                return web.Response(text="<html>99999.00 USD</html>", content_type="text/html")
            case "huge":
                return web.json_response(text='{"customer": "' + "a" * 6_000_000 + '"}')
            case "zipped":
                return web.Response(body=b"\x1f\x8b", headers={"Content-Encoding": "gzip"})
            case "redirect":
                raise web.HTTPFound("/v1/elsewhere")
            case "hang":
                await self._stopping.wait()
            case "close":
                pass
            case _:
                raise ValueError(behaviour)
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    async def _health(self, request: web.Request) -> web.Response:
        return _json({"status": "ok"})

    async def _by_phone(self, request: web.Request) -> web.Response:
        found = {}
        for phone in request.query.getall("phone"):
            customer = await self._backend.customer_by_phone(phone)
            if customer is not None:
                found[customer.ref] = _customer_told(customer)
        return _json({"customers": list(found.values())})

    async def _customer(self, request: web.Request) -> web.Response:
        return _json(_customer_told(await self._known(request)))

    async def _releases(self, request: web.Request) -> web.Response:
        who = await self._known(request)
        releases = await self._backend.releases(who.ref, int(request.query["limit"]))
        return _json({"customer": who.ref, "releases": [asdict(each) for each in releases]})

    async def _deliveries(self, request: web.Request) -> web.Response:
        who, release = await self._known(request), await self._release(request)
        found = await self._backend.deliveries(who.ref, release)
        return _json(
            {"customer": who.ref, "release": release, "deliveries": [asdict(each) for each in found]}
        )

    async def _tracks(self, request: web.Request) -> web.Response:
        who, release = await self._known(request), await self._release(request)
        tracks = [
            asdict(each) | {"release": release} for each in await self._backend.tracks(who.ref, release)
        ]
        return _json({"customer": who.ref, "tracks": tracks})

    async def _all_tracks(self, request: web.Request) -> web.Response:
        who = await self._known(request)
        tracks = [
            asdict(track) | {"release": release.id}
            for release in await self._backend.releases(who.ref, 1_000)
            for track in await self._backend.tracks(who.ref, release.id)
        ]
        return _json({"customer": who.ref, "tracks": tracks[: int(request.query["limit"])]})

    async def _balance(self, request: web.Request) -> web.Response:
        who = await self._known(request)
        return _json(_owned(who) | asdict(await self._backend.balance(who.ref)))

    async def _statements(self, request: web.Request) -> web.Response:
        who = await self._known(request)
        if (period := request.query.get("period")) is not None:
            one = await self._backend.statement(who.ref, period)
            found = tuple(each for each in (one,) if each is not None)
        else:
            found = await self._backend.statements(who.ref, int(request.query["limit"]))
        return _json(_owned(who) | {"statements": [asdict(each) for each in found]})

    async def _lines(self, request: web.Request) -> web.Response:
        who, period = await self._known(request), request.match_info["period"]
        if await self._backend.statement(who.ref, period) is None:
            return _problem(404, "unknown_statement")
        found = await self._backend.statement_lines(who.ref, period, int(request.query["limit"]))
        return _json(_owned(who) | {"period": period, "lines": [asdict(each) for each in found]})

    async def _payments(self, request: web.Request) -> web.Response:
        who = await self._known(request)
        found = await self._backend.payments(who.ref, int(request.query["limit"]))
        return _json(_owned(who) | {"payments": [asdict(each) for each in found]})

    async def _earnings(self, request: web.Request) -> web.Response:
        who, asked = await self._known(request), await request.json()
        tracks = asked["tracks"]
        within = Within(
            tuple(asked["stores"] or ()), asked["country"], None if tracks is None else tuple(tracks)
        )
        periods: list[str] | None = asked["periods"]
        period = None if periods is None else _common(periods)
        found = await self._backend.earnings(who.ref, EarningsBy(asked["by"]), period, asked["limit"], within)
        lines = [_group(each) for each in found.lines]
        return _json(_owned(who) | {"by": asked["by"], "lines": lines, "total": _group(found.total)})

    async def _takedown(self, request: web.Request) -> web.Response:
        ref, asked, key = _ref(request), await request.json(), request.headers["Idempotency-Key"]
        made = await self._backend.request_takedown(ref, ReleaseId(asked["release"]), key)
        return _json({"customer": ref} | asdict(made), 201)

    async def _withdrawal(self, request: web.Request) -> web.Response:
        ref, asked, key = _ref(request), await request.json(), request.headers["Idempotency-Key"]
        wanted = Money(Decimal(asked["amount"]), asked["currency"])
        made = await self._backend.request_withdrawal(ref, wanted, key)
        told = {"customer": ref, "currency": made.amount.currency} | asdict(made)
        return _json(told, 201 if made.amount == wanted else 200)

    async def _quote(self, request: web.Request) -> web.Response:
        holder = request.query["holder"]
        found = await self._backend.quote(holder, request.query["number"])
        if found is None:
            return _problem(404, "unknown_quote")
        return _json(asdict(found) | {"holder": holder, "currency": found.total.currency})

    async def _new_quote(self, request: web.Request) -> web.Response:
        asked, key = await request.json(), request.headers["Idempotency-Key"]
        wanted = QuoteRequest(
            asked["artists"], asked["releases"], Billing(asked["billing"]), PlanId(asked["plan"])
        )
        made = await self._backend.create_quote(asked["holder"], wanted, key)
        return _json(asdict(made) | {"holder": asked["holder"], "currency": made.total.currency}, 201)

    async def _signup(self, request: web.Request) -> web.Response:
        asked, key = await request.json(), request.headers["Idempotency-Key"]
        made = await self._backend.create_signup(asked["holder"], SignupRequest(**_without(asked)), key)
        return _json(asdict(made) | {"holder": asked["holder"]}, 201)

    async def _known(self, request: web.Request) -> Customer:
        customer = await self._backend.customer_by_ref(_ref(request))
        if customer is None:
            raise UnknownCustomer
        return customer

    async def _release(self, request: web.Request) -> ReleaseId:
        release = ReleaseId(request.match_info["release"])
        if release not in {each.id for each in await self._backend.releases(_ref(request), 1_000)}:
            raise Refused(Reason("unknown_release"))
        return release


async def _answered(answer: Awaitable[web.StreamResponse]) -> web.Response:
    """The answer, refusals as the contract has them."""
    try:
        given = await answer
    except UnknownCustomer:
        return _problem(404, "unknown_customer")
    except KeyTaken:
        return _problem(409, "key_taken")
    except Refused as refused:
        code = refused.reason.code
        return _problem(404 if code == "unknown_release" else 422, code, refused.reason.values)
    assert isinstance(given, web.Response)
    return given


def _json(body: Any, status: int = 200) -> web.Response:
    return web.json_response(text=json.dumps(_plain(body)), status=status)


def _problem(status: int, code: str, values: dict[str, str] | None = None) -> web.Response:
    return _json({"error": {"code": code, "values": values or {}}}, status)


def _plain(value: Any) -> Any:
    """Values as the contract writes them: money as its amount alone."""
    match value:
        case dict() if set(value) == {"amount", "currency"} and isinstance(value["amount"], Decimal):
            return f"{value['amount']:f}"
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case date() | datetime():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
    return value


def _customer_told(customer: Customer) -> Json:
    return asdict(customer)


def _owned(customer: Customer) -> Json:
    return {"customer": customer.ref, "currency": customer.currency}


def _group(line: EarningsLine) -> Json:
    return asdict(line)


def _without(asked: Json) -> Json:
    return {name: value for name, value in asked.items() if name != "holder"}


def _ref(request: web.Request) -> CustomerRef:
    return CustomerRef(request.match_info["ref"])


def _common(periods: list[str]) -> str:
    """The month, quarter or year whose periods these are."""
    quarters = [period for period in periods if "Q" in period]
    return periods[0][:4] if len(quarters) == 4 else periods[0]


def _amount(value: Any) -> bool:
    return isinstance(value, str) and "." in value and value.replace(".", "").lstrip("-").isdigit()


def _each(value: Any, change: Callable[[Any], Any]) -> Any:
    match value:
        case dict():
            return {name: _each(each, change) for name, each in value.items()}
        case list():
            return [_each(each, change) for each in value]
    return change(value)


async def _cut(request: web.Request, text: str) -> web.StreamResponse:
    """Announces the whole, sends the half, and hangs up."""
    answer = web.StreamResponse(
        headers={"Content-Type": "application/json", "Content-Length": str(len(text))}
    )
    await answer.prepare(request)
    await answer.write(text[: len(text) // 2].encode())
    if request.transport is not None:
        request.transport.abort()
    return answer
