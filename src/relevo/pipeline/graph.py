"""The turn's state machine, compiled once per team: recall, triage, route, the agents, and the person.

```
START → recall → triage → route ─┬→ an agent ⇄ another agent → END
                                 ├→ human → END        (any agent may lead here)
                                 ├→ refuse → END
                                 └→ END                 (a person owns the conversation)
```
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Command

from relevo.agents.agent import Agent
from relevo.agents.routing import Asked
from relevo.agents.team import Team
from relevo.agents.tool import NotIdentified
from relevo.agents.unavailable import Unavailable
from relevo.domain.conversation import ConversationState
from relevo.domain.decision import HandoffKind, Route
from relevo.domain.ids import AgentName, MessageId
from relevo.domain.message import ReplyPart
from relevo.domain.signals import ATTACK, HUMAN, OTHER, Act, Sentiment, Signals
from relevo.memory.episode import enter
from relevo.pipeline.advising import advise
from relevo.pipeline.answer import answer
from relevo.pipeline.checkpointing import Saver
from relevo.pipeline.evidence import best, known_to
from relevo.pipeline.handoff import hand_over
from relevo.pipeline.human import fetch_person
from relevo.pipeline.recalling import recall
from relevo.pipeline.route import CONFIDENT, route
from relevo.pipeline.state import TurnContext, TurnState, language_of
from relevo.pipeline.tools import UNCLEAR, has_begun

TurnGraph = CompiledStateGraph[Any, Any, Any, Any]
Node = Callable[[TurnState, TurnContext], Awaitable[TurnState]]

MOST_PROBLEMS = 5
SENTENCES = {"attack": "refused_attack", "out_of_scope": "refused_scope", "unreadable": "unreadable"}
BEFORE_A_POLICY = ("owned", "unfinished", "unreadable", "attack")
"""Rules that hold for every team, before its own policy."""
RESERVED = ("recall", "triage", "route", "human", "refuse")


def build_graph(team: Team, saver: Saver | None = None) -> TurnGraph:
    """Compiles the team's graph, with LangGraph's own ``saver`` where it is wanted.

    Raises ValueError when an agent has the name of another node.
    """
    graph = StateGraph(TurnState, context_schema=TurnContext)
    agents = [str(name) for name in team.talking]
    for name in agents:
        if name in RESERVED:
            raise ValueError(f"an agent cannot be called {name!r}")
    for name, node in (
        ("recall", _recall),
        ("triage", _triage),
        ("refuse", _refuse),
        ("human", fetch_person),
    ):
        graph.add_node(name, _timed(name, node))
    graph.add_node(
        "route", _timed("route", _route, _after_route), destinations=(*agents, "human", "refuse", END)
    )
    for agent in team.agents.values():
        if not agent.human:
            others = [name for name in agents if name != agent.name]
            node = _timed(agent.name, _speaks(agent), _after_agent)
            graph.add_node(agent.name, node, destinations=(*others, "human", END))
    graph.add_edge(START, "recall")
    graph.add_edge("recall", "triage")
    graph.add_edge("triage", "route")
    graph.add_edge("human", END)
    graph.add_edge("refuse", END)
    return graph.compile(name=team.name, checkpointer=saver)


def _timed(name: str, node: Node, after: Callable[[TurnState], str] | None = None) -> Any:
    """Wraps a node so that LangGraph can call it and the trace tells how long it took.

    ``after`` says where the turn goes on, together with the node's update: a conditional edge, for which the
    whole state is read anew, doubled what the graph itself costs (1.95 ms of CPU for 4 nodes, not 1.06).
    """

    async def run(state: TurnState, runtime: Runtime[TurnContext]) -> TurnState | Command[str]:
        clock = runtime.context.engine.clock
        started = clock.monotonic()
        update = await node(state, runtime.context)
        update["steps"] = [(name, round((clock.monotonic() - started) * 1000, 2))]
        if after is None:
            return update
        return Command(update=update, goto=after({**state, **update}))

    run.__name__ = name
    return run


def _speaks(agent: Agent) -> Node:
    async def node(state: TurnState, turn: TurnContext) -> TurnState:
        return await answer(state, turn, agent)

    return node


async def _recall(state: TurnState, turn: TurnContext) -> TurnState:
    memory = await (turn.recalling or recall(turn))
    if memory.begun is None:
        return {"memory": memory}
    return {"memory": memory, "state": enter(state["state"], memory.begun)}


async def _triage(state: TurnState, turn: TurnContext) -> TurnState:
    known = state["state"]
    signals, calls = await turn.engine.triage.read(turn.text, known, turn.deadline, turn.account)
    turn.learned.update(turn.engine.team.facts(turn.text, signals.language))
    if known.language is not signals.language:
        turn.learned["language"] = signals.language
    return {
        "signals": signals,
        "calls": list(calls),
        "state": replace(
            known,
            language=signals.language,
            signals=signals,
            facts=_still_true(known) | turn.learned,
            problems=_problems(known, signals, turn.text),
        ),
    }


def _still_true(known: ConversationState) -> dict[str, Any]:
    """The facts; what was unclear is settled once the ticket is closed by which a person found out."""
    gone = {UNCLEAR} if known.ticket is None else set()
    return {name: value for name, value in known.facts.items() if name not in gone}


def _problems(known: ConversationState, signals: Signals, text: str) -> tuple[str, ...]:
    """What the person has complained of, in their words: the newest few."""
    troubled = signals.sentiment is Sentiment.NEGATIVE or signals.urgent
    if not troubled or signals.act is not Act.STATEMENT or signals.confidence < CONFIDENT:
        return known.problems
    said = text.strip()[:200]
    return known.problems if said in known.problems else (*known.problems, said)[-MOST_PROBLEMS:]


async def _route(state: TurnState, turn: TurnContext) -> TurnState:
    team, known, signals = turn.engine.team, state["state"], state["signals"]
    decision = route(
        known,
        signals,
        owner=turn.held.conversation.owner,
        agents=team.talking,
        entry=team.entry,
        human=team.human,
        readable=turn.readable,
        known_by=None if team.routing is not None else await _known_by(known, signals, turn),
        unfinished=await _unfinished(known, turn),
    )
    if team.routing is not None and decision.rule not in BEFORE_A_POLICY:
        project = turn.held.conversation.project
        decision = await team.routing(Asked(project, turn.text, known, turn.engine.services))
    update: TurnState = {"decision": decision}
    passes = decision.rule in ("intent", "known") and decision.agent != known.agent
    if passes and known.agent in team.talking and decision.agent is not None:
        kind = HandoffKind.IMPLICIT
        update |= hand_over(state, turn, known.agent, decision.agent, decision.reason, kind)
    return update


async def _unfinished(known: ConversationState, turn: TurnContext) -> bool:
    waiting = known.pending
    if waiting is None or not turn.held.rerun:
        return False
    return await has_begun(turn, MessageId(waiting.asked_in), waiting.tool)


async def _known_by(known: ConversationState, signals: Signals, turn: TurnContext) -> AgentName | None:
    """Whose playbook surely knows what is asked; looked up only where it could change the way."""
    leaves = known.agent is not None and signals.intent != known.agent
    if signals.act is not Act.STATEMENT or signals.intent == HUMAN:
        return None
    stranger = turn.held.conversation.person.customer is None
    if signals.intent == ATTACK and (signals.reasons or (stranger and known.awaiting is None)):
        return None
    if not leaves and signals.intent not in (OTHER, ATTACK):
        return None
    try:
        scores = await known_to(turn, known, signals)
    except Unavailable:  # who would look it up says that it cannot
        return None
    return best(scores, known.agent or turn.engine.team.entry)


def _after_route(state: TurnState) -> str:
    decision = state["decision"]
    match decision.route:
        case Route.SILENCE:
            return END
        case Route.HUMAN | Route.REFUSE:
            return decision.route.value
        case Route.AGENT:
            return str(decision.agent)


def _after_agent(state: TurnState) -> str:
    if state.get("escalation") is not None:
        return "human"
    passing = state.get("passing")
    return str(passing.receiver) if passing is not None else END


async def _refuse(state: TurnState, turn: TurnContext) -> TurnState:
    """Declines in character: no model, no tool, and nothing learned from the message.

    What seems to be nobody's matter may still be in the team's help: then that answers.
    """
    decision = state["decision"]
    name = decision.agent or turn.engine.team.entry
    if decision.rule == "out_of_scope":
        advised = await advise(state, turn, turn.engine.team.agents[name])
        if advised is not None:
            return {**advised, "agent": name}
    sentence = SENTENCES[decision.rule]
    if decision.rule == "unreadable" and turn.attached:
        sentence = "attached"
    turn.learned.clear()
    text = turn.engine.team.text(sentence, language_of(state))
    if decision.rule == "attack" and turn.held.conversation.person.customer is None:
        text = f"{text} {NotIdentified().texts[language_of(state)]}"  # who did not mean harm learns the way
    part = ReplyPart(name, text, "refusal")
    return {"parts": [part], "agent": name, "mode": "refusal"}
