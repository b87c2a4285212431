"""Someone who speaks to the music team's tools: a demo customer or a stranger, in a conversation."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import relevo.teams.music
from relevo.agents.team import Team, load_team
from relevo.agents.tool import ToolContext
from relevo.desk.tickets import Tickets
from relevo.domain.clock import SystemClock
from relevo.domain.conversation import ConversationState, Person
from relevo.domain.ids import AgentName, ChannelName, CustomerRef, MessageId, PersonId, ProjectId
from relevo.domain.message import InboundMessage
from relevo.domain.signals import Language
from relevo.storage.database import Database
from relevo.storage.inbox import put

DEMO = ProjectId("demo")
NAMES = {"ana": "Ana Torres", "bruno": "Bruno Díaz", "carla": "Carla Smith", "artist-007": "Someone Else"}
EVERYONE = (*NAMES, "stranger")

Speak = Callable[..., ToolContext]


def music_team() -> Team:
    return load_team(Path(relevo.teams.music.__file__).parent, "relevo.teams.music")


async def speaker(database: Database, team: Team) -> Speak:
    """``speak(who, language, **facts)`` makes the context in which ``who`` calls a tool."""
    talks, persons = {}, {}
    for who in EVERYONE:
        message = InboundMessage(DEMO, ChannelName("api"), who, f"test-{who}", "hola")
        talks[who] = (await put(database, message, per_minute=100)).conversation
        async with database.project(DEMO) as connection:
            row = await (
                await connection.execute("SELECT person_id FROM conversations WHERE id = %s", (talks[who],))
            ).fetchone()
            assert row is not None
            persons[who] = PersonId(row["person_id"])

    def speak(who: str = "stranger", language: Language = Language.ES, **facts: Any) -> ToolContext:
        return ToolContext(
            project=DEMO,
            conversation=talks[who],
            person=Person(persons[who], NAMES.get(who), CustomerRef(who) if who in NAMES else None, language),
            agent=AgentName("sales"),
            language=language,
            state=ConversationState(facts=facts),
            message=MessageId(1),
            clock=SystemClock(),
            services={Tickets: Tickets(database), **team.services(database, DEMO)},
            idempotency_key="1:test",
        )

    return speak
