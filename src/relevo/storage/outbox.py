"""The outbox: parts of replies on their way to a channel, in order within each conversation."""

from collections.abc import Sequence
from dataclasses import dataclass

from relevo.domain.ids import ChannelName, ConversationId, MessageId, ProjectId
from relevo.domain.message import Wake
from relevo.storage.database import Connection


@dataclass(frozen=True, slots=True)
class Parcel:
    """One part to be sent. ``attempts`` counts the tries before this one."""

    id: int
    channel: ChannelName
    address: str
    body: str
    attempts: int


async def enqueue(
    connection: Connection,
    project: ProjectId,
    conversation: ConversationId,
    message: MessageId,
    channel: ChannelName,
    address: str,
    parts: Sequence[str],
) -> None:
    for part in parts:
        await connection.execute(
            "INSERT INTO outbox (project_id, conversation_id, message_id, channel, address, body)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            (project, conversation, message, channel, address, part),
        )


async def conversations_due(connection: Connection, most: int) -> list[Wake]:
    """Conversations of any project with a part to send, through the door function."""
    rows = await (
        await connection.execute("SELECT project_id, conversation_id FROM due_outbox(%s)", (most,))
    ).fetchall()
    return [Wake(ProjectId(row["project_id"]), ConversationId(row["conversation_id"])) for row in rows]


async def next_parcel(connection: Connection, wake: Wake, lease: float) -> Parcel | None:
    """Takes the conversation's first unsent part, when it is due, for ``lease`` seconds.

    A part found in state ``sending`` was being sent when its sender died: it may have gone out, so it is
    marked ``unknown`` and never sent again by itself.
    """
    await connection.execute(
        "UPDATE outbox SET state = 'unknown', due_at = NULL, updated_at = now(),"
        " error = 'the sender stopped while sending'"
        " WHERE project_id = %s AND conversation_id = %s AND state = 'sending' AND due_at <= now()",
        (wake.project, wake.conversation),
    )
    row = await (
        await connection.execute(
            """
            UPDATE outbox SET state = 'sending', attempts = attempts + 1, updated_at = now(),
                due_at = now() + make_interval(secs => %(lease)s)
            WHERE project_id = %(project)s AND due_at <= now() AND id = (
                SELECT id FROM outbox WHERE project_id = %(project)s AND conversation_id = %(conversation)s
                  AND state IN ('due', 'sending') ORDER BY id LIMIT 1 FOR NO KEY UPDATE
            )
            RETURNING id, channel, address, body, attempts
            """,
            {"project": wake.project, "conversation": wake.conversation, "lease": lease},
        )
    ).fetchone()
    if row is None:
        return None
    return Parcel(row["id"], ChannelName(row["channel"]), row["address"], row["body"], row["attempts"] - 1)


async def settle(
    connection: Connection,
    project: ProjectId,
    parcel: int,
    state: str,
    *,
    provider_id: str | None = None,
    error: str | None = None,
    retry_in: float | None = None,
) -> None:
    """Writes how sending went; with ``retry_in`` seconds the part is due again then."""
    await connection.execute(
        "UPDATE outbox SET state = %s, provider_id = coalesce(%s, provider_id), error = %s,"
        " updated_at = now(), due_at = now() + make_interval(secs => %s::float8)"
        " WHERE project_id = %s AND id = %s",
        (state, provider_id, error, retry_in, project, parcel),
    )


_ORDER = ("sent", "delivered", "read")


async def update_delivery(
    connection: Connection,
    project: ProjectId,
    channel: ChannelName,
    provider_id: str,
    state: str,
    error: str | None,
) -> bool:
    """Takes a provider's news of a sent part; news that come late or twice change nothing.

    Returns whether the part is known.
    """
    row = await (
        await connection.execute(
            "SELECT id, state FROM outbox WHERE project_id = %s AND channel = %s AND provider_id = %s"
            " FOR UPDATE",
            (project, channel, provider_id),
        )
    ).fetchone()
    if row is None:
        return False
    rank = _ORDER.index(state) if state in _ORDER else len(_ORDER)
    known = _ORDER.index(row["state"]) if row["state"] in _ORDER else -1
    if row["state"] != "failed" and rank > known:
        await settle(connection, project, row["id"], state, error=error)
    return True
