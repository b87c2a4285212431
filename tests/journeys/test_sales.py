"""Sales: a price, a numbered quote with its expiry, a sign-up."""

import datetime as dt
from decimal import Decimal

import pytest
from tests.journeys.scripts import Desk
from tests.journeys.talk import Talk, number_in, rows

WORDS = {
    "es": (
        "¿cuánto cuesta el plan Pro?",
        "necesito una cotización para 8 artistas y 30 lanzamientos al año, pago mensual",
        "¿hasta cuándo es válida la cotización?",
        "quiero registrarme en el plan Pro, soy Julián Peña y mi correo es julian.pena@example.com",
    ),
    "en": (
        "how much is the Pro plan?",
        "I need a quote for 8 artists and 30 releases a year, billed monthly",
        "how long is the quote valid?",
        "sign me up for the Pro plan, I'm Julián Peña and my email is julian.pena@example.com",
    ),
}


@pytest.mark.parametrize("language", WORDS)
async def test_from_a_price_to_a_sign_up(desk: Desk, language: str) -> None:
    price, quote, validity, sign_up = WORDS[language]
    talk = await Talk.begin(desk, "stranger")

    await talk.say(price, "49.99", agent="sales")

    quoted = await talk.say(quote, "99.94", agent="sales")  # Pro with five artists more: 49.99 + 5 × 9.99
    number = number_in(quoted["content"], "Q")
    [stored] = await rows(desk, "SELECT total, expires_on FROM music_quotes WHERE number = %s", number)
    assert stored["total"] == Decimal("99.94")
    assert stored["expires_on"] > dt.datetime.now(dt.UTC).date()
    assert stored["expires_on"].isoformat() in quoted["content"]

    await talk.say(validity, number, stored["expires_on"].isoformat(), agent="sales")

    signed = await talk.say(sign_up, "julian.pena@example.com", agent="sales")
    [account] = await rows(desk, "SELECT number, plan, name, email FROM music_signups")
    assert account["number"] in signed["content"]
    assert (account["plan"], account["name"], account["email"]) == (
        "pro", "Julián Peña", "julian.pena@example.com",
    )  # fmt: skip


async def test_a_quote_asked_for_twice_is_one_quote_per_message(desk: Desk) -> None:
    """The same message delivered twice quotes once; asking again quotes anew."""
    talk = await Talk.begin(desk, "stranger")
    text = WORDS["es"][1]
    first = (await talk.send(text, **{"Idempotency-Key": "k1"})).json()
    again = (await talk.send(text, **{"Idempotency-Key": "k1"})).json()
    assert again["content"] == first["content"]
    assert len(await rows(desk, "SELECT 1 AS one FROM music_quotes")) == 1

    await talk.say(text, "Q-")
    assert len(await rows(desk, "SELECT 1 AS one FROM music_quotes")) == 2
