"""What a turn works with: its state, which LangGraph carries from node to node, and its surroundings."""

import asyncio
import operator
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, TypedDict

from relevo.agents.agent import Agent
from relevo.agents.playbook import Play
from relevo.agents.team import Team
from relevo.agents.tool import ToolContext
from relevo.domain.clock import Clock, Deadline
from relevo.domain.conversation import ConversationState
from relevo.domain.decision import Handoff, HandoffKind, RouteDecision
from relevo.domain.ids import AgentName, MessageId, TurnId
from relevo.domain.message import ReplyPart, ToolCall, words_of
from relevo.domain.signals import Act, Language, Signals
from relevo.llm.errors import ModelError
from relevo.llm.port import Account, Model, ModelCall
from relevo.memory.manager import Context, Memory
from relevo.pipeline.triage import Triage
from relevo.queue.live import Event, Live
from relevo.storage.database import Database
from relevo.storage.lease import Held
from relevo.triage.dialogue import act_of
from relevo.triage.normalise import bounded, prepare

MOST_HANDOFFS = 2
"""Handoffs in one turn; a further one goes to a person instead."""


class TakenOver(Exception):
    """A person has taken the conversation over, or changed it, while the turn worked: say nothing of it."""


class Interrupted(Exception):
    """The model gave up in the middle of an answer; ``tools`` are those that had run by then."""

    def __init__(self, cause: ModelError, tools: list[ToolCall], calls: list[ModelCall]) -> None:
        super().__init__(cause.kind)
        self.cause = cause
        self.tools = tools
        self.calls = [*calls, *cause.calls]


@dataclass(slots=True)
class Matter:
    """One thing a message asks for: the part of it that says so, and who answers it by which play."""

    text: str
    agent: AgentName
    play: Play
    done: bool = False


@dataclass(frozen=True, slots=True)
class Passing:
    """An agent hands over: to whom, why, and the digest of the state it had."""

    giver: AgentName
    receiver: AgentName
    reason: str
    kind: HandoffKind
    digest: str


@dataclass(frozen=True, slots=True)
class Escalation:
    """A person is to be fetched. ``by`` is the agent or rule that asked for it."""

    reason: str
    by: str


class TurnState(TypedDict, total=False):
    """What LangGraph carries. Lists grow as nodes add to them; everything else is replaced."""

    state: ConversationState
    memory: Context
    signals: Signals
    decision: RouteDecision
    agent: AgentName
    passing: Passing | None
    escalation: Escalation | None
    defer: float | None
    """Seconds after which the same messages are to be worked on again."""
    mode: str
    parts: Annotated[list[ReplyPart], operator.add]
    handoffs: Annotated[list[Handoff], operator.add]
    tools: Annotated[list[ToolCall], operator.add]
    calls: Annotated[list[ModelCall], operator.add]
    steps: Annotated[list[tuple[str, float]], operator.add]


@dataclass(frozen=True, slots=True)
class Engine:
    """What every turn of a team uses: made once at start."""

    team: Team
    triage: Triage
    model: Model | None
    memory: Memory
    database: Database
    live: Live
    clock: Clock
    services: Mapping[type[Any], Any]
    desk_says: Callable[[Language], str]
    """The sentence that tells when people answer, as of now."""
    max_tool_steps: int = 10


@dataclass(slots=True)
class TurnContext:
    """One turn's surroundings, passed to every node beside the state."""

    id: TurnId
    engine: Engine
    held: Held
    deadline: Deadline
    guard: Callable[..., Awaitable[None]]
    """Raises Fenced or TakenOver when the turn may not act any more; ``fresh=True`` asks the database."""
    recalling: "asyncio.Task[Context] | None" = None
    """What is remembered, where it was asked for ahead of the graph."""
    recorded: Mapping[str, list[Any]] | None = None
    """In a replay: what each tool returned then, in order; what changes something is answered from it."""
    learned: dict[str, Any] = field(default_factory=dict)
    tool_steps: int = 0
    matters: list[Matter] = field(default_factory=list)
    """What the messages ask for, where that is more than one thing and playbooks answer."""
    effects: dict[tuple[str, str], Any] = field(default_factory=dict)
    """What the effects this turn has done or repeated returned, by tool and hash of arguments."""
    _text: str | None = field(default=None, init=False, repr=False)

    @property
    def text(self) -> str:
        """What the person wrote since the last answer, cut to what triage and playbooks read of it."""
        if self._text is None:
            self._text = bounded(
                "\n".join(filter(None, (words_of(message.text) for message in self.held.pending)))
            )
        return self._text

    @property
    def readable(self) -> bool:
        """Whether anything in it can be read: a letter or a figure, or a sign that says yes or thanks."""
        return any(char.isalnum() for char in self.text) or act_of(prepare(self.text)) is not Act.STATEMENT

    @property
    def attached(self) -> bool:
        """Whether a picture, a recording or the like came along."""
        return any(words_of(message.text) != message.text.strip() for message in self.held.pending)

    @property
    def account(self) -> Account:
        """On whose account the turn's model calls go."""
        return Account(self.held.conversation.project, self.held.conversation.id)

    @property
    def newest(self) -> MessageId:
        """The newest message being answered."""
        return self.held.pending[-1].id

    @property
    def message(self) -> MessageId:
        """The oldest message being answered: the same when the turn runs again after more has come."""
        return self.held.pending[0].id

    @property
    def previewed(self) -> bool:
        """Whether someone may be watching the reply being written."""
        conversation = self.held.conversation
        return self.engine.live.previewed(conversation.project, conversation.id)

    def publish(self, kind: str, /, **data: Any) -> None:
        conversation = self.held.conversation
        self.engine.live.publish(conversation.project, conversation.id, Event(kind, self.id, data))

    def tool_context(self, agent: Agent, state: ConversationState, language: Language) -> ToolContext:
        conversation = self.held.conversation
        return ToolContext(
            project=conversation.project,
            conversation=conversation.id,
            person=conversation.person,
            agent=agent.name,
            language=language,
            state=state,
            message=self.message,
            clock=self.engine.clock,
            services=self.engine.services,
            learned=self.learned,
        )


def language_of(state: TurnState) -> Language:
    """The language to speak in this turn."""
    return state["signals"].language
