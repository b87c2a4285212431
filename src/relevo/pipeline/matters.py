"""Several matters in one message: which part of it is whose, so that none is dropped in silence."""

import re
from collections.abc import Iterator
from typing import Any

from relevo.agents.agent import Agent
from relevo.agents.choosing import chosen
from relevo.agents.playbook import Play
from relevo.domain.conversation import ConversationState
from relevo.domain.ids import AgentName
from relevo.domain.signals import Act, Language
from relevo.pipeline.state import Matter, TurnContext
from relevo.triage.dialogue import act_of
from relevo.triage.normalise import prepare

SURE = 0.6
"""What a keyword scores at least: with less, a part of a message is no matter of its own."""
MOST = 3
"""Matters answered in one turn; what lies beyond is asked again by those who want to know."""

_SENTENCES = re.compile(r"(?<=[.!?;\n])\s+|\n+|(?:^|\s)(?:\d[).]|[-•*])\s+")
_CLAUSES = re.compile(
    r",?\s+(?:y tambi[eé]n|adem[aá]s|y aparte|y de paso|and also|as well as|plus|also|y|e|and)\s+(?=\S)|,\s+",
    re.IGNORECASE,
)


async def matters_in(turn: TurnContext, state: ConversationState, language: Language) -> list[Matter]:
    """The matters of the turn's messages, where there are two or more that are surely told; else none.

    Two parts answered by the same tool are one matter, unless each names its own title, code or the like.
    """
    found: list[Matter] = []
    named: list[Any] = []
    lead = ""
    for part in _parts(turn.text):
        matter = _named(turn, part, language)
        again = None
        if matter is None and found and act_of(prepare(part)) is Act.STATEMENT:
            again = await _again(turn, state, language, part, found[-1])
        if matter is None and again is None:
            if found:
                found[-1].text = f"{found[-1].text}, {part}"
            else:
                lead = f"{lead} {part}".strip()
            continue
        matter = matter or Matter(part, found[-1].agent, found[-1].play)
        value = await _told(turn, state, language, matter)
        known = next((at for at, each in enumerate(found) if _alike(each, matter)), None)
        if known is not None and (value is None or value == named[known]):
            found[known].text = f"{found[known].text}, {part}"
            continue
        matter.text = f"{lead} {part}".strip() if not found else part
        found.append(matter)
        named.append(value)
    return found[:MOST] if len(found) > 1 else []


def _parts(text: str) -> Iterator[str]:
    for sentence in _SENTENCES.split(text):
        for clause in _CLAUSES.split(sentence):
            if clause.strip(" \t,.;:¿?¡!"):
                yield clause.strip()


def _named(turn: TurnContext, part: str, language: Language) -> Matter | None:
    """The matter that a keyword in ``part`` tells, of whichever agent knows it best."""
    best: tuple[float, AgentName, Play] | None = None
    for name in turn.engine.team.talking:
        match = chosen(turn.engine.team.agents[name], part, language)
        if (
            match is not None
            and match.named
            and match.score >= SURE
            and (best is None or match.score > best[0])
        ):
            best = (match.score, name, match.play)
    return Matter(part, best[1], best[2]) if best else None


async def _again(
    turn: TurnContext, state: ConversationState, language: Language, part: str, before: Matter
) -> Any:
    """What ``part`` names that the play of the matter before it is enough asked for with: another title."""
    return await _told(turn, state, language, Matter(part, before.agent, before.play))


async def _told(turn: TurnContext, state: ConversationState, language: Language, matter: Matter) -> Any:
    """The value of the slot by which this play tells one thing from another, as the part names it."""
    reader = turn.engine.team.slots.get(matter.play.hint or "")
    if reader is None:
        return None
    agent: Agent = turn.engine.team.agents[matter.agent]
    return await reader(matter.text, turn.tool_context(agent, state, language))


def _alike(one: Matter, other: Matter) -> bool:
    if one.play is other.play:
        return True
    return one.agent == other.agent and one.play.tool is not None and one.play.tool == other.play.tool
