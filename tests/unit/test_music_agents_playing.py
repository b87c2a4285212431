"""Plays on real data: what a tool returns is told by its template, for everyone and in both languages."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.support.music_speakers import EVERYONE, Speak, music_team, speaker

from relevo.agents.playbook import Play, render
from relevo.agents.team import Team
from relevo.agents.tool import Proposal, Tool, ToolContext, ToolError
from relevo.domain.ids import AgentName
from relevo.domain.signals import Language
from relevo.storage.database import Database
from relevo.storage.embedded import Cluster
from relevo.teams.music.backend.plans import load_terms


@pytest.fixture(scope="module")
def team() -> Team:
    return music_team()


@pytest.fixture
async def speak(cluster: Cluster, demo_name: str, team: Team) -> AsyncIterator[Speak]:
    database = Database(cluster.url("relevo_app", demo_name), 4)
    await database.open()
    yield await speaker(database, team)
    await database.close()


@pytest.mark.parametrize("who", EVERYONE)
async def test_every_play_tells_what_its_tool_returned(speak: Speak, team: Team, who: str) -> None:
    """Each play with a tool, on the slots its own examples fill; refusals and proposals included."""
    told = 0
    for name in team.talking:
        agent = team.agents[name]
        for play in (each for each in agent.playbook.plays if each.tool):
            for language in Language:
                for text in play.examples[language]:
                    context = speak(who, language)
                    context.idempotency_key = f"{who}:{name}:{play.name}:{text}"
                    outcome, slots = await _perform(team, agent.tools[play.tool or ""], play, text, context)
                    if outcome is None:
                        continue
                    said = render(
                        play.say[language],
                        result=outcome.shown if isinstance(outcome, Proposal) else outcome,
                        slots=slots,
                        facts=context.learned,
                        person=context.person,
                    )
                    assert said and "None" not in said and "{" not in said, (play.name, text, said)
                    told += 1
    assert told > 100


async def _perform(
    team: Team, tool: Tool, play: Play, text: str, context: ToolContext
) -> tuple[Any, dict[str, Any]]:
    """What the tool returned, with the slots; None where a slot is missing or the tool refused."""
    slots = {}
    for slot in {*play.args.values(), *play.require}:
        value = await team.slots[slot](text, context)
        if value is not None:
            slots[slot] = value
    if any(slot not in slots for slot in play.require):
        return None, slots
    arguments = {name: slots[slot] for name, slot in play.args.items() if slot in slots}
    try:
        return await tool.function(context, **tool.parse(arguments)), slots
    except ToolError as error:
        if error.code == "bad_arguments":
            raise
        return None, slots


async def test_a_stranger_is_told_the_terms_of_the_plans(speak: Speak, team: Team) -> None:
    agent = team.agents[AgentName("royalties")]
    play = agent.playbook.get("minimum")
    assert play is not None
    result = await agent.tools["get_withdrawal_terms"].function(speak())
    for language in Language:
        text = render(play.say[language], result=result, slots={}, facts={}, person=speak().person)
        assert str(load_terms().minimum_withdrawal) in text and "WhatsApp" in text
