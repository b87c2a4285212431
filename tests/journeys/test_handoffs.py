"""Handoffs: nothing is lost between any two agents, the person sees it, nobody is passed around for ever."""

from itertools import permutations

import pytest
from tests.journeys.scripts import Desk
from tests.journeys.talk import Reply, Talk, rows
from tests.support.model_protocol import Answer
from tests.support.music_matters import bare

AGENTS = ("sales", "support", "royalties")
PAIRS = list(permutations(AGENTS, 2))
TITLES = {"sales": "Ventas", "support": "Soporte", "royalties": "Regalías"}
MATTERS = {
    "sales": "me interesa el plan Label, ¿cuánto cuesta?",
    "support": "¿por qué me rechazaron la portada de Luz de Enero?",
    "royalties": "¿cuál es mi saldo?",
}
SHOWN = {"sales": "99.99", "support": "3000", "royalties": "182.40"}


@pytest.mark.parametrize(("giver", "receiver"), PAIRS)
async def test_another_agents_matter_passes_on_by_itself(desk: Desk, giver: str, receiver: str) -> None:
    talk = await Talk.begin(desk)
    await talk.say(MATTERS[giver], SHOWN[giver], agent=giver)
    passed = await talk.say(MATTERS[receiver], SHOWN[receiver], TITLES[receiver], agent=receiver)
    assert _way(passed) == [(giver, receiver, "implicit")]
    await _nothing_was_lost(talk, passed)


@pytest.mark.parametrize(("giver", "receiver"), PAIRS)
async def test_the_model_hands_over(model_desk: Desk, giver: str, receiver: str) -> None:
    talk = await Talk.begin(model_desk)
    await talk.say(MATTERS[giver], SHOWN[giver], agent=giver)
    model_desk.model.answer(
        Answer(tools=(("hand_off", {"to": receiver, "reason": "asks about something else"}),)),
        f"Aquí {TITLES[receiver]}, sigo yo.",
    )
    passed = await talk.say("gracias, y otra cosa más que quería ver", "sigo yo", agent=receiver)
    assert _way(passed) == [(giver, receiver, "explicit")]
    await _nothing_was_lost(talk, passed)

    # The receiving agent was given the whole talk and why it came.
    asked = model_desk.model.requests[-1]["messages"]
    assert MATTERS[giver] in [message["content"] for message in asked]
    assert "asks about something else" in asked[0]["content"]


@pytest.mark.parametrize(("giver", "receiver"), PAIRS)
async def test_a_promise_to_pass_on_is_kept(model_desk: Desk, giver: str, receiver: str) -> None:
    """A model that only says "te paso con Soporte" has handed over."""
    talk = await Talk.begin(model_desk)
    await talk.say(MATTERS[giver], agent=giver)
    model_desk.model.answer(f"Claro, te paso con {TITLES[receiver]}.", "Hola, sigo yo.")
    passed = await talk.say("gracias, y otra cosa más que quería ver", "sigo yo", agent=receiver)
    assert _way(passed) == [(giver, receiver, "implicit")]
    await _nothing_was_lost(talk, passed)


async def test_the_receiving_agent_speaks_to_what_is_known(desk: Desk) -> None:
    talk = await Talk.begin(desk)
    await talk.say("me interesa el plan Label, ¿cuánto cuesta?", "99.99", agent="sales")
    passed = await talk.say(MATTERS["support"], "Veo que te interesa", "Label", "3000", agent="support")
    trace = await talk.trace(passed)
    assert trace["memory"]["facts"]["plan_of_interest"] == "Label"

    back = await talk.say("volviendo al plan, ¿hay descuento si pago el año?", agent="sales")
    assert (await talk.trace(back))["memory"]["facts"]["plan_of_interest"] == "Label"


async def test_what_waits_for_a_yes_survives_a_handoff(desk: Desk) -> None:
    talk = await Talk.begin(desk)
    await talk.say("quiero retirar 60 dólares", "60.00", agent="royalties")
    await talk.say("antes dime, ¿cuánto cuesta el plan Pro?", "49.99", agent="sales")
    again = await talk.say("sí, confirmo el retiro", "60.00", agent="royalties")
    assert again["tools"] == []  # after other talk the question is put once more
    done = await talk.say("sí, confirmo", "60.00", agent="royalties")
    assert [call["name"] for call in done["tools"]] == ["request_withdrawal"]


async def test_going_round_in_circles_ends_with_a_person(model_desk: Desk) -> None:
    def pass_on(request: dict[str, object]) -> Answer:
        tools = request["tools"]
        assert isinstance(tools, list)
        [hand_off] = [tool["function"] for tool in tools if tool["function"]["name"] == "hand_off"]
        others = hand_off["parameters"]["properties"]["to"]["enum"]
        return Answer(tools=(("hand_off", {"to": others[0], "reason": "not mine"}),))

    model_desk.model.script(pass_on)
    talk = await Talk.begin(model_desk)
    reply = await talk.say(MATTERS["royalties"], agent="human")
    assert [to for _, to, _ in _way(reply)][-1] == "human"
    assert len(reply["handoffs"]) == 3  # two among agents, then the person
    assert reply["escalated"] and str(reply["ticket"]["number"]) in reply["content"]
    assert model_desk.model_calls == 3
    await _nothing_was_lost(talk, reply)


@pytest.mark.parametrize("to", ["human", "nobody", "", "sales; DROP TABLE handoffs"])
async def test_a_handoff_to_no_agent_fetches_a_person(model_desk: Desk, to: str) -> None:
    model_desk.model.answer(Answer(tools=(("hand_off", {"to": to, "reason": "unclear"}),)))
    talk = await Talk.begin(model_desk)
    reply = await talk.say(MATTERS["sales"], agent="human")
    assert reply["escalated"] and reply["ticket"] is not None


@pytest.mark.parametrize("agent", AGENTS)
async def test_the_model_fetches_a_person(model_desk: Desk, agent: str) -> None:
    model_desk.model.answer(Answer(tools=(("escalate_to_human", {"reason": "needs a special contract"}),)))
    talk = await Talk.begin(model_desk)
    reply = await talk.say(MATTERS[agent], agent="human")
    assert _way(reply) == [(agent, "human", "explicit")]
    [ticket] = await rows(model_desk, "SELECT number, reason, summary FROM tickets")
    assert ticket["reason"] == "needs a special contract"
    assert MATTERS[agent] in ticket["summary"]
    assert str(ticket["number"]) in reply["content"]
    await _nothing_was_lost(talk, reply)


def _way(reply: Reply) -> list[tuple[str, str, str]]:
    return [(each["from"], each["to"], each["kind"]) for each in reply["handoffs"]]


async def _nothing_was_lost(talk: Talk, reply: Reply) -> None:
    """Every receipt of the turn is equal on both sides, and the sentence of each handoff was said."""
    receipts = await rows(
        talk.desk,
        "SELECT receiver, digest_before, digest_after FROM handoffs WHERE turn_id = %s ORDER BY id",
        reply["turn"],
    )
    assert [receipt["receiver"] for receipt in receipts] == [each["to"] for each in reply["handoffs"]]
    for receipt in receipts:
        assert receipt["digest_before"] == receipt["digest_after"]
        assert len(receipt["digest_before"]) == 64
        if receipt["receiver"] != "human":
            assert bare(f"te paso con {TITLES[receipt['receiver']]}") in bare(reply["content"])
