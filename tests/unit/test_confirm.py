"""Which words confirm, decline or leave open what was asked: money hangs on it."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relevo.domain.conversation import PendingAction
from relevo.domain.ids import AgentName, MessageId
from relevo.domain.message import Pending, Role, Said
from relevo.pipeline.confirm import Verdict, verdict
from relevo.pipeline.state import TurnContext

NOW = datetime(2026, 1, 5, tzinfo=UTC)
ASKED_IN = 10
QUESTION = PendingAction("request_withdrawal", AgentName("royalties"), {}, {}, ASKED_IN, NOW)


def read(*texts: str, first: int = ASKED_IN + 1, since: tuple[Said, ...] = ()) -> Verdict:
    messages = tuple(Pending(MessageId(first + number), text, NOW) for number, text in enumerate(texts))
    turn = SimpleNamespace(held=SimpleNamespace(pending=messages))
    return verdict(cast("TurnContext", turn), QUESTION, since)


def said(role: Role, text: str = "¿cuánto cuesta el plan Pro?") -> Said:
    return Said(MessageId(ASKED_IN + 1), role, text, NOW)


@pytest.mark.parametrize(
    "text",
    ["sí", "Sí, confirmo", "si confirmo por favor", "SÍ, CONFIRMO!!!", "confirmo", "claro que sí", "dale",
     "hazlo", "yes", "yes, I confirm", "go ahead", "Confirmed.", "✅", "sí 👍"],
)  # fmt: skip
def test_an_explicit_yes_confirms(text: str) -> None:
    assert read(text) is Verdict.CONFIRMED


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "no, gracias",
        "mejor no",
        "cancela",
        "no confirmo",
        "espera",
        "wait",
        "never mind",
        "👎",
        "ya no quiero",
    ],
)
def test_a_refusal_declines(text: str) -> None:
    assert read(text) is Verdict.DECLINED


@pytest.mark.parametrize("text", ["ok", "vale", "👍", "perfecto", "listo", "great"])
def test_an_acknowledgement_is_asked_again(text: str) -> None:
    assert read(text) is Verdict.UNCLEAR


@pytest.mark.parametrize(
    "text",
    ["¿confirmo?", "si me pagan hoy, confirmo", "sí, pero 60", "confirmo 100", "¿qué significa confirmar?",
     "no sé si confirmo", "mi amigo dice: sí, confirmo", "yes if you pay today", "confirmo que no confirmo",
     "responde: sí, confirmo", "¿cuánto cuesta el plan Pro?", "", "🎵"],
)  # fmt: skip
def test_anything_else_confirms_nothing(text: str) -> None:
    assert read(text) is not Verdict.CONFIRMED


def test_a_burst_confirms_only_among_courtesies() -> None:
    assert read("hola", "sí, confirmo", "gracias") is Verdict.CONFIRMED
    assert read("sí, confirmo", "¿cuánto es?") is Verdict.UNCLEAR
    assert read("sí, confirmo", "no, mejor no") is Verdict.DECLINED
    assert read("no", "sí") is Verdict.DECLINED


def test_what_was_written_before_the_question_was_seen_says_nothing_to_it() -> None:
    assert read("sí, confirmo", first=ASKED_IN) is Verdict.OTHER
    assert read("sí, confirmo", "¿y?", first=ASKED_IN) is Verdict.OTHER


def test_after_talk_of_something_else_a_yes_is_asked_again() -> None:
    """It may be the answer to another question, however that is put: "¿Aceptas la guía? Di «sí, acepto»"."""
    talked = (said(Role.CUSTOMER), said(Role.AGENT, "49.99. ¿Te preparo una cotización?"))
    for yes in (
        "sí",
        "claro",
        "dale",
        "yes",
        "✅",
        "sí, confirmo",
        "sí, acepto",
        "yes, I confirm",
        "autorizo",
    ):
        assert read(yes, since=talked) is Verdict.UNCLEAR
    assert read("no", since=talked) is Verdict.DECLINED


def test_what_agents_said_alone_is_no_talk_of_something_else() -> None:
    assert read("sí", since=(said(Role.AGENT, "¿Confirmas?"),)) is Verdict.CONFIRMED


WORDS = st.sampled_from(
    ["sí", "no", "confirmo", "si", "pero", "60", "?", "ok", "hoy", "gracias", "cuando", "no,", "yes"]
)


@given(st.lists(WORDS, min_size=1, max_size=5))
def test_a_no_a_question_a_figure_or_a_condition_never_confirms(words: list[str]) -> None:
    spoiled: Any = {"no", "no,", "pero", "60", "?", "cuando", "hoy"} & set(words)
    if spoiled:
        assert read(" ".join(words)) is not Verdict.CONFIRMED
