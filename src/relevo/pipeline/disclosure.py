"""Whether a text gives away what only the model is told: a run of words of its prompt, or a mark in it."""

import re
from collections.abc import Collection, Iterator
from functools import lru_cache

from relevo.agents.agent import Agent
from relevo.agents.prompt import HOUSE_RULES
from relevo.triage.normalise import fold

OF_RULES = 8
"""So many words in a row of the rules of the house give them away: by chance they do not come together."""
OF_PROMPT = 25
"""The same for an agent's own prompt, in which facts stand too that customers may be told."""
SHORTEST_MARK = 8
"""Letters and digits a mark has at least: a word of the prompt with both in it, such as a planted canary."""
_WORD = re.compile(r"\w+")
_TOKEN = re.compile(r"\S+")


def discloses(text: str, agent: Agent) -> bool:
    """Whether ``text`` repeats the agent's prompt or the rules of the house, in either language.

    Marks are found spelled out with signs between and backwards too. What is turned into another script or
    told in other words is not found: a prompt must hold nothing whose loss would harm.
    """
    runs, marks = _told(tuple(agent.prompts.values()))
    words = _WORD.findall(fold(text))
    bare = "".join(words).replace("_", "")
    if any(mark in bare or mark[::-1] in bare for mark in marks):
        return True
    return any(not runs.isdisjoint(_runs(words, length)) for length in (OF_RULES, OF_PROMPT))


def _runs(words: list[str], length: int) -> Iterator[tuple[str, ...]]:
    return (tuple(words[at : at + length]) for at in range(len(words) - length + 1))


@lru_cache(maxsize=64)
def _told(prompts: tuple[str, ...]) -> tuple[frozenset[tuple[str, ...]], Collection[str]]:
    runs: set[tuple[str, ...]] = set()
    marks: set[str] = set()
    for rules in HOUSE_RULES.values():
        runs.update(_runs(_WORD.findall(fold(rules)), OF_RULES))
    for prompt in prompts:
        folded = fold(prompt)
        runs.update(_runs(_WORD.findall(folded), OF_PROMPT))
        marks |= {mark for token in _TOKEN.findall(folded) if (mark := _mark(token))}
    return frozenset(runs), frozenset(marks)


def _mark(token: str) -> str:
    """The token's letters and digits, where it has both and enough of them; else nothing."""
    bare = "".join(char for char in token if char.isalnum())
    both = any(char.isdigit() for char in bare) and any(char.isalpha() for char in bare)
    return bare if both and len(bare) >= SHORTEST_MARK else ""
