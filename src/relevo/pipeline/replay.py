"""Runs a stored turn again from its snapshot, with side effects off, to see what would come of it today."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter

from relevo.agents.tool import ToolContext
from relevo.desk.tickets import Tickets
from relevo.domain.clock import Deadline
from relevo.domain.conversation import Conversation, Episode, Person
from relevo.domain.ids import ChannelName, ConversationId, MessageId, ProjectId, TicketId, TurnId
from relevo.domain.message import Pending, Role, Said
from relevo.domain.ticket import Ticket, TicketState
from relevo.memory.manager import Context, Profile
from relevo.pipeline.commit import record_of
from relevo.pipeline.graph import build_graph
from relevo.pipeline.running import run
from relevo.pipeline.state import Engine, TurnContext
from relevo.queue.live import InProcessLive
from relevo.storage.codec import read_state
from relevo.storage.history import read_handoffs, read_of_turn
from relevo.storage.lease import Held
from relevo.storage.turns import TurnRecord

_PERSON = TypeAdapter(Person)
_EPISODE: TypeAdapter[Episode | None] = TypeAdapter(Episode | None)
_PROFILE = TypeAdapter(Profile)
REPLAY_SECONDS = 60.0
MOST_HANDOFFS = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a turn, in what can be compared; tools and handoffs in a line each."""

    route: str
    rule: str
    agent: str | None
    mode: str
    intent: str
    sentiment: str
    priority: float
    tools: tuple[str, ...]
    handoffs: tuple[str, ...]
    escalated: bool
    content: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """A turn as it went, and as it goes now."""

    turn: TurnId
    asked: str
    then: Outcome
    now: Outcome

    @property
    def differences(self) -> dict[str, tuple[Any, Any]]:
        """What is not as it was, by name: (then, now)."""
        names = [each.name for each in fields(Outcome)]
        pairs = {name: (getattr(self.then, name), getattr(self.now, name)) for name in names}
        return {name: (then, now) for name, (then, now) in pairs.items() if then != now}


async def replay(engine: Engine, row: Mapping[str, Any]) -> Replayed:
    """Runs the turn of ``row`` (of the table ``turns``) again, from what it began with.

    Tools that only read are called, and answer as things stand now; what a tool changed is not done again,
    but answered from the record. Nothing is stored, sent or shown. A model that is configured is asked, and
    paid.
    """
    held, memory, said = await _begun_with(engine, row)
    recorded: dict[str, list[Any]] = {}
    for call in row["trace"]["tools"]:
        if call["ok"]:
            recorded.setdefault(call["name"], []).append(call["result"])
    turn = TurnContext(
        id=TurnId(row["id"]),
        engine=replace(
            engine,
            memory=_Recorded(memory),
            live=InProcessLive(),
            services={**engine.services, Tickets: _NoTickets(held, row["trace"]["ticket"])},
        ),
        held=held,
        deadline=Deadline.after(engine.clock, REPLAY_SECONDS),
        guard=_always,
        recorded=recorded,
    )
    started = engine.clock.monotonic()
    done = await run(build_graph(engine.team), turn)
    asked = "\n".join(message.text for message in held.pending)
    return Replayed(turn.id, asked, _stored(row, said), _run(record_of(turn, done, started)))


async def _begun_with(engine: Engine, row: Mapping[str, Any]) -> tuple[Held, Context, list[Said]]:
    """What the turn had before it, what was remembered for it, and what it said."""
    project, conversation = ProjectId(row["project_id"]), ConversationId(row["conversation_id"])
    snapshot = row["snapshot"]
    first, last = snapshot["earlier"] or (0, -1)
    async with engine.database.project(project) as connection:
        messages = await read_of_turn(
            connection, project, conversation, TurnId(row["id"]),
            named=[*snapshot["answered"], *snapshot["session"]], first=MessageId(first), last=MessageId(last),
        )  # fmt: skip
        handoffs = await read_handoffs(
            connection, project, conversation, MOST_HANDOFFS, before=TurnId(row["id"])
        )
    by_id = {message.id: message for message in messages}
    profile = _PROFILE.validate_python(snapshot["profile"])
    held = Held(
        token=0,
        conversation=Conversation(
            project=project,
            id=conversation,
            channel=ChannelName(snapshot["channel"]),
            address="",
            person=_PERSON.validate_python(snapshot["person"]),
            state=read_state(snapshot["state"]),
            version=1,
            owner=snapshot["owner"],
        ),
        pending=tuple(Pending(each.id, each.text, each.at) for each in _named(by_id, snapshot["answered"])),
        tries=1,
        slots=profile.slots,
        resolutions=profile.resolutions,
    )
    memory = Context(
        messages=tuple(_named(by_id, snapshot["session"])),
        earlier=tuple(each for each in messages if first <= each.id <= last),
        handoffs=tuple(handoffs),
        profile=profile,
        begun=_EPISODE.validate_python(snapshot.get("begun")),
    )
    said = [each for each in messages if each.turn == row["id"] and each.role is Role.AGENT]
    return held, memory, said


def _named(by_id: Mapping[MessageId, Said], ids: list[int]) -> list[Said]:
    return [by_id[MessageId(id)] for id in ids if id in by_id]


def _stored(row: Mapping[str, Any], said: list[Said]) -> Outcome:
    trace = row["trace"]
    signals = trace["signals"]
    return Outcome(
        route=row["route"],
        rule=row["rule"],
        agent=row["agent"],
        mode=row["mode"],
        intent=signals["intent"],
        sentiment=signals["sentiment"],
        priority=round(signals["priority"], 2),
        tools=tuple(_call(each["name"], each["arguments"], each["ok"]) for each in trace["tools"]),
        handoffs=tuple(f"{each['giver']} → {each['receiver']}" for each in trace["handoffs"]),
        escalated=trace.get("escalated", False),
        content="\n\n".join(each.text for each in said),
    )


def _run(record: TurnRecord) -> Outcome:
    signals = record.trace["signals"]
    return Outcome(
        route=record.decision.route,
        rule=record.decision.rule,
        agent=record.agent,
        mode=record.mode,
        intent=signals.intent,
        sentiment=signals.sentiment,
        priority=round(signals.priority, 2),
        tools=tuple(_call(each.name, each.arguments, each.ok) for each in record.tools),
        handoffs=tuple(f"{each.giver} → {each.receiver}" for each in record.handoffs),
        escalated=record.trace["escalated"],
        content="\n\n".join(part.text for part in record.parts),
    )


def _call(name: str, arguments: Mapping[str, Any], ok: bool) -> str:
    told = ", ".join(f"{key}={value}" for key, value in sorted(arguments.items()))
    return f"{name}({told}){'' if ok else ' refused'}"


async def _always(*, fresh: bool = False) -> None:
    """Nobody takes a replay's conversation away."""


class _Recorded:
    """A memory that recalls what was recalled then, and keeps nothing."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def recall(self, *args: object, **more: object) -> Context:
        return self._context

    async def remember(self, *args: object, **more: object) -> None: ...


class _NoTickets(Tickets):
    """Opens no ticket: says the number that stands in the record, or 0."""

    def __init__(self, held: Held, recorded: Mapping[str, Any] | None) -> None:
        self._number = int(recorded["number"]) if recorded else 0
        self._conversation = held.conversation.id

    async def open(self, context: ToolContext, *, subject: str, summary: str, **more: Any) -> Ticket:
        return self._ticket(subject, summary)

    async def escalate(
        self, conversation: Conversation, message: int, *, subject: str, summary: str, **more: Any
    ) -> Ticket:
        return self._ticket(subject, summary)

    async def press(self, *args: object, **more: object) -> Ticket | None:
        return self._ticket("", "")

    def _ticket(self, subject: str, summary: str) -> Ticket:
        return Ticket(
            id=TicketId("replay"),
            number=self._number,
            conversation=self._conversation,
            person=None,
            state=TicketState.OPEN,
            subject=subject,
            summary=summary,
            reason="replay",
            priority=0.0,
            opened_at=datetime.now(UTC),
        )
