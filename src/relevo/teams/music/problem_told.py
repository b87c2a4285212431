"""What a customer tells as a problem: the text of a ticket, now or when one is asked for later."""

import re
from collections.abc import Mapping

from relevo.agents.team import Slot
from relevo.agents.tool import ToolContext
from relevo.teams.music.slot_kit import always
from relevo.triage.normalise import fold, prepare

_BARE_TICKET = re.compile(
    r"\b(tickets?|tiket|casos?|cases?|reportes?|reportar|report|complaint|problema|problem)\b"
)
_LONGEST_REQUEST = 9
"""Words of a message that only asks for a ticket."""
_SHORTEST_PROBLEM = 3
_LONGEST_SUBJECT, _LONGEST_KEPT, _LONGEST_SUMMARY = 80, 200, 1900


async def _earlier_problem(text: str, context: ToolContext) -> str | None:
    """The problem told last, where there is one: what "still the same" is about."""
    earlier = (context.state.facts | context.learned).get("problem")
    return earlier if isinstance(earlier, str) else await _told(text, context)


async def _told(text: str, context: ToolContext) -> str | None:
    """The message as the report of a problem, kept for a ticket that may be asked for later."""
    said = " ".join(text.split())[:_LONGEST_SUMMARY]
    context.learn("problem", said[:_LONGEST_KEPT])
    return said or None


async def _problem(text: str, context: ToolContext) -> str | None:
    """What a ticket is wanted for: the message, or what was told before when it only asks for a ticket."""
    if not (_BARE_TICKET.search(fold(text)) and len(prepare(text).words) <= _LONGEST_REQUEST) or _tells(text):
        return await _told(text, context)
    earlier = (context.state.facts | context.learned).get("problem")
    if isinstance(earlier, str):
        return earlier
    said = text.strip()[:_LONGEST_KEPT]
    return next((told for told in reversed(context.state.problems) if told != said), None)


def _tells(text: str) -> bool:
    """Whether a clause beside the one that asks for a ticket says what is wrong."""
    clauses = re.split(r"[,.:;\n]|\b(?:porque|because)\b", fold(text))
    return (
        any(
            len(clause.split()) >= _SHORTEST_PROBLEM and not _BARE_TICKET.search(clause) for clause in clauses
        )
        and len(clauses) > 1
    )


def _brief(slot: Slot) -> Slot:
    """The beginning of another slot's text, for a subject line."""

    async def read(text: str, context: ToolContext) -> str | None:
        found = await slot(text, context)
        return found[:_LONGEST_SUBJECT] if found else None

    return read


SLOTS: Mapping[str, Slot] = {
    "problem": _problem,
    "problem_in_brief": _brief(_problem),
    "earlier_problem": _earlier_problem,
    "earlier_problem_in_brief": _brief(_earlier_problem),
    "told": _told,
    "matter_access": always("access"),
    "matter_upload": always("upload"),
    "told_in_brief": _brief(_told),
}
