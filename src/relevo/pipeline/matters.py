"""Several matters in one message: which part of it is whose, so that none is dropped in silence."""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any

from relevo.agents.choosing import chosen
from relevo.agents.playbook import Play
from relevo.domain.conversation import ConversationState
from relevo.domain.ids import AgentName
from relevo.domain.signals import Act, Language
from relevo.pipeline.state import Matter, TurnContext
from relevo.triage.dialogue import act_of
from relevo.triage.normalise import fold, prepare

SURE = 0.6
"""What a keyword scores at least: with less, a part of a message is no matter of its own."""
MOST = 3
"""Matters answered in one turn; what lies beyond is asked again by those who want to know."""

_SENTENCES = re.compile(r"(?<=[.!?;\n])\s+|\n+|(?:^|\s)(?:\d[).]|[-•*])\s+")
_CLAUSES = re.compile(
    r",?\s+(?:y tambi[eé]n|adem[aá]s|y aparte|y de paso|and also|as well as|plus|also|y|e|and)\s+(?=\S)|,\s+",
    re.IGNORECASE,
)
_OPENS = re.compile(
    r"\W*(?:(?:y|and|also|tambien|de paso|ademas|please|porfa|por favor)\W+)*(?:que|cual|cuant[oa]s?|como"
    r"|cuando|donde|por que|porque|quien|dime|dame|digan|diganme|quiero|quisiera|necesito|ocupo|puedo|pueden"
    r"|puedes|podrian|podria|me (?:puedes|pueden|dices|dicen|mandas|pasas|retiras)|retir\w*|sac\w*|mand\w*"
    r"|explica\w*|revis\w*|checa\w*|ver|saber|si ya|ya (?:salio|esta)|what|how|when|where|why|which|who|is"
    r"|are|can|could|would|do|does|did|tell|give|show|check|i (?:want|need|would)|withdraw|send|explain"
    r"|let me know|whether|if)\b"
)


async def matters_in(turn: TurnContext, state: ConversationState, language: Language) -> list[Matter]:
    """The matters of the turn's messages, where there are two or more that are surely told; else none.

    Two parts answered by the same tool are one matter, unless each names its own title, code or the like.
    """
    found: list[Matter] = []
    told: list[Any] = []
    lead = ""
    asides = _asides(turn)
    for part, opens in _parts(turn.text):
        matter = _named(turn, part, language, asides) if opens else None
        if matter is None and found and act_of(prepare(part)) is Act.STATEMENT:
            again = Matter(part, found[-1].agent, found[-1].play)
            matter = again if await _told(turn, state, language, again) is not None else None
        value = await _told(turn, state, language, matter) if matter is not None else None
        known = next((at for at, each in enumerate(found) if matter and _alike(each, matter)), None)
        if known is not None and told[known] is None:
            told[known] = value  # asked before it was named: "is this code right? USRC17607839"
        if matter is not None and (known is None or value not in (None, told[known])):
            matter.text = f"{lead} {part}".strip() if not found else part
            found.append(matter)
            told.append(value)
        elif found:
            found[-1 if known is None else known].text += f", {part}"
        else:
            lead = f"{lead} {part}".strip()
    return found[:MOST] if len(found) > 1 else []


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """The sentences and their clauses, each with whether it may begin a matter: a clause that neither asks
    nor bids goes on with what was said before it ("8 artistas y 30 lanzamientos")."""
    for sentence in _SENTENCES.split(text):
        clauses = [clause.strip() for clause in _CLAUSES.split(sentence)]
        for place, clause in enumerate(each for each in clauses if each.strip(" \t,.;:¿?¡!")):
            yield clause, place == 0 or _OPENS.match(fold(clause)) is not None


def _asides(turn: TurnContext) -> set[str]:
    """The names of plays that several agents have alike: talk about the talk, and no matter."""
    team = turn.engine.team
    counts = Counter(play.name for name in team.talking for play in team.agents[name].playbook.plays)
    return {name for name, count in counts.items() if count > 1}


def _named(turn: TurnContext, part: str, language: Language, asides: Collection[str]) -> Matter | None:
    """The matter that a keyword in ``part`` tells, of whichever agent knows it best."""
    best: tuple[float, AgentName, Play] | None = None
    for name in turn.engine.team.talking:
        match = chosen(turn.engine.team.agents[name], part, language)
        if match is None or not match.named or match.score < SURE or match.play.name in asides:
            continue
        if best is None or match.score > best[0]:
            best = (match.score, name, match.play)
    return Matter(part, best[1], best[2]) if best else None


async def _told(turn: TurnContext, state: ConversationState, language: Language, matter: Matter) -> Any:
    """The value of the slot by which the matter's play tells one thing from another, as its part names it."""
    reader = turn.engine.team.slots.get(matter.play.hint or "")
    if reader is None:
        return None
    agent = turn.engine.team.agents[matter.agent]
    return await reader(matter.text, turn.tool_context(agent, state, language))


def _alike(one: Matter, other: Matter) -> bool:
    if one.play is other.play:
        return True
    return one.agent == other.agent and one.play.tool is not None and one.play.tool == other.play.tool
