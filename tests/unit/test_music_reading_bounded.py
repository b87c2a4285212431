"""What reads a customer's words stays quick, however they are repeated: no pattern backtracks without end."""

import asyncio
import itertools
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest

from relevo.agents.tool import ToolContext
from relevo.domain.clock import SystemClock
from relevo.domain.conversation import Awaiting, ConversationState, PendingAction, Person
from relevo.domain.ids import AgentName, CustomerRef, PersonId
from relevo.domain.signals import Language
from relevo.teams.music import amounts, facts
from relevo.teams.music.backend.port import LabelBackend
from relevo.teams.music.slots import slots

LONGEST = 4_000
ALLOWED = 0.25
"""Seconds of CPU for one text: what is quick takes a hundredth of it, what is not takes minutes."""

TOKENS = [
    "m ", "no ", "a", "a ", "Aa ", "1", "1 ", "1,", "1-", ".", "-", "\n", "\n ", " ", "a@", "a.", '"', "soy ",
    "y con ", "usd ", "$1", "veinte ", "mil ", "un artista y ", "vengo de ", "estoy a ", "isrc ", "upc ",
    "plan ", "artista de ", "me llamo a ", "Canción De ", "a1-", "1x1 ", "’", "retira me ", "just 1 ", "q1 ",
    "banda de ", "2026-", "de ",
]  # fmt: skip
ENDINGS = ["", "x\nzz"]


class TooSlow(Exception):
    pass


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raises TooSlow after so many seconds of this process's CPU; the regex engine lets signals through."""

    def stop(*_: object) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


TEXTS = [
    (token * LONGEST)[: LONGEST - len(ending)] + ending
    for token, ending in itertools.product(TOKENS, ENDINGS)
]
READERS: dict[str, Callable[[str], Any]] = {
    "bare_amount": amounts.bare_amount,
    "all_of_it": amounts.all_of_it,
    "facts": lambda text: facts.facts(text, Language.ES),
    "name_in": facts.name_in,
}
"""Those that no slot reads a whole message with."""


def slow(reader: Callable[[str], Any]) -> list[str]:
    found = []
    for text in TEXTS:
        try:
            with at_most(ALLOWED):
                reader(text)
        except TooSlow:
            found.append(f"{text[:24]!r}…{text[-6:]!r}")
            if len(found) == 5:
                break
    return found


@pytest.mark.parametrize("name", READERS)
def test_a_reader_is_quick_on_repeated_words(name: str) -> None:
    assert slow(READERS[name]) == []


class _Backend:
    """A distributor who has nothing: what is measured is the reading."""

    def __getattr__(self, name: str) -> Any:
        async def nothing(*_: object, **__: object) -> Any:
            return SimpleNamespace(found=None, close=())

        return nothing


def _asked(slot: str, facts: dict[str, Any]) -> ToolContext:
    """Someone who was asked for ``slot`` while a withdrawal waits: every branch of a reader is open."""
    clock = SystemClock()
    state = ConversationState(
        facts=facts,
        awaiting=Awaiting(AgentName("sales"), "x", slot),
        pending=PendingAction("request_withdrawal", AgentName("royalties"), {}, {}, 1, clock.now()),
    )
    values = {
        "person": Person(PersonId("p"), "Ana", CustomerRef("ana"), Language.ES), "state": state,
        "clock": clock, "language": Language.ES, "learned": {}, "services": {LabelBackend: _Backend()},
        "learn": lambda *_: None,
    }  # fmt: skip
    return cast("ToolContext", SimpleNamespace(**values))


@pytest.mark.parametrize("slot", slots)
def test_a_slot_is_quick_on_repeated_words(slot: str) -> None:
    context = _asked(slot, {"spoken_of": "plans", "period": "2026-Q1", "artists": 3})

    def read(text: str) -> Any:
        coroutine = slots[slot](text, context)
        try:
            coroutine.send(None)  # type: ignore[attr-defined]
        except StopIteration as done:
            return done.value
        except (AttributeError, TypeError):  # a share of the nothing that this distributor has
            return None
        return asyncio.run(coroutine)  # type: ignore[arg-type]

    assert slow(read) == []
