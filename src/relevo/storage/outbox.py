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
            WHERE project_id = %(project)s AND coalesce(due_at <= now(), false) AND id = (
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
    """Writes how sending went; with ``retry_in`` seconds the part is due again then.

    News of ``provider_id`` that came before it was written here are taken now.
    """
    row = await (
        await connection.execute(
            "UPDATE outbox SET state = %s, provider_id = coalesce(%s, provider_id), error = %s,"
            " updated_at = now(), due_at = now() + make_interval(secs => %s::float8)"
            " WHERE project_id = %s AND id = %s RETURNING channel",
            (state, provider_id, error, retry_in, project, parcel),
        )
    ).fetchone()
    if provider_id is None or row is None:
        return
    await _one_at_a_time(connection, project, row["channel"], provider_id)
    early = await (
        await connection.execute(
            "DELETE FROM delivery_news WHERE project_id = %s AND channel = %s AND provider_id = %s"
            " RETURNING state, error",
            (project, row["channel"], provider_id),
        )
    ).fetchone()
    if early is not None and _is_news(early["state"], state):
        await settle(connection, project, parcel, early["state"], error=early["error"])


async def update_delivery(
    connection: Connection,
    project: ProjectId,
    channel: ChannelName,
    provider_id: str,
    state: str,
    error: str | None,
) -> bool:
    """Takes a provider's news of a sent part; news that come late or twice change nothing.

    News of a part whose sending has not been written yet are kept for ``settle``, for a day.
    Returns whether the part is known.
    """
    await _one_at_a_time(connection, project, channel, provider_id)
    row = await (
        await connection.execute(
            "SELECT id, state FROM outbox WHERE project_id = %s AND channel = %s AND provider_id = %s"
            " FOR UPDATE",
            (project, channel, provider_id),
        )
    ).fetchone()
    if row is None:
        await _keep_early(connection, project, channel, provider_id, state, error)
        return False
    if _is_news(state, row["state"]):
        await settle(connection, project, row["id"], state, error=error)
    return True


async def _keep_early(
    connection: Connection,
    project: ProjectId,
    channel: ChannelName,
    provider_id: str,
    state: str,
    error: str | None,
) -> None:
    await connection.execute(
        "DELETE FROM delivery_news WHERE project_id = %s AND created_at < now() - interval '1 day'",
        (project,),
    )
    known = await (
        await connection.execute(
            "SELECT state FROM delivery_news WHERE project_id = %s AND channel = %s AND provider_id = %s",
            (project, channel, provider_id),
        )
    ).fetchone()
    if known is None or _is_news(state, known["state"]):
        await connection.execute(
            "INSERT INTO delivery_news (project_id, channel, provider_id, state, error)"
            " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (project_id, channel, provider_id)"
            " DO UPDATE SET state = excluded.state, error = excluded.error",
            (project, channel, provider_id, state, error),
        )


async def _one_at_a_time(
    connection: Connection, project: ProjectId, channel: ChannelName, provider_id: str
) -> None:
    """Lets only one transaction at a time deal with this provider id: news must not slip by ``settle``."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", (f"{project}/{channel}/{provider_id}",)
    )


_ORDER = ("sent", "delivered", "read")


def _is_news(state: str, known: str) -> bool:
    """Whether ``state`` comes after ``known``: what has arrived has not failed, what failed has failed."""
    if state == "failed" or known == "failed":
        return known not in ("failed", "delivered", "read")
    return _ORDER.index(state) > (_ORDER.index(known) if known in _ORDER else -1)
