"""Episodes: a conversation that has been quiet for a day begins anew, with a summary of what was before."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from relevo.domain.conversation import ConversationState, Episode
from relevo.domain.message import Role, Said

QUIET = timedelta(hours=24)
"""How long nobody has said anything, where what comes next is a new episode."""
QUOTED = 120
"""Characters of a message that a summary quotes at most."""
MOST_NAMED = 5
"""Problems and deeds that a summary names at most, the latest."""


def new_episode(messages: Sequence[Said], state: ConversationState, now: datetime) -> Episode | None:
    """The episode that begins at ``now`` after ``messages`` (oldest first), if they end a day ago or more."""
    if not messages or now - messages[-1].at < QUIET:
        return None
    return Episode(messages[-1].id, summarised(messages, state))


def enter(state: ConversationState, episode: Episode) -> ConversationState:
    """The state as a new episode begins with it: what was at hand is let go, what is known stays.

    Facts, the open ticket and a proposal (which runs out by its own time) stay.
    """
    return replace(
        state, agent=None, signals=None, awaiting=None, settled=None, stumbles=0, problems=(), episode=episode
    )


def summarised(messages: Sequence[Said], state: ConversationState) -> str:
    """What an episode came to, in at most about a thousand characters: from records, none of it invented.

    When it was, who answered, the customer's first and last words, the problems told and what was done.
    """
    names = list(
        dict.fromkeys(said.name for said in messages if said.role is not Role.CUSTOMER and said.name)
    )
    asked = [said.text for said in messages if said.role is Role.CUSTOMER]
    done = [(call.name, call.result) for said in messages for call in said.tools if call.ok]
    parts = [
        f"Until {messages[-1].at:%Y-%m-%d}, {len(messages)} messages with {', '.join(names) or 'nobody'}."
    ]
    if asked:
        parts.append(f"It began with: {_quoted(asked[0])}.")
    if len(asked) > 1:
        parts.append(f"The last words: {_quoted(asked[-1])}.")
    if state.problems:
        parts.append(f"Reported: {'; '.join(map(_quoted, state.problems[-MOST_NAMED:]))}.")
    if deeds := list(dict.fromkeys(_deed(name, result) for name, result in done)):
        parts.append(f"Done: {', '.join(deeds[-MOST_NAMED:])}.")
    return " ".join(parts)


def _deed(name: str, result: object) -> str:
    """A tool by its name, with the number of what it made."""
    number = result.get("number") if isinstance(result, dict) else None
    return f"{name} {number}" if number else name


def _quoted(text: str) -> str:
    line = " ".join(text.split())
    return f"“{line if len(line) <= QUOTED else line[: QUOTED - 1] + '…'}”"
