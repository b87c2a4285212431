"""CHECKPOINTS: LangGraph's own tools see a turn's steps, within the project, for the newest turns only."""

from typing import Any

import pytest
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from tests.journeys.conftest import OpenDesk
from tests.journeys.scripts import PLAYBOOK, Desk
from tests.journeys.talk import Talk, rows

from relevo.domain.conversation import ConversationState
from relevo.domain.ids import ProjectId
from relevo.pipeline.checkpointing import VALUES
from relevo.settings import Settings
from relevo.storage import checkpoints
from relevo.storage.checkpoints import strict_serializer

THREADS = [
    "SELECT DISTINCT thread_id FROM checkpoints ORDER BY thread_id",
    "SELECT DISTINCT thread_id FROM checkpoint_blobs ORDER BY thread_id",
    "SELECT DISTINCT thread_id FROM checkpoint_writes ORDER BY thread_id",
]


async def history(desk: Desk, chat: str, turn: str, project: str = "demo") -> list[Any]:
    app = desk.site.app
    graph = app.graph(await app.team_of(app.default_project))
    config = {"configurable": {"thread_id": f"{chat}/{turn}", "project": ProjectId(project)}}
    return [each async for each in graph.aget_state_history(config)]  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", ["memory", "postgres"])
async def test_langgraphs_tools_see_every_step_of_a_turn(new_desk: OpenDesk, mode: str) -> None:
    async with new_desk(PLAYBOOK, checkpoints=mode) as desk:
        talk = await Talk.begin(desk)
        await talk.say("¿cuánto cuesta el plan Pro?", "49.99")
        reply = await talk.say("¿cuál es mi saldo?", "182.40", agent="royalties")
        steps = await history(desk, talk.chat, reply["turn"])
        assert [step.next for step in reversed(steps)] == [
            ("__start__",), ("recall",), ("triage",), ("route",), ("royalties",), (),
        ]  # fmt: skip
        assert isinstance(steps[0].values["state"], ConversationState)
        assert "Tu saldo" in steps[0].values["parts"][-1].text


async def test_another_projects_steps_are_not_seen(new_desk: OpenDesk) -> None:
    async with new_desk(PLAYBOOK, checkpoints="postgres") as desk:
        talk = await Talk.begin(desk)
        reply = await talk.say("hola")
        assert await history(desk, talk.chat, reply["turn"])
        assert await history(desk, talk.chat, reply["turn"], project="other") == []


async def test_only_the_newest_turns_are_kept(new_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "KEPT_TURNS", 3)
    async with new_desk(PLAYBOOK, checkpoints="postgres") as desk:
        talk, other = await Talk.begin(desk), await Talk.begin(desk)
        await other.say("hola")
        turns = [(await talk.say("hola"))["turn"] for _ in range(5)]
        for threads in THREADS:
            kept = await rows(desk, threads)
            mine = [row["thread_id"] for row in kept if row["thread_id"].startswith(talk.chat)]
            assert mine == [f"{talk.chat}/{turn}" for turn in turns[-3:]]
            assert len(kept) == 4


async def test_without_the_setting_nothing_is_kept(new_desk: OpenDesk) -> None:
    async with new_desk(PLAYBOOK) as desk:
        await (await Talk.begin(desk)).say("hola")
        assert await rows(desk, "SELECT 1 FROM checkpoints") == []


def test_nothing_else_is_made_of_what_is_stored() -> None:
    strict = strict_serializer(VALUES)
    assert isinstance(strict.loads_typed(strict.dumps_typed(ConversationState())), ConversationState)
    open_hearted = JsonPlusSerializer(allowed_msgpack_modules=True)
    made = open_hearted.dumps_typed(Settings(_env_file=None))  # type: ignore[call-arg]
    assert not isinstance(strict.loads_typed(made), Settings)
