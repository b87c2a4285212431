"""Which play of an agent a message asks for: one that does something must be asked for in so many words."""

from relevo.agents.agent import Agent
from relevo.agents.playbook import CONFIDENT, Match
from relevo.domain.signals import Language
from relevo.triage.asking import requests_in

LIKE_ITS_EXAMPLE = 0.75
"""How like an example a message must be to set going a play that changes something, where none of its
keywords stands in it: "ok gracias" was at .53 to "ok then 50"."""


def chosen(agent: Agent, text: str, language: Language) -> Match | None:
    """The play that ``text`` asks for most surely, however surely that is; None where no word of it is known.

    A play whose tool changes something is chosen only by a keyword or by an example it is much like; one
    that waits for a yes (money, a takedown) only where the message asks for it, not about it.
    """
    request: str | None = None
    for match in agent.playbook.matches(text, language):
        tool = agent.tools.get(match.play.tool or "")
        if tool is None or not tool.effect:
            return match
        if not match.named and match.score < LIKE_ITS_EXAMPLE:
            continue
        if tool.confirm:
            request = requests_in(text) if request is None else request
            asked = (each for each in agent.playbook.matches(request, language) if each.score >= CONFIDENT)
            if not any(each.play is match.play and (each.named or not match.named) for each in asked):
                continue
        return match
    return None
