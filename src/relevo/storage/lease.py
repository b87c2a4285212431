"""Who works on a conversation: a lease with a fencing token.

``due_at`` tells the state: NULL is idle, past needs a worker, future is leased or backing off.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from relevo.domain.conversation import Conversation, Person, TicketRef
from relevo.domain.ids import ConversationId, MessageId, ProjectId
from relevo.domain.message import Pending, Wake
from relevo.storage.codec import read_state
from relevo.storage.database import Connection
from relevo.storage.history import Resolution
from relevo.storage.people import Slot

TOGETHER = 2
"""Tries in which all waiting messages are answered together; later ones take the oldest alone, so that what
cannot be answered does not take those after it along."""


class Fenced(Exception):
    """Another worker owns the conversation now; whatever this one did must not be committed."""


class Outdated(Exception):
    """Someone at the desk has changed the conversation since its turn began: the turn must run again."""


@dataclass(frozen=True, slots=True)
class Held:
    """A conversation this worker owns while ``token`` is the newest, and its unanswered messages in order."""

    token: int
    conversation: Conversation
    pending: tuple[Pending, ...]
    tries: int
    """Turns begun over the oldest of these messages, this one included, since one was last committed."""
    slots: tuple[Slot, ...] = ()
    """What is known of the person, with the messages that showed it."""
    resolutions: tuple[Resolution, ...] = ()
    """Their closed tickets, the newest ten."""

    @property
    def rerun(self) -> bool:
        """Whether an earlier turn over these messages did not finish."""
        return self.tries > 1


async def begin(connection: Connection, wake: Wake, token: int | None, lease: float) -> Held | None:
    """Takes a due conversation for ``lease`` seconds and reads what its turn starts from.

    None when it is not due. With ``token`` it was taken before: raises Fenced when that is stale.
    """
    row = await (
        await connection.execute(
            "SELECT * FROM turn_begin(%s, %s, %s, %s, %s)",
            (wake.project, wake.conversation, token, lease, TOGETHER),
        )
    ).fetchone()
    if row is None:
        if token is not None:
            raise Fenced
        return None
    return held_of(wake, row)


def held_of(wake: Wake, row: dict[str, Any]) -> Held:
    """What ``turn_begin`` has taken and read."""
    return Held(
        token=row["token"],
        conversation=_conversation(wake, row),
        pending=tuple(Pending(MessageId(id), text, _time(at)) for id, text, at in row["pending"]),
        tries=row["attempts"],
        slots=tuple(Slot(name, value, message) for name, value, message in row["slots"]),
        resolutions=tuple(Resolution(*values) for values in row["resolutions"]),
    )


async def claim_due(connection: Connection, most: int, lease: float) -> list[tuple[Wake, int]]:
    """Takes up to ``most`` due conversations of any project, through the door function."""
    rows = await (
        await connection.execute(
            "SELECT project_id, conversation_id, token FROM claim_due(%s, make_interval(secs => %s))",
            (most, lease),
        )
    ).fetchall()
    return [
        (Wake(ProjectId(row["project_id"]), ConversationId(row["conversation_id"])), row["token"])
        for row in rows
    ]


def _conversation(wake: Wake, row: dict[str, Any]) -> Conversation:
    ticket = TicketRef(row["ticket_id"], row["ticket_number"]) if row["ticket_id"] else None
    return Conversation(
        project=wake.project,
        id=wake.conversation,
        channel=row["channel"],
        address=row["address"],
        person=Person(row["person_id"], row["person_name"], row["customer_ref"], row["person_language"]),
        state=replace(read_state(row["state"]), ticket=ticket),
        version=row["version"],
        owner=row["owner"],
    )


def _time(written: str) -> datetime:
    return datetime.fromisoformat(written).astimezone(UTC)


async def renew(connection: Connection, wake: Wake, token: int, lease: float) -> str | None:
    """Keeps the conversation for ``lease`` more seconds; returns the operator who has taken it over, if any.

    Raises Fenced when the token is not the newest any more, or the conversation was released.
    """
    row = await (
        await connection.execute(
            "UPDATE conversations SET due_at = now() + make_interval(secs => %s)"
            " WHERE project_id = %s AND id = %s AND lease_token = %s RETURNING owner",
            (lease, wake.project, wake.conversation, token),
        )
    ).fetchone()
    if row is None:
        raise Fenced
    owner: str | None = row["owner"]
    return owner


async def owner_now(connection: Connection, wake: Wake, token: int) -> str | None:
    """The operator who owns the conversation at this moment. Raises Fenced when the token is stale."""
    row = await (
        await connection.execute(
            "SELECT owner FROM conversations WHERE project_id = %s AND id = %s AND lease_token = %s",
            (wake.project, wake.conversation, token),
        )
    ).fetchone()
    if row is None:
        raise Fenced
    owner: str | None = row["owner"]
    return owner


async def lock(connection: Connection, wake: Wake, token: int) -> int:
    """Locks the conversation for the transaction that commits a turn; returns its version now.

    Raises Fenced when the token is not the newest any more.
    """
    row = await (
        await connection.execute(
            "SELECT version FROM conversations WHERE project_id = %s AND id = %s AND lease_token = %s"
            " FOR NO KEY UPDATE",
            (wake.project, wake.conversation, token),
        )
    ).fetchone()
    if row is None:
        raise Fenced
    return int(row["version"])


async def has_mail(connection: Connection, wake: Wake) -> bool:
    """Whether messages wait. A statement of its own, after ``lock``, so that it sees what has just come."""
    row = await (
        await connection.execute(
            "SELECT EXISTS (SELECT FROM messages WHERE project_id = %s AND conversation_id = %s"
            " AND state = 'pending') AS waiting",
            (wake.project, wake.conversation),
        )
    ).fetchone()
    return bool(row and row["waiting"])


async def fail(connection: Connection, wake: Wake, token: int) -> None:
    """Lets a failed turn's conversation rest: 1, 2, 4… seconds by the number of tries, at most a minute."""
    await connection.execute(
        "UPDATE conversations SET due_at = now() + make_interval(secs => least(60, power(2, attempts - 1)))"
        " WHERE project_id = %s AND id = %s AND lease_token = %s AND due_at IS NOT NULL",
        (wake.project, wake.conversation, token),
    )


async def bury(connection: Connection, wake: Wake, token: int, message: MessageId) -> None:
    """Sets a message aside as dead; those after it are tried anew.

    Raises Fenced when the token is not the newest any more.
    """
    await lock(connection, wake, token)
    await connection.execute(
        "UPDATE messages SET state = 'dead' WHERE project_id = %s AND id = %s", (wake.project, message)
    )
    await connection.execute(
        "UPDATE conversations SET attempts = 1 WHERE project_id = %s AND id = %s",
        (wake.project, wake.conversation),
    )


async def release_idle(connection: Connection, wake: Wake, token: int) -> None:
    """Gives up a conversation that was due without mail; mail that came meanwhile keeps it due.

    Raises Fenced when the token is not the newest any more.
    """
    await lock(connection, wake, token)
    waiting = await has_mail(connection, wake)
    await connection.execute(
        "UPDATE conversations SET due_at = CASE WHEN %s THEN now() END, attempts = 0, lease_token = NULL"
        " WHERE project_id = %s AND id = %s",
        (waiting, wake.project, wake.conversation),
    )
