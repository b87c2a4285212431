"""The agents' tools against the demonstration label: real figures, true refusals, effects done once."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from tests.support.music_speakers import Speak, music_team, speaker

from relevo.agents.team import Team
from relevo.agents.tool import NotIdentified, Proposal, ToolContext, ToolError
from relevo.domain.ids import AgentName
from relevo.domain.money import Money
from relevo.domain.signals import Language
from relevo.storage.database import Database
from relevo.storage.embedded import Cluster
from relevo.teams.music.team import identify

OWNERS = {
    "get_plans": "sales", "create_quote": "sales", "start_signup": "sales", "check_release_status": "support",
    "check_metadata": "support", "create_ticket": "support", "request_takedown": "support",
    "get_balance": "royalties", "get_earnings": "royalties", "explain_payment": "royalties",
    "get_artist_earnings": "royalties", "get_withdrawal_terms": "royalties",
    "request_withdrawal": "royalties",
    "check_identity": "support", "get_ticket": "support", "get_terms": "support",
}  # fmt: skip
SHARED = {"check_identity", "get_ticket", "get_terms", "search_help"}

Call = Callable[..., Awaitable[Any]]


@pytest.fixture(scope="module")
def team() -> Team:
    return music_team()


@pytest.fixture
async def speak(cluster: Cluster, demo_name: str, team: Team) -> AsyncIterator[Speak]:
    database = Database(cluster.url("relevo_app", demo_name), 4)
    await database.open()
    yield await speaker(database, team)
    await database.close()


@pytest.fixture
def call(team: Team) -> Call:
    async def run(context: ToolContext, tool_name: str, **arguments: Any) -> Any:
        tool = team.agents[AgentName(OWNERS[tool_name])].tools[tool_name]
        return await tool.function(context, **tool.parse(arguments))

    return run


def test_every_tool_is_where_it_belongs(team: Team) -> None:
    found = {tool: name for name, agent in team.agents.items() for tool in agent.tools if tool not in SHARED}
    assert found == {tool: name for tool, name in OWNERS.items() if tool not in SHARED}
    for agent in ("sales", "support", "royalties"):
        assert {"check_identity", "get_ticket"} <= team.agents[AgentName(agent)].tools.keys()


def test_no_tool_takes_a_customer_from_the_model(team: Team) -> None:
    for agent in team.agents.values():
        for tool in agent.tools.values():
            assert not {"customer", "customer_id", "user", "account", "person"} & set(
                tool.arguments.model_fields
            )
            assert all(
                "description" in value or name for name, value in tool.spec.parameters["properties"].items()
            )


async def test_plans_for_a_stranger(speak: Speak, call: Call) -> None:
    result = await call(speak(), "get_plans", artists=6)
    assert [plan["monthly"] for plan in result["plans"]] == ["19.99 USD", "49.99 USD", "99.99 USD"]
    assert [(fit["name"], fit["monthly"]) for fit in result["fits"]] == [
        ("Pro", "79.96 USD"),
        ("Label", "99.99 USD"),
    ]
    assert result["current"] is None


async def test_plans_know_the_customers_own(speak: Speak, call: Call) -> None:
    assert (await call(speak("ana"), "get_plans", plan="label"))["current"] == "Pro"
    with pytest.raises(ToolError, match="unknown_plan") as refused:
        await call(speak(), "get_plans", plan="Diamante")
    assert "Básico, Pro, Label" in refused.value.texts["es"]
    with pytest.raises(ToolError, match="quote_needs_person"):
        await call(speak(), "get_plans", artists=5_000)


async def test_quote_is_computed_stored_and_made_once(speak: Speak, call: Call) -> None:
    context = speak()
    first = await call(context, "create_quote", artists=10, releases=40, plan="label", billing="yearly")
    assert first["total"] == "999.90 USD"
    assert first["saving"] == "199.98 USD"
    assert (
        await call(context, "create_quote", artists=10, releases=40, plan="label", billing="yearly") == first
    )
    assert context.learned["plan_of_interest"] == "Label"
    assert context.learned["quote"] == {"number": first["number"], "expires_on": first["expires_on"]}
    with pytest.raises(ToolError, match="plan_too_small") as refused:
        await call(
            replace(speak(), idempotency_key="2:test"), "create_quote", artists=4, releases=1, plan="Básico"
        )
    assert "Pro" in refused.value.texts["en"]


async def test_signup(speak: Speak, call: Call) -> None:
    result = await call(speak(), "start_signup", plan="pro", name="Tom Reed", email="tom.reed@example.com")
    assert (result["plan"], result["name"], result["email"]) == ("Pro", "Tom Reed", "tom.reed@example.com")
    with pytest.raises(ToolError, match="invalid_email") as refused:
        await call(replace(speak(), idempotency_key="2"), "start_signup", plan="pro", name="Tom", email="tom")
    assert "tom" in refused.value.texts["en"]


async def test_bad_arguments_are_refused_before_anything_happens(speak: Speak, call: Call) -> None:
    for arguments in ({"artists": 0, "releases": 1}, {"artists": "many", "releases": 1}, {"artists": 1}):
        with pytest.raises(ToolError, match="bad_arguments"):
            await call(speak(), "create_quote", **arguments)


async def test_rejected_release_with_its_reasons(speak: Speak, call: Call) -> None:
    result = await call(speak("ana"), "check_release_status", title="luz de henero")
    release = result["release"]
    assert (release["title"], release["state"]) == ("Luz de Enero", "rejected")
    text = " ".join(reason["text"] for reason in release["rejections"])
    assert "1400x1400" in text and "dirección web" in text
    assert [each["title"] for each in result["rejected"]] == ["Luz de Enero"]


async def test_release_that_is_not_theirs_is_not_found(speak: Speak, call: Call) -> None:
    with pytest.raises(ToolError, match="release_not_found") as refused:
        await call(speak("ana"), "check_release_status", title="Marea")
    assert "«Marea»" in refused.value.texts["es"]
    assert "Nocturna" in refused.value.texts["es"]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("check_release_status", {}),
        ("check_release_status", {"title": "Marea"}),
        ("request_takedown", {"title": "Marea"}),
        ("get_balance", {}),
        ("get_earnings", {"by": "store"}),
        ("explain_payment", {"period": "2026-Q2"}),
        ("request_withdrawal", {"amount": "10"}),
    ],
)
async def test_a_stranger_is_told_how_to_identify(
    speak: Speak, call: Call, name: str, arguments: dict[str, Any]
) -> None:
    with pytest.raises(NotIdentified):
        await call(speak(), name, **arguments)


async def test_metadata_needs_no_identity(speak: Speak, call: Call) -> None:
    result = await call(
        speak(), "check_metadata", isrc="USRC17607839", upc="036000291453", artwork_width=1400,
        artwork_height=1400, artwork_shows=["web_address"], title="LUZ DE ENERO",
    )  # fmt: skip
    judged = {check["what"]: [problem["code"] for problem in check["problems"]] for check in result["checks"]}
    assert judged == {
        "isrc": [], "upc": ["upc_check_digit"], "title": ["title_all_caps"],
        "artwork": ["artwork_too_small", "artwork_web_address"],
    }  # fmt: skip
    assert not result["ok"]
    rules = await call(speak(), "check_metadata")
    assert rules["checks"] == [] and rules["artwork_rules"]["size"] == "3000x3000"


async def test_ticket_once_per_matter(speak: Speak, call: Call) -> None:
    context = speak("carla")
    opened = await call(
        context, "create_ticket", subject="Wrong credit", summary="Paper Moons: wrong songwriter"
    )
    assert opened == {"number": opened["number"], "subject": "Wrong credit", "already": False}
    again = speak("carla", ticket=context.learned["ticket"])
    again.idempotency_key = "2:test"
    repeated = await call(again, "create_ticket", subject="Wrong credit", summary="the same")
    assert repeated == {"number": opened["number"], "subject": "Wrong credit", "already": True}
    assert (await call(speak(), "create_ticket", subject="Login", summary="cannot log in"))[
        "number"
    ] is not None


async def test_takedown_proposes_then_does_exactly_that(speak: Speak, call: Call, team: Team) -> None:
    context = speak("ana")
    proposal = await call(context, "request_takedown", title="Nocturna")
    assert isinstance(proposal, Proposal)
    assert proposal.shown["title"] == "Nocturna"
    done = team.agents[AgentName("support")].tools["request_takedown"].on_confirmed
    assert done is not None
    first = await done(context, **proposal.arguments)
    assert await done(context, **proposal.arguments) == first
    with pytest.raises(ToolError, match="takedown_already_requested"):
        await call(speak("ana"), "request_takedown", title="Nocturna")
    with pytest.raises(ToolError, match="not_in_stores"):
        await call(speak("ana"), "request_takedown", title="Luz de Enero")
    with pytest.raises(ToolError, match="unknown_release"):
        await done(replace(speak("bruno"), idempotency_key="9"), **proposal.arguments)


async def test_balances_of_the_three(speak: Speak, call: Call) -> None:
    ana = await call(speak("ana"), "get_balance")
    assert (ana["available"], ana["held"], ana["blocked"], ana["enough"]) == ("182.40 USD", None, None, True)
    bruno = await call(speak("bruno"), "get_balance")
    assert (bruno["available"], bruno["held"]) == ("0.00 USD", "1,284.55 USD")
    assert bruno["blocked"]["code"] == "tax_form_expired"
    carla = await call(speak("carla", Language.EN), "get_balance")
    assert carla["available"] == "96.10 USD"
    assert "login from an unknown place" in carla["blocked"]["text"]


async def test_earnings_by_every_dimension(speak: Speak, call: Call) -> None:
    for by in ("period", "store", "country", "track"):
        result = await call(speak("bruno"), "get_earnings", by=by)
        assert result["lines"] and result["total"]["amount"].endswith(" USD")
    spotify = await call(speak("bruno"), "get_earnings", by="store", stores=["spotify"])
    assert [line["label"] for line in spotify["lines"]] == ["Spotify"] and spotify["cut"] == ["spotify"]
    assert Decimal(spotify["total"]["per_stream"].removesuffix(" USD")) > 0
    month = await call(speak("bruno"), "get_earnings", by="store", period="2026-05")
    assert (month["asked_period"], month["period"]) == ("2026-05", "2026-Q2")
    nowhere = await call(speak("bruno"), "get_earnings", by="store", stores=["Nowhere"])
    assert not nowhere["lines"] and {line["label"] for line in nowhere["instead"]} > {"Spotify", "TIDAL"}
    with pytest.raises(ToolError, match="invalid_period"):
        await call(speak("bruno"), "get_earnings", period="spring")


async def test_earnings_of_a_title_an_artist_and_a_store_in_a_country(speak: Speak, call: Call) -> None:
    single = await call(speak("ana"), "get_earnings", title="Nocturna")
    album = await call(speak("ana"), "get_earnings", title="Ciudad Dormida", by="track")
    track = await call(speak("ana"), "get_earnings", title="Azotea")
    assert (single["cut"], track["cut"]) == (["«Nocturna»"], ["«Azotea»"])
    assert {line["label"] for line in album["lines"]} == {"Ciudad Dormida", "Azotea", "Último Metro"}
    assert _usd(single) + _usd(album) == Decimal("442.45") and 0 < _usd(track) < _usd(album)
    artist = await call(speak("bruno"), "get_earnings", title="Mara Quintero")
    assert artist["cut"] == ["Mara Quintero"] and artist["total"]["amount"] != "3,120.11 USD"
    both = await call(speak("ana"), "get_earnings", stores=["Spotify"], country="MX", period="2026")
    assert both["cut"] == ["Spotify", "México"] and 0 < _usd(both) < Decimal("110.87")
    with pytest.raises(ToolError, match="release_not_found"):
        await call(speak("ana"), "get_earnings", title="Marea")  # Bruno's
    artists = await call(speak("bruno"), "get_artist_earnings")
    assert [each["label"] for each in artists["artists"]] == ["Mara Quintero", "Los Faros"]


async def test_earnings_are_counted_on_and_compared(speak: Speak, call: Call) -> None:
    context = speak("ana")
    spotify = await call(context, "get_earnings", stores=["Spotify"], streams=100_000)
    each = Decimal(spotify["estimate"]["per_stream"].removesuffix(" USD"))
    assert abs(Decimal(spotify["estimate"]["amount"].removesuffix(" USD")) - each * 100_000) < Decimal("0.1")
    assert context.learned["earnings_stores"] == ["Spotify"]
    quarters = await call(speak("ana"), "get_earnings", compare=["2026-Q2", "2026-Q1"])
    assert [(each["period"], each["amount"]) for each in quarters["compared"]["periods"]] == [
        ("2026-Q1", "141.15 USD"),
        ("2026-Q2", "182.40 USD"),
    ]
    assert (quarters["compared"]["more"], quarters["compared"]["less"]) == ("41.25 USD", None)
    empty = await call(speak("ana"), "get_earnings", period="2020")
    assert not empty["lines"] and empty["newest"]["label"] == "2026-Q2"


def _usd(result: dict[str, Any]) -> Decimal:
    return Decimal(result["total"]["amount"].removesuffix(" USD"))


async def test_a_withdrawal_is_asked_for_in_the_accounts_currency(speak: Speak, call: Call) -> None:
    for currency in ("pesos", "EUR", "euros"):
        with pytest.raises(ToolError, match="other_currency") as refused:
            await call(speak("ana"), "request_withdrawal", amount="60", currency=currency)
        assert "182.40 USD" in refused.value.texts["es"]
    for said in (None, "USD", "dólares", "dollars"):
        proposal = await call(speak("ana"), "request_withdrawal", amount="60", currency=said)
        assert proposal.arguments == {"amount": "60", "currency": "USD"}


@pytest.mark.parametrize("amount", ["1e-100000000", "0e100000000", "1e308", "9" * 40])
async def test_an_amount_too_fine_or_too_large_is_refused(speak: Speak, call: Call, amount: str) -> None:
    with pytest.raises(ToolError):
        await call(speak("ana"), "request_withdrawal", amount=amount)
    with pytest.raises(ValueError, match="not an amount"):
        Money(Decimal(amount), "USD")


async def test_what_a_person_is_promised_for_fetches_one(speak: Speak, call: Call) -> None:
    cases: list[tuple[str, str, dict[str, Any]]] = [
        ("stranger", "create_quote", {"artists": 600, "releases": 20}),
        ("ana", "request_takedown", {"title": "Nocturna", "only_store": "TIDAL"}),
        ("carla", "check_identity", {}),
    ]
    for who, name, arguments in cases:
        with pytest.raises(ToolError) as refused:
            await call(speak(who), name, **arguments)
        assert refused.value.details.get("person") is True, name
    with pytest.raises(ToolError) as low:
        await call(speak("ana"), "request_withdrawal", amount="20")
    assert "person" not in low.value.details
    assert (await call(speak("ana"), "check_identity"))["name"] == "Ana Torres"


async def test_a_track_is_told_with_its_release_and_not_taken_down_alone(speak: Speak, call: Call) -> None:
    found = await call(speak("ana"), "check_release_status", title="azotea", store="TikTok")
    assert (found["release"]["title"], found["release"]["track"]["title"]) == ("Ciudad Dormida", "Azotea")
    assert found["in_store"]["state"] == "live"
    with pytest.raises(ToolError, match="takedown_of_track") as refused:
        await call(speak("ana"), "request_takedown", title="Azotea")
    assert "Ciudad Dormida" in refused.value.texts["es"]


async def test_one_matter_has_one_ticket(speak: Speak, call: Call) -> None:
    context = speak("ana")
    first = await call(context, "create_ticket", subject="no puedo entrar", summary="x", matter="access")
    context.state = replace(context.state, facts=dict(context.learned))
    again = await call(context, "create_ticket", subject="no llega el correo", summary="y", matter="access")
    assert again["already"] and again["number"] == first["number"]
    assert await call(context, "get_ticket") == {"number": first["number"]}
    context.idempotency_key = "2:other"
    other = await call(context, "create_ticket", subject="otra cosa", summary="z", matter="upload")
    assert not other["already"]


async def test_a_customer_changes_plan_instead_of_signing_up(speak: Speak, call: Call) -> None:
    for plan, said in (("Label", "Cuenta → Plan"), ("Pro", "no hace falta")):
        with pytest.raises(ToolError, match="already_customer") as refused:
            await call(speak("ana"), "start_signup", plan=plan, name="Ana", email="ana@example.com")
        assert said in refused.value.texts["es"]


async def test_payment_explained(speak: Speak, call: Call) -> None:
    result = await call(speak("bruno"), "explain_payment", period="2026-Q2")
    (statement,) = result["statements"]
    assert (statement["amount"], statement["state"]) == ("1,284.55 USD", "on_hold")
    assert "2026-06-30" in statement["hold"]["text"]
    assert result["last_payment"]["amount"] == "964.20 USD"
    assert result["last_payment"]["on"] == "2026-05-15"
    assert len(result["lines"]) == 5
    whole_year = await call(speak("bruno"), "explain_payment", period="2026")
    assert [each["period"] for each in whole_year["statements"]] == ["2026-Q2", "2026-Q1"]
    assert (await call(speak("bruno"), "explain_payment", period="2026-05"))["statements"][0][
        "period"
    ] == "2026-Q2"
    with pytest.raises(ToolError, match="no_statement") as refused:
        await call(speak("bruno"), "explain_payment", period="1999")
    assert "2026-Q2" in refused.value.texts["en"]


async def test_withdrawal_is_proposed_then_made_once(speak: Speak, call: Call, team: Team) -> None:
    context = speak("ana")
    proposal = await call(context, "request_withdrawal", amount="70")
    assert proposal.arguments == {"amount": "70", "currency": "USD"}
    assert (proposal.shown["amount"], proposal.shown["left"]) == ("70.00 USD", "112.40 USD")
    done = team.agents[AgentName("royalties")].tools["request_withdrawal"].on_confirmed
    assert done is not None
    first = await done(context, **proposal.arguments)
    assert await done(context, **proposal.arguments) == first
    assert (first["amount"], first["left"]) == ("70.00 USD", "112.40 USD")
    everything = await call(speak("ana"), "request_withdrawal")
    assert everything.shown["amount"] == "112.40 USD"


@pytest.mark.parametrize(
    ("who", "amount", "code"),
    [
        ("ana", "20", "below_minimum"),
        ("ana", "5000", "insufficient_balance"),
        ("ana", "-60", "invalid_amount"),
        ("ana", "60.001", "invalid_amount"),
        ("bruno", None, "tax_form_expired"),
        ("carla", None, "suspicious_login"),
    ],
)
async def test_withdrawal_refused(speak: Speak, call: Call, who: str, amount: str | None, code: str) -> None:
    with pytest.raises(ToolError) as refused:
        await call(speak(who), "request_withdrawal", amount=amount)
    assert refused.value.code == code
    assert all(len(text) > 30 for text in refused.value.texts.values())


async def test_whatsapp_number_says_who_it_is(speak: Speak) -> None:
    services = speak().services
    found = await identify(services, "whatsapp", "whatsapp:+573000000002")
    assert found is not None and (found.customer, found.name) == ("bruno", "Bruno Díaz")
    assert await identify(services, "whatsapp", "whatsapp:+19999999999") is None
    assert await identify(services, "api", "whatsapp:+573000000002") is None
    assert await identify(services, "whatsapp", "+573000000002") is None
