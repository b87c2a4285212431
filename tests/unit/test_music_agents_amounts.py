"""Amounts as people write them: in words, as a share, alone; and figures that are no amount."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from tests.support.music_speakers import Speak, music_team, speaker

from relevo.agents.team import Team
from relevo.domain.conversation import PendingAction
from relevo.domain.ids import AgentName
from relevo.storage.database import Database
from relevo.storage.embedded import Cluster
from relevo.teams.music.amounts import all_of_it, amount_told, bare_amount, share_in
from relevo.teams.music.currencies import currency_in, may_be


@pytest.fixture(scope="module")
def team() -> Team:
    return music_team()


@pytest.fixture
async def speak(cluster: Cluster, demo_name: str, team: Team) -> AsyncIterator[Speak]:
    database = Database(cluster.url("relevo_app", demo_name), 4)
    await database.open()
    yield await speaker(database, team)
    await database.close()


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("retírame cincuenta dólares con cincuenta centavos", "50.50"),
        ("bueno va, saca cien dólares", "100"),
        ("can I take out two hundred bucks?", "200"),
        ("saca ciento veinte", "120"),
        ("mil doscientos dólares", "1200"),
        ("quiero retirar unos 80 nada más", "80"),
        ("retirar 1.200,50", "1200.50"),
        ("llevo 3 meses esperando, quiero retirar", None),
        ("retirar lo del 2026", None),
        ("retirar lo de 2026-Q2", None),
        ("take out everything", None),
        ("I want to withdraw a little", None),
    ],
)
def test_an_amount_is_read_from_a_request_for_money(text: str, amount: str | None) -> None:
    assert amount_told(text) == (Decimal(amount) if amount else None)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("200", "200"),
        ("cincuenta", "50"),
        ("no no, que sean sesenta", "60"),
        ("mmm mejor setenta y cinco", "75"),
        ("ok mándame sesenta", "60"),
        ("make it 75 then", "75"),
        ("a hundred and fifty", "150"),
        ("$60", "60"),
        ("no, mejor 80", "80"),
        ("actually make it 80", "80"),
        ("cámbialo a 80", "80"),
        ("va pero que sean 70", "70"),
        ("no wait, 80 instead", "80"),
        ("5 pesos", "5"),
        ("mejor " * 30 + "80", None),
        ("2026", None),
        ("llevo 3 meses esperando", None),
        ("si", None),
    ],
)
def test_an_amount_stands_alone(text: str, amount: str | None) -> None:
    assert bare_amount(text) == (Decimal(amount) if amount else None)


@pytest.mark.parametrize(
    "text", ["bueno pues todo", "va, todo", "mejor todo", "all of it then", "todo mi saldo"]
)
def test_everything_is_asked_for(text: str) -> None:
    assert all_of_it(text)


@pytest.mark.parametrize(
    "text", ["todo bien", "gracias por todo", "cómo va todo?", "quiero todo el catálogo", "80"]
)
def test_not_every_todo_is_the_balance(text: str) -> None:
    assert not all_of_it(text)


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("pásame 100 euros", "euros"),
        ("€80", "euros"),
        ("retira 1000 pesos", "pesos"),
        ("sesenta pesos", "pesos"),
        ("60 mxn", "MXN"),
        ("withdraw 60 dollars", "dolares"),
        ("quiero retirar 60", None),
        ("retirar 60, cuánto es en pesos?", None),
    ],
)
def test_the_currency_of_an_amount_is_read(text: str, currency: str | None) -> None:
    assert currency_in(text) == currency


def test_a_currency_may_be_the_accounts_own() -> None:
    assert may_be("pesos", "MXN") and may_be("dólares", "USD") and may_be("eur", "EUR")
    assert not may_be("pesos", "USD") and not may_be("MXN", "COP") and not may_be("bitcoin", "USD")


def test_a_share_of_the_balance_is_read() -> None:
    assert share_in("sácame la mitad porfa") == Decimal("0.5")
    assert share_in("withdraw half of it") == Decimal("0.5")
    assert share_in("retira el 30 %") == Decimal("0.3")
    assert share_in("I've been waiting half an hour to withdraw") is None
    assert share_in("quiero retirar") is None


async def test_half_is_half_of_what_is_available_to_the_cent(speak: Speak, team: Team) -> None:
    assert await team.slots["amount"]("sácame la mitad", speak("ana")) == "91.20"
    assert await team.slots["amount"]("quiero retirar todo", speak("ana")) is None
    assert await team.slots["amount"]("sácame la mitad", speak()) is None


async def test_a_bare_amount_counts_only_while_a_withdrawal_is_spoken_of(speak: Speak, team: Team) -> None:
    read = team.slots["amount_again"]
    assert await read("mejor 80", speak("ana")) is None
    assert await read("mejor 80", speak("ana", spoken_of="earnings")) is None
    assert await read("mejor 80", speak("ana", spoken_of="withdrawal")) == "80"
    assert await read("la mitad", speak("ana", spoken_of="withdrawal")) == "91.20"
    assert await read("bueno pues todo", speak("ana", spoken_of="withdrawal")) == "182.40"
    assert await read("bueno pues todo", speak("ana")) is None
    assert await read("cuánto tarda?", speak("ana", spoken_of="withdrawal")) is None
    taking = speak("ana", spoken_of="withdrawal")
    now = datetime(2026, 7, 1, tzinfo=UTC)
    pending = PendingAction("request_takedown", AgentName("support"), {}, {}, 1, now)
    taking.state = replace(taking.state, pending=pending)
    assert await read("mejor 80", taking) is None


async def test_another_account_keeps_the_amount_that_waits(speak: Speak, team: Team) -> None:
    taking = speak("ana", spoken_of="withdrawal")
    now = datetime(2026, 7, 1, tzinfo=UTC)
    pending = PendingAction("request_withdrawal", AgentName("royalties"), {"amount": "60.00"}, {}, 1, now)
    taking.state = replace(taking.state, pending=pending)
    for text in ("está bien pero a mi otra cuenta", "ok but to a different account"):
        assert await team.slots["elsewhere"](text, taking) == "60.00"
        assert await team.slots["amount"](text, taking) == "60.00"
    assert await team.slots["elsewhere"]("a mi otra cuenta", speak("ana")) is None
    assert await team.slots["elsewhere"]("sí, confirmo", taking) is None
