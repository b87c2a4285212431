"""Royalties: balance, earnings by store, the last payment, and a quarter that was not paid."""

import pytest
from tests.journeys.scripts import Desk
from tests.journeys.talk import Talk, payouts

WORDS = {
    "es": {
        "balance": "¿cuál es mi saldo?",
        "stores": "¿cuánto gané por tienda?",
        "countries": "¿y por país?",
        "unpaid": "¿por qué no me han pagado el segundo trimestre?",
        "reason": "formulario fiscal",
        "last": "¿cuándo fue mi último pago y de cuánto?",
        "withdraw": "quiero retirar todo mi saldo",
        "identify": "necesito saber quién eres",
    },
    "en": {
        "balance": "what's my balance?",
        "stores": "how much did I earn by store?",
        "countries": "and by country?",
        "unpaid": "why hasn't my 2026-Q2 statement been paid?",
        "reason": "tax form",
        "last": "when was my last payment and how much was it?",
        "withdraw": "I want to withdraw my whole balance",
        "identify": "who you are",
    },
}


@pytest.mark.parametrize("language", WORDS)
async def test_money_explained(desk: Desk, language: str) -> None:
    words = WORDS[language]
    ana = await Talk.begin(desk, "ana")
    await ana.say(words["balance"], "182.40", agent="royalties")
    earned = await ana.say(words["stores"], "Spotify", "USD", agent="royalties")
    assert any(call["name"] == "get_earnings" and call["ok"] for call in earned["tools"])
    await ana.say(words["countries"], agent="royalties")

    bruno = await Talk.begin(desk, "bruno")
    await bruno.say(words["unpaid"], "1,284.55", words["reason"], agent="royalties")
    await bruno.say(words["last"], "964.20", "2026-05-15", agent="royalties")


@pytest.mark.parametrize("language", WORDS)
async def test_what_is_held_or_frozen_cannot_be_withdrawn(desk: Desk, language: str) -> None:
    """Bruno's tax form has run out; Carla's account shows signs of a stranger."""
    words = WORDS[language]
    for customer in ("bruno", "carla"):
        talk = await Talk.begin(desk, customer)
        await talk.say(words["withdraw"], agent="royalties")
        await talk.say("sí, confirmo" if language == "es" else "yes, I confirm")
    assert await payouts(desk) == []


@pytest.mark.parametrize("language", WORDS)
async def test_a_stranger_learns_how_to_identify(desk: Desk, language: str) -> None:
    words = WORDS[language]
    talk = await Talk.begin(desk, "stranger")
    for asked in ("balance", "withdraw"):
        await talk.say(words[asked], words["identify"], agent="royalties")
    assert await payouts(desk) == []
