"""What models may cost: a conversation, a day and a month of a project each have a ceiling that holds."""

import asyncio
from collections.abc import Callable
from datetime import date

import pytest
from psycopg import OperationalError

from relevo.domain.clock import Deadline, ManualClock
from relevo.domain.ids import ConversationId, ProjectId
from relevo.llm.budgeted import Budgeted, Treasury
from relevo.llm.errors import CeilingReached, ServerFault
from relevo.llm.port import Account, ModelCall, ModelReply, ModelRequest
from relevo.llm.prices import Price, Prices
from relevo.storage.database import Database
from relevo.storage.projects import create_project
from relevo.storage.spend import Ceilings, give_back

PRICES = Prices({"dear": Price(1_000.0, 1_000.0)})  # a tenth of a cent a token
COST = 0.5


class Costly:
    """Answers each call for COST dollars, when let; ``most`` were under way at once."""

    def __init__(self, fails: bool = False) -> None:
        self.calls = 0
        self.most = 0
        self._now = 0
        self._fails = fails

    async def ask(
        self, request: ModelRequest, deadline: Deadline, on_text: Callable[[str], None] | None = None
    ) -> ModelReply:
        self.calls += 1
        self._now += 1
        self.most = max(self.most, self._now)
        for _ in range(200):  # so that others get their turn
            await asyncio.sleep(0)
        self._now -= 1
        call = (ModelCall("dear", "answer", 1, cost_usd=COST),)
        if self._fails:
            raise ServerFault("broke off", calls=call)
        return ModelReply("hola", calls=call)

    async def close(self) -> None: ...


def budgeted(database: Database, inner: Costly, **ceilings: float) -> Budgeted:
    treasury = Treasury(database, ManualClock(), Ceilings(**ceilings))
    return Budgeted(inner, "dear", PRICES, treasury)


def question(project: str = "demo", conversation: str = "c1", tokens: int = 500) -> ModelRequest:
    account = Account(ProjectId(project), ConversationId(conversation))
    return ModelRequest([{"role": "user", "content": "hola"}], max_tokens=tokens, account=account)


def deadline() -> Deadline:
    return Deadline.after(ManualClock(), 60)


async def spent(database: Database, project: str = "demo") -> dict[str, float]:
    async with database.project(ProjectId(project)) as connection:
        rows = await (await connection.execute("SELECT span, key, usd FROM model_spend")).fetchall()
    return {f"{row['span']} {row['key']}": round(row["usd"], 6) for row in rows}


async def test_what_was_set_aside_is_given_back_but_for_the_cost(database: Database) -> None:
    model = budgeted(database, Costly(), conversation=10.0)
    await model.ask(question(), deadline())
    await model.settled()
    today = date(2026, 1, 5)
    assert await spent(database) == {
        "conversation c1": COST, f"day {today}": COST, "month 2026-01": COST
    }  # fmt: skip


async def test_a_call_that_fails_costs_what_it_cost(database: Database) -> None:
    model = budgeted(database, Costly(fails=True), conversation=10.0)
    with pytest.raises(ServerFault):
        await model.ask(question(), deadline())
    await model.settled()
    assert (await spent(database))["conversation c1"] == COST


@pytest.mark.parametrize("span", ["conversation", "day", "month"])
async def test_a_hundred_at_once_exceed_the_ceiling_by_one_call_at_most(
    database: Database, span: str
) -> None:
    inner = Costly()
    model = budgeted(database, inner, **{span: 2.9})
    answers = await asyncio.gather(
        *(model.ask(question(), deadline()) for _ in range(100)), return_exceptions=True
    )
    refused = [each for each in answers if isinstance(each, CeilingReached)]
    assert len(refused) + inner.calls == 100 and inner.calls >= 1
    assert inner.calls * COST <= 2.9 + COST
    assert inner.most > 1
    while inner.calls * COST < 2.9:
        await model.ask(question(), deadline())
    with pytest.raises(CeilingReached, match=span):
        await model.ask(question(), deadline())


async def test_at_the_ceiling_no_call_is_made_and_others_go_on(database: Database) -> None:
    await create_project(database, ProjectId("other"), "music", "Other")
    inner = Costly()
    model = budgeted(database, inner, conversation=COST)
    await model.ask(question(), deadline())
    with pytest.raises(CeilingReached):
        await model.ask(question(), deadline())
    assert inner.calls == 1
    await model.ask(question(conversation="c2"), deadline())
    await model.ask(question(project="other"), deadline())
    assert inner.calls == 3


async def test_a_day_begins_anew(database: Database) -> None:
    clock, inner = ManualClock(), Costly()
    model = Budgeted(inner, "dear", PRICES, Treasury(database, clock, Ceilings(day=COST)))
    await model.ask(question(), deadline())
    with pytest.raises(CeilingReached):
        await model.ask(question(), deadline())
    clock.advance(24 * 3600)
    await model.ask(question(), deadline())
    assert inner.calls == 2


async def test_what_a_killed_process_had_set_aside_counts_as_spent(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def killed(*args: object) -> None:
        """Nothing comes of it any more."""

    model = budgeted(database, Costly(), conversation=1.0)
    with monkeypatch.context() as dying:
        dying.setattr("relevo.llm.budgeted.give_back", killed)
        await model.ask(question(tokens=2_000), deadline())
        await model.settled()
    with pytest.raises(CeilingReached):
        await model.ask(question(), deadline())


async def test_an_answer_does_not_wait_for_what_is_given_back_but_the_next_question_does(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    late, returned = asyncio.Event(), []

    async def slowly(*args: object) -> None:
        await late.wait()
        returned.append(args)
        await give_back(*args)  # type: ignore[arg-type]

    monkeypatch.setattr("relevo.llm.budgeted.give_back", slowly)
    model = budgeted(database, Costly(), conversation=1.0)
    await model.ask(question(tokens=2_000), deadline())  # two dollars aside, of which half a one was needed
    assert returned == []
    again = asyncio.create_task(model.ask(question(), deadline()))
    await model.ask(question(conversation="c2"), deadline())
    assert not again.done()
    late.set()
    await again
    await model.settled()
    assert (await spent(database))["conversation c1"] == 2 * COST


async def test_a_database_that_is_away_afterwards_costs_no_answer(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*args: object) -> None:
        raise OperationalError("away")

    monkeypatch.setattr("relevo.llm.budgeted.give_back", away)
    model = budgeted(database, Costly(), conversation=10.0)
    assert (await model.ask(question(), deadline())).text == "hola"
    await model.settled()
    assert (await spent(database))["conversation c1"] > COST
