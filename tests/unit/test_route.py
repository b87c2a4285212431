"""Where a message goes: every rule of the table in relevo.pipeline.route, and their order."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from relevo.domain.conversation import Awaiting, ConversationState, PendingAction, TicketRef
from relevo.domain.decision import Route, RouteDecision
from relevo.domain.ids import AgentName, TicketId
from relevo.domain.signals import Act, Language, Signals
from relevo.pipeline.route import route

SALES, SUPPORT, ROYALTIES, HUMAN = (AgentName(name) for name in ("sales", "support", "royalties", "human"))
WITH_SUPPORT = ConversationState(agent=SUPPORT)
TICKET = TicketRef(TicketId("t_1"), 1)
PENDING = PendingAction("request_withdrawal", ROYALTIES, {}, {}, 1, datetime(2030, 1, 1, tzinfo=UTC))


def reads(intent: str, confidence: float = 0.9, **more: Any) -> Signals:
    return Signals(Language.ES, intent, confidence, **more)


def decide(state: ConversationState, signals: Signals, **more: Any) -> RouteDecision:
    given: dict[str, Any] = {
        "owner": None, "agents": (SALES, SUPPORT, ROYALTIES), "entry": SALES, "human": HUMAN
    }  # fmt: skip
    return route(state, signals, **(given | more))


@pytest.mark.parametrize(
    ("state", "signals", "more", "rule", "agent"),
    [
        (WITH_SUPPORT, reads("human", priority=10), {"owner": "Lucía"}, "owned", None),
        (WITH_SUPPORT, reads("other"), {"readable": False}, "unreadable", SUPPORT),
        (WITH_SUPPORT, reads("human"), {}, "asks_person", HUMAN),
        (WITH_SUPPORT, reads("human", 0.4), {}, "stay", SUPPORT),
        (WITH_SUPPORT, reads("support", priority=9.0), {}, "urgent", HUMAN),
        (WITH_SUPPORT, reads("support", priority=8.9), {}, "stay", SUPPORT),
        (replace(WITH_SUPPORT, ticket=TICKET), reads("support", priority=9.5), {}, "urgent", HUMAN),
        (ConversationState(), reads("attack"), {}, "attack", SALES),
        (replace(WITH_SUPPORT, pending=PENDING), reads("attack"), {}, "attack", SUPPORT),
        (replace(WITH_SUPPORT, pending=PENDING), reads("other", act=Act.YES), {}, "open_question", ROYALTIES),
        (replace(WITH_SUPPORT, pending=PENDING), reads("sales"), {}, "intent", SALES),
        (
            replace(WITH_SUPPORT, awaiting=Awaiting(SUPPORT, "status", "title")),
            reads("other", 0.8), {}, "open_question", SUPPORT,
        ),
        (WITH_SUPPORT, reads("other"), {}, "out_of_scope", SUPPORT),
        (WITH_SUPPORT, reads("other"), {"known_by": SALES}, "known", SALES),
        (WITH_SUPPORT, reads("sales"), {"known_by": SUPPORT}, "known", SUPPORT),
        (WITH_SUPPORT, reads("other", act=Act.GREETING), {}, "stay", SUPPORT),
        (ConversationState(), reads("other", act=Act.GREETING), {}, "stay", SALES),
        (WITH_SUPPORT, reads("sales"), {}, "intent", SALES),
        (WITH_SUPPORT, reads("sales", 0.5), {}, "stay", SUPPORT),
        (ConversationState(), reads("royalties", 0.4), {}, "intent", ROYALTIES),
        (ConversationState(agent=AgentName("retired")), reads("support"), {}, "intent", SUPPORT),
    ],
)  # fmt: skip
def test_the_first_rule_that_fits_decides(
    state: ConversationState, signals: Signals, more: dict[str, Any], rule: str, agent: AgentName | None
) -> None:
    decision = decide(state, signals, **more)
    assert (decision.rule, decision.agent) == (rule, agent)
    assert decision.reason


def test_routes_say_what_happens() -> None:
    assert decide(WITH_SUPPORT, reads("sales"), owner="Lucía").route is Route.SILENCE
    assert decide(WITH_SUPPORT, reads("human")).route is Route.HUMAN
    assert decide(WITH_SUPPORT, reads("attack")).route is Route.REFUSE
    assert decide(WITH_SUPPORT, reads("support")).route is Route.AGENT
