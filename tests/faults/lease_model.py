"""Simulated workers over one database: what they hold, what they commit, and what must then be true."""

from dataclasses import dataclass, field

from relevo.domain.conversation import ConversationState
from relevo.domain.decision import Route, RouteDecision
from relevo.domain.ids import AgentName, ChannelName, ConversationId, MessageId, ProjectId, TurnId, new_id
from relevo.domain.message import InboundMessage, ReplyPart, Wake
from relevo.pipeline.commit import Committed, commit
from relevo.storage.database import Database
from relevo.storage.inbox import Stored, put
from relevo.storage.lease import Fenced, Held, begin, claim_due, fail, release_idle, renew
from relevo.storage.turns import TurnRecord

LEASE = 60.0
"""Seconds. No test waits for it: leases run out by ``expire``."""
API = ChannelName("api")


@dataclass(slots=True, eq=False)
class Worker:
    """A worker in the middle of its work: a token, and what it has read under it."""

    wake: Wake
    token: int
    held: Held | None = None


@dataclass(slots=True)
class Town:
    """One project's conversations, with what is known of them from outside the database."""

    database: Database
    project: ProjectId
    newest: dict[ConversationId, int | None] = field(default_factory=dict)
    """The token that alone may commit; None after a release."""
    answered: dict[ConversationId, list[MessageId]] = field(default_factory=dict)
    acknowledged: dict[ConversationId, list[MessageId]] = field(default_factory=dict)

    async def put(self, address: str, provider_id: str, text: str = "hola") -> Stored:
        message = InboundMessage(self.project, API, address, provider_id, text)
        stored = await put(self.database, message, per_minute=1_000_000)
        if stored.fresh:
            self.acknowledged.setdefault(stored.conversation, []).append(stored.message)
            self.newest.setdefault(stored.conversation, None)
        return stored

    async def claim(self, conversation: ConversationId) -> Worker | None:
        wake = Wake(self.project, conversation)
        async with self.database.door() as connection:
            held = await begin(connection, wake, None, LEASE)
        return self._claimed(wake, held.token) if held is not None else None

    async def sweep(self, most: int) -> list[Worker]:
        async with self.database.door() as connection:
            due = await claim_due(connection, most, LEASE)
        return [self._claimed(wake, token) for wake, token in due]

    def _claimed(self, wake: Wake, token: int) -> Worker:
        self.newest[wake.conversation] = token
        return Worker(wake, token)

    async def read(self, worker: Worker) -> bool:
        """Lets the worker read its mail; returns whether it still owns the conversation."""
        async with self.database.door() as connection:
            try:
                worker.held = await begin(connection, worker.wake, worker.token, LEASE)
            except Fenced:
                return False
        return True

    async def finish(self, worker: Worker) -> Committed | None:
        """Commits an answer to what was read, or gives up an empty conversation. Raises Fenced."""
        held = worker.held
        assert held is not None
        committed = None
        if held.pending:
            async with self.database.door() as connection:
                committed = await commit(connection, record_of(held), {}, lease=LEASE, defer=None)
        else:
            async with self.database.project(self.project) as connection:
                await release_idle(connection, worker.wake, worker.token)
        if committed is not None:
            self.answered.setdefault(worker.wake.conversation, []).extend(each.id for each in held.pending)
        if committed is None or not committed.more:
            self.newest[worker.wake.conversation] = None
        worker.held = None
        return committed

    async def renew(self, worker: Worker) -> bool:
        async with self.database.project(self.project) as connection:
            try:
                await renew(connection, worker.wake, worker.token, LEASE)
            except Fenced:
                return False
        return True

    async def fail(self, worker: Worker) -> None:
        async with self.database.project(self.project) as connection:
            await fail(connection, worker.wake, worker.token)

    async def expire(self, conversation: ConversationId) -> None:
        """Lets the lease, or the rest after a failure, run out now."""
        async with self.database.project(self.project) as connection:
            await connection.execute(
                "UPDATE conversations SET due_at = now() - interval '1 second'"
                " WHERE project_id = %s AND id = %s AND due_at IS NOT NULL",
                (self.project, conversation),
            )

    async def drain(self) -> None:
        """A healthy worker does all that is left, each conversation when its time has come."""
        for conversation in self.newest:
            for _ in range(1_000):
                await self.expire(conversation)
                worker = await self.claim(conversation)
                if worker is None:
                    break
                assert await self.read(worker)
                await self.finish(worker)

    async def faults(self) -> list[str]:
        """What is not as it must be once nobody works any more."""
        wrong = []
        async with self.database.project(self.project) as connection:
            rows = await (
                await connection.execute(
                    "SELECT id, conversation_id, state, turn_id FROM messages"
                    " WHERE role = 'customer' ORDER BY id"
                )
            ).fetchall()
            replies = await (
                await connection.execute(
                    "SELECT conversation_id, body FROM messages WHERE role = 'agent' ORDER BY id"
                )
            ).fetchall()
            busy = await (
                await connection.execute("SELECT id FROM conversations WHERE due_at IS NOT NULL")
            ).fetchall()
        wrong += [f"stranded: {row}" for row in rows if row["state"] != "done" or row["turn_id"] is None]
        wrong += [f"not idle: {row['id']}" for row in busy]
        for conversation, acknowledged in self.acknowledged.items():
            said = " ".join(each["body"] for each in replies if each["conversation_id"] == conversation)
            if said.split() != [str(each) for each in acknowledged]:
                wrong.append(f"{conversation}: {acknowledged} was answered by {said!r}")
            if self.answered.get(conversation, []) != acknowledged:
                wrong.append(f"{conversation}: committed {self.answered.get(conversation)}")
        return wrong


def record_of(held: Held) -> TurnRecord:
    """A turn whose reply names the messages it answers."""
    text = " ".join(str(message.id) for message in held.pending)
    agent = AgentName("sales")
    return TurnRecord(
        id=TurnId(new_id("t")),
        conversation=held.conversation,
        token=held.token,
        answered=held.pending,
        decision=RouteDecision(Route.AGENT, agent, "test", "stay"),
        agent=agent,
        mode="playbook",
        parts=(ReplyPart(agent, text),),
        handoffs=(),
        tools=(),
        state=ConversationState(agent=agent),
        snapshot={},
        trace={},
        milliseconds=1.0,
    )
