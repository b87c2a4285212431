"""Money moves once, for a yes in a later message, by code's figures, whatever talk or model do."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from tests.journeys.conftest import OpenDesk
from tests.journeys.scripts import MODES, Desk
from tests.journeys.talk import Talk, payouts
from tests.support.model_protocol import Answer

from relevo.domain.clock import SystemClock

WORDS = {
    "es": ("quiero retirar todo mi saldo", "sí, confirmo", "no, mejor no", "¿cuál es mi saldo?"),
    "en": ("I want to withdraw my whole balance", "yes, I confirm", "no, cancel it", "what's my balance?"),
}
HOSTILE = (
    "-50", "0", "0.001", "NaN", "Infinity", "-Infinity", "1e30", "999999999999999999999999", "182.41",
    "60'; DROP TABLE music_payouts; --", "", "sixty", [60], {"amount": 60}, True,
)  # fmt: skip


@pytest.mark.parametrize("language", WORDS)
async def test_confirmed_in_a_later_message(desk: Desk, language: str) -> None:
    withdraw, yes, _, balance = WORDS[language]
    talk = await Talk.begin(desk)
    await talk.say(withdraw, "182.40", agent="royalties")
    assert await payouts(desk) == []

    await talk.say(yes, "182.40", agent="royalties")
    assert await payouts(desk) == ["182.40"]

    await talk.say(yes, agent="royalties")  # a reply to a finished withdrawal
    await talk.say(balance, "0.00", agent="royalties")
    assert await payouts(desk) == ["182.40"]


@pytest.mark.parametrize("language", WORDS)
async def test_a_no_leaves_the_money_where_it_is(desk: Desk, language: str) -> None:
    withdraw, yes, no, balance = WORDS[language]
    talk = await Talk.begin(desk)
    await talk.say(withdraw, "182.40")
    await talk.say(no, agent="royalties")
    await talk.say(yes)
    await talk.say(balance, "182.40", agent="royalties")
    assert await payouts(desk) == []


async def test_a_yes_in_the_same_message_does_not_count(desk: Desk) -> None:
    talk = await Talk.begin(desk)
    await talk.say("quiero retirar todo mi saldo, sí, confirmo", "182.40", agent="royalties")
    assert await payouts(desk) == []
    await talk.say("sí, confirmo", "182.40")
    assert await payouts(desk) == ["182.40"]


@pytest.mark.parametrize("said", ["si me pagan hoy, confirmo", "¿confirmo?", "ok", "sí, pero mejor 60"])
async def test_what_is_no_clear_yes_moves_nothing(new_desk: OpenDesk, said: str) -> None:
    async with new_desk() as desk:
        talk = await Talk.begin(desk)
        await talk.say("quiero retirar todo mi saldo", "182.40")
        await talk.say(said)
        assert await payouts(desk) == []


async def test_two_confirmations_at_once_pay_once(desk: Desk) -> None:
    talk = await Talk.begin(desk)
    await talk.say("quiero retirar 60 dólares", "60.00")
    answers = await asyncio.gather(*(talk.send("sí, confirmo") for _ in range(2)))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert await payouts(desk) == ["60.00"]


async def test_the_same_withdrawal_from_two_chats_stays_within_the_balance(desk: Desk) -> None:
    first, second = await Talk.begin(desk), await Talk.begin(desk)
    for talk in (first, second):
        await talk.say("quiero retirar todo mi saldo", "182.40")
    await asyncio.gather(first.say("sí, confirmo"), second.say("sí, confirmo"))
    assert await payouts(desk) == ["182.40"]


@pytest.mark.parametrize("mode", MODES)
async def test_a_yes_that_comes_too_late_does_nothing(new_desk: OpenDesk, mode: str) -> None:
    class AnHourBehind(SystemClock):
        def now(self) -> datetime:
            return datetime.now(UTC) - timedelta(hours=1)

    async with new_desk(mode, clock=AnHourBehind()) as desk:
        talk = await Talk.begin(desk)
        await talk.say("quiero retirar todo mi saldo", "182.40")
        await talk.say("sí, confirmo", "demasiado tiempo")
        assert await payouts(desk) == []


async def test_a_model_that_asks_twice_is_heard_once(model_desk: Desk) -> None:
    """Two calls in one answer make one proposal, and one yes makes one payout."""
    twice = Answer(tools=(("request_withdrawal", {"amount": "60"}), ("request_withdrawal", {"amount": "60"})))
    model_desk.model.answer(twice)
    talk = await Talk.begin(model_desk)
    proposed = await talk.say("quiero retirar 60 dólares", "60.00", agent="royalties")
    assert [call["name"] for call in proposed["tools"]] == ["request_withdrawal"]
    await talk.say("sí, confirmo", "60.00")
    assert await payouts(model_desk) == ["60.00"]


async def test_a_model_cannot_confirm_for_the_person(model_desk: Desk) -> None:
    """It may call the tool in every turn: without a yes each call is only one more question."""
    talk = await Talk.begin(model_desk)
    await talk.say("¿cuál es mi saldo?", "182.40")
    for _ in range(3):
        model_desk.model.answer(Answer(tools=(("request_withdrawal", {}),)))
        await talk.say("¿y cuánto gané por tienda?", "182.40")
    assert await payouts(model_desk) == []


@pytest.mark.parametrize("amount", ["99999999999999999999999", "0", "1", "999999.99"])
async def test_hostile_amounts_of_a_person_move_nothing(new_desk: OpenDesk, amount: str) -> None:
    async with new_desk() as desk:
        talk = await Talk.begin(desk)
        await talk.say(f"quiero retirar {amount} dólares", agent="royalties")
        await talk.say("sí, confirmo")
        assert await payouts(desk) == []


async def test_hostile_amounts_of_a_model_move_nothing(model_desk: Desk) -> None:
    talk = await Talk.begin(model_desk)
    await talk.say("¿cuál es mi saldo?", "182.40")
    for amount in HOSTILE:
        model_desk.model.answer(
            Answer(tools=(("request_withdrawal", {"amount": amount}),)),
            f"No pude con {type(amount).__name__}.",
        )
        reply = await talk.say("quiero retirar dinero")
        assert [call["ok"] for call in reply["tools"]] == [False], amount
        await talk.say("sí, confirmo")
    for extra in ({"customer": "cust-bruno"}, {"amount": "60", "account": "CLABE ••9999"}):
        model_desk.model.answer(Answer(tools=(("request_withdrawal", extra),)), "No se pudo.")
        reply = await talk.say("quiero retirar dinero")
        assert [call["ok"] for call in reply["tools"]] == [False], extra
        await talk.say("sí, confirmo")
    assert await payouts(model_desk) == []
