"""When the model does not answer: what the person sees, call by call, is what the table promises."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack

import pytest
from pydantic import SecretStr
from tests.conftest import DEMO
from tests.journeys.conftest import OpenDesk
from tests.journeys.scripts import MODEL, Desk
from tests.journeys.talk import Talk, rows
from tests.support.model_protocol import Answer, Fault, FaultKind
from tests.support.model_server import ModelServer
from tests.support.music_brain import answer as brain

from relevo.domain.clock import SystemClock
from relevo.domain.ids import ConversationId
from relevo.domain.message import Wake

BALANCE = {"es": "¿cuál es mi saldo?", "en": "what's my balance?"}
NO_PLAY = {
    "es": "tengo una situación rara con las regalías de un tema viejo que grabé con mi primo",
    "en": "I have an odd situation with the royalties of an old song I recorded with my cousin",
}
BUSY = {"es": "te respondo en unos 30 segundos", "en": "answer you in about 30 seconds"}
SLOW = {"es": "¿Prefieres esperar o lo hablamos en un momento?", "en": "rather wait, or talk in a moment?"}
TECHNICAL = {"es": "un problema técnico, así que te conecto", "en": "a technical problem, so I'm connecting"}


LIMITED: list[FaultKind] = ["rate_limit"] * 3
BROKEN: list[FaultKind] = ["server"] * 3


class QuickClock(SystemClock):
    """Sleeps not at all, and remembers how long it should have."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)


@pytest.fixture
def clock() -> QuickClock:
    return QuickClock()


@pytest.fixture
async def failing(new_desk: OpenDesk, clock: QuickClock) -> AsyncIterator[Desk]:
    """A desk whose model is about to fail; local triage, so that every wire call is the agent's."""
    async with AsyncExitStack() as stack:
        quick = new_desk(MODEL, clock=clock, triage="local", llm_call_timeout=1.0)
        yield await stack.enter_async_context(quick)


FAILURES: list[tuple[Sequence[FaultKind], list[float], str | None]] = [
    (["quota"], [], "quota"),
    (["credits"], [], "quota"),
    (["unauthorized"], [], "refused"),
    (["bad_request"], [], "refused"),
    (["server"] * 3, [2.0, 4.0], None),
    (["reset"] * 3, [2.0, 4.0], None),
    (["cut_mid_stream"] * 3, [2.0, 4.0], None),
    (["malformed_json"] * 2, [], None),
    (["empty"] * 2, [], None),
    (["never"] * 2, [0.0], None),
]


@pytest.mark.parametrize("language", BALANCE)
@pytest.mark.parametrize(("faults", "waits", "alert"), FAILURES, ids=[faults[0] for faults, _, _ in FAILURES])
async def test_the_playbook_answers_instead(
    failing: Desk,
    clock: QuickClock,
    faults: Sequence[FaultKind],
    waits: list[float],
    alert: str | None,
    language: str,
) -> None:
    alerts = await _alerts(failing, alert)
    failing.model.fail(*faults)
    talk = await Talk.begin(failing)
    app = failing.site.app
    async with app.live.watch(app.default_project, ConversationId(talk.chat)):  # so that text is streamed
        reply = await talk.say(BALANCE[language], "182.40", agent="royalties")

    assert reply["mode"] == "playbook" and not reply["escalated"]
    assert failing.model_calls == len(faults)
    assert clock.slept == waits
    assert TECHNICAL[language] not in reply["content"] and BUSY[language] not in reply["content"]
    assert (SLOW[language] in reply["content"]) == (faults[0] == "never")
    if alert is not None:
        assert await _alerts(failing, alert) == alerts + 1

    well_again = await talk.say(BALANCE[language], "182.40")
    assert well_again["mode"] == "model"


@pytest.mark.parametrize("language", NO_PLAY)
@pytest.mark.parametrize(
    "faults", [["quota"], ["server"] * 3, ["empty"] * 2, ["never"] * 2], ids=lambda each: each[0]
)
async def test_a_person_is_fetched_where_no_play_fits(
    failing: Desk, faults: Sequence[FaultKind], language: str
) -> None:
    failing.model.fail(*faults)
    talk = await Talk.begin(failing)
    reply = await talk.say(NO_PLAY[language], TECHNICAL[language], agent="human")
    assert reply["escalated"]
    [ticket] = await rows(failing, "SELECT number, reason, summary FROM tickets")
    assert str(ticket["number"]) in reply["content"]
    assert "the model gave no answer" in ticket["reason"]
    assert NO_PLAY[language] in ticket["summary"]


async def test_a_model_that_has_gone_away(failing: Desk, clock: QuickClock) -> None:
    talk = await Talk.begin(failing)
    assert (await talk.say(BALANCE["es"], "182.40"))["mode"] == "model"
    await failing.model.stop()
    gone = await talk.say("¿cuánto gané por tienda?", "Spotify", agent="royalties")
    assert gone["mode"] == "playbook"
    assert clock.slept == [2.0, 4.0]


@pytest.mark.parametrize("language", BALANCE)
async def test_a_rate_limit_is_told_and_answered_half_a_minute_later(
    failing: Desk, clock: QuickClock, language: str
) -> None:
    failing.model.fail(*LIMITED)
    talk = await Talk.begin(failing)
    busy = await talk.say(BALANCE[language], BUSY[language], agent="royalties")
    assert busy["mode"] == "deferred" and not busy["escalated"]
    assert (failing.model_calls, clock.slept) == (3, [2.0, 4.0])
    assert 25 < await _seconds_until_due(talk) <= 30

    await _half_a_minute_later(talk)
    last = (await talk.messages())[-1]
    assert last["agent"] == "royalties" and "182.40" in last["content"]
    assert failing.model_calls == 5  # the tool, then the words


async def test_the_server_says_how_long_to_wait(failing: Desk, clock: QuickClock) -> None:
    failing.model.fail(Fault("rate_limit", retry_after="7"))
    talk = await Talk.begin(failing)
    reply = await talk.say(BALANCE["es"], "182.40")
    assert (reply["mode"], clock.slept) == ("model", [7.0])


async def test_a_second_rate_limit_leaves_it_to_the_playbook(failing: Desk) -> None:
    failing.model.fail(*LIMITED, *LIMITED)
    talk = await Talk.begin(failing)
    await talk.say(BALANCE["es"], BUSY["es"])
    await _half_a_minute_later(talk)
    said = await talk.messages()
    assert [message["content"].count(BUSY["es"]) for message in said] == [0, 1, 0]
    assert "182.40" in said[-1]["content"]
    assert failing.model_calls == 6


async def test_a_second_rate_limit_without_a_play_fetches_a_person(failing: Desk) -> None:
    failing.model.fail(*LIMITED, *LIMITED)
    talk = await Talk.begin(failing)
    await talk.say(NO_PLAY["es"], BUSY["es"])
    await _half_a_minute_later(talk)
    assert any(TECHNICAL["es"] in message["content"] for message in await talk.messages())
    assert len(await rows(failing, "SELECT number FROM tickets")) == 1


@pytest.fixture
async def second() -> AsyncIterator[ModelServer]:
    """Another model's server, which works at the music desk as the first does."""
    async with ModelServer(brain) as server:
        yield server


@pytest.fixture
async def backed(new_desk: OpenDesk, clock: QuickClock, second: ModelServer) -> AsyncIterator[Desk]:
    """A failing desk with a fallback model."""
    async with AsyncExitStack() as stack:
        quick = new_desk(
            MODEL, clock=clock, triage="local", llm_call_timeout=0.5, llm_fallback="compatible:second",
            llm_fallback_base_url=second.url, llm_fallback_api_key=SecretStr("second-key"),
        )  # fmt: skip
        yield await stack.enter_async_context(quick)


async def test_where_the_first_model_breaks_the_second_answers(backed: Desk, second: ModelServer) -> None:
    backed.model.fail(*BROKEN, *BROKEN)
    talk = await Talk.begin(backed)
    reply = await talk.say(BALANCE["es"], "182.40", agent="royalties")
    assert reply["mode"] == "model" and not reply["escalated"]
    assert (backed.model_calls, len(second.requests)) == (6, 2)  # the tool, then the words
    assert {request["model"] for request in second.requests} == {"second"}
    assert {call["model"] for call in (await talk.trace(reply))["calls"]} == {"music", "second"}


async def test_a_rate_limit_is_waited_out_before_the_second_is_asked(
    backed: Desk, second: ModelServer
) -> None:
    backed.model.fail(*LIMITED, *LIMITED, *LIMITED)
    talk = await Talk.begin(backed)
    await talk.say(BALANCE["es"], BUSY["es"])
    assert (backed.model_calls, len(second.requests)) == (3, 0)
    await _half_a_minute_later(talk)
    assert "182.40" in (await talk.messages())[-1]["content"]
    assert (backed.model_calls, len(second.requests)) == (9, 2)


async def test_where_both_fail_the_playbook_answers(backed: Desk, second: ModelServer) -> None:
    backed.model.fail(*BROKEN)
    second.fail("server")
    talk = await Talk.begin(backed)
    reply = await talk.say(BALANCE["es"], "182.40", agent="royalties")
    assert reply["mode"] == "playbook"
    assert (backed.model_calls, len(second.requests)) == (3, 1)


async def test_what_is_written_meanwhile_is_answered_with_it(failing: Desk) -> None:
    failing.model.fail(*LIMITED)
    talk = await Talk.begin(failing)
    await talk.say(BALANCE["es"], BUSY["es"])
    async with asyncio.TaskGroup() as tasks:
        second = tasks.create_task(talk.say("¿y cuánto gané por tienda?"))
        while len(await rows(failing, "SELECT 1 AS one FROM messages WHERE state = 'pending'")) < 2:  # noqa: ASYNC110 - the database is asked, not the clock
            await asyncio.sleep(0)
        await _half_a_minute_later(talk)
    assert second.result()["content"] == (await talk.messages())[-1]["content"]
    assert await rows(failing, "SELECT 1 AS one FROM messages WHERE state = 'pending'") == []


async def test_a_tool_that_ran_before_the_model_failed_is_not_run_again(failing: Desk) -> None:
    """The sign-up is made, then the model dies: the playbook finds it done."""
    failing.model.clear()
    talk = await Talk.begin(failing, "stranger")
    script = failing.model
    script.answer(_sign_up())
    script.fail(*BROKEN)
    reply = await talk.say(
        "quiero registrarme en el plan Pro, soy Julián Peña y mi correo es julian.pena@example.com",
        agent="sales",
    )
    [account] = await rows(failing, "SELECT number FROM music_signups")
    assert account["number"] in reply["content"]


def _sign_up() -> Answer:
    return Answer(
        tools=(("start_signup", {"plan": "Pro", "name": "Julián Peña", "email": "julian.pena@example.com"}),)
    )


async def _alerts(desk: Desk, kind: str | None) -> float:
    """How often an operator was alerted to ``kind``, as the metrics have it."""
    page = (await desk.site.client.get("/metrics")).text
    wanted = f'relevo_operator_alerts_total{{kind="{kind}"}} '
    return next(
        (float(line.removeprefix(wanted)) for line in page.splitlines() if line.startswith(wanted)), 0.0
    )


async def _seconds_until_due(talk: Talk) -> float:
    [row] = await rows(
        talk.desk,
        "SELECT extract(epoch FROM due_at - now())::float8 AS left FROM conversations WHERE id = %s",
        talk.chat,
    )
    left: float = row["left"]
    return left


async def _half_a_minute_later(talk: Talk) -> None:
    """Moves the deferred run to now, and has it done."""
    await rows(talk.desk, "UPDATE conversations SET due_at = now() WHERE id = %s RETURNING id", talk.chat)
    worker = talk.desk.site.app.worker
    assert worker is not None
    await worker.work(Wake(DEMO, ConversationId(talk.chat)))
