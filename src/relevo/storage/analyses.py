"""Analyses in the background: a row with its steps, its progress and a cancel flag, taken under a lease.

``due_at`` tells the state as it does for conversations: NULL is idle, past needs a worker, future is leased.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from relevo.domain.ids import ConversationId, ProjectId, new_id
from relevo.domain.signals import Language
from relevo.storage.database import Connection
from relevo.storage.lease import Fenced

State = Literal["queued", "running", "done", "cancelled", "failed"]
_COLUMNS = (
    "id, conversation_id, language, steps, finished, state, step, why, calls, attempts, cancel, created_at"
)


@dataclass(frozen=True, slots=True)
class Analysis:
    """``step`` is what is being done; ``calls`` counts model calls; ``why`` says why it failed."""

    id: str
    conversation: ConversationId | None
    language: Language
    steps: tuple[str, ...]
    finished: tuple[str, ...]
    state: State
    step: str
    why: str
    calls: int
    attempts: int
    cancel: bool
    created_at: datetime

    @property
    def done(self) -> float:
        """How much of it is done, 0–1."""
        return len(self.finished) / len(self.steps) if self.steps else 1.0

    @property
    def goes_on(self) -> bool:
        return self.state in ("queued", "running")


@dataclass(frozen=True, slots=True)
class Claimed:
    """An analysis that this worker owns while ``token`` is its newest."""

    project: ProjectId
    id: str
    token: int


async def begin_analysis(
    connection: Connection,
    project: ProjectId,
    steps: Sequence[str],
    language: Language,
    conversation: ConversationId | None = None,
    origin: str | None = None,
) -> Analysis:
    """Makes an analysis due. While one goes on, or ``origin`` has begun one already, that one is returned."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('relevo.analyses/' || %s, 0))", (project,)
    )
    known = await _one(
        connection,
        "project_id = %s AND (state IN ('queued', 'running') OR origin = %s)"
        " ORDER BY created_at DESC LIMIT 1",
        (project, origin),
    )
    if known is not None:
        return known
    row = await (
        await connection.execute(
            "INSERT INTO marketing_analyses (project_id, id, conversation_id, language, steps, origin)"
            f" VALUES (%s, %s, %s, %s, %s, %s) RETURNING {_COLUMNS}",
            (project, new_id("a"), conversation, language, list(steps), origin),
        )
    ).fetchone()
    assert row is not None
    return _analysis(row)


async def claim_analyses(connection: Connection, most: int, lease: float) -> list[Claimed]:
    """Takes up to ``most`` due analyses of any project for ``lease`` seconds, through the door function."""
    rows = await (
        await connection.execute(
            "SELECT project_id, analysis_id, token FROM claim_analyses(%s, make_interval(secs => %s))",
            (most, lease),
        )
    ).fetchall()
    return [Claimed(ProjectId(row["project_id"]), row["analysis_id"], row["token"]) for row in rows]


async def claim_analysis(connection: Connection, project: ProjectId, id: str, lease: float) -> Claimed | None:
    """Takes this analysis, where it is due; None where another worker has it, or it is at rest."""
    row = await (
        await connection.execute(
            "UPDATE marketing_analyses SET lease_token = nextval('lease_tokens'), attempts = attempts + 1,"
            " due_at = now() + make_interval(secs => %s), state = 'running', updated_at = now()"
            " WHERE project_id = %s AND id = %s AND due_at <= now() RETURNING lease_token",
            (lease, project, id),
        )
    ).fetchone()
    return Claimed(project, id, row["lease_token"]) if row else None


async def read_analysis(connection: Connection, project: ProjectId, id: str) -> Analysis | None:
    return await _one(connection, "project_id = %s AND id = %s", (project, id))


async def latest_analysis(connection: Connection, project: ProjectId) -> Analysis | None:
    """The analysis that was begun last."""
    return await _one(connection, "project_id = %s ORDER BY created_at DESC, id DESC LIMIT 1", (project,))


async def cancel_analysis(connection: Connection, project: ProjectId, id: str) -> Analysis | None:
    """Asks that an analysis stop; one that no worker has taken stops at once. None where there is none."""
    await connection.execute(
        "UPDATE marketing_analyses SET cancel = true, updated_at = now(),"
        " state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END,"
        " due_at = CASE WHEN state = 'queued' THEN NULL ELSE due_at END"
        " WHERE project_id = %s AND id = %s AND state IN ('queued', 'running')",
        (project, id),
    )
    return await read_analysis(connection, project, id)


async def resume_analysis(connection: Connection, project: ProjectId, id: str) -> Analysis | None:
    """Goes on with a cancelled or failed analysis after its finished steps. None where there is none."""
    await connection.execute(
        "UPDATE marketing_analyses SET cancel = false, state = 'queued', due_at = now(), attempts = 0,"
        " why = '', updated_at = now()"
        " WHERE project_id = %s AND id = %s AND state IN ('cancelled', 'failed')",
        (project, id),
    )
    return await read_analysis(connection, project, id)


async def renew_analysis(connection: Connection, claimed: Claimed, lease: float) -> bool:
    """Keeps the analysis; returns whether it is to stop. Raises Fenced when another worker has it."""
    row = await _update(connection, claimed, "due_at = now() + make_interval(secs => %s)", (lease,))
    return bool(row["cancel"])


async def begin_step(connection: Connection, claimed: Claimed, step: str, lease: float) -> bool:
    """Says what is being done; returns whether it is to stop. Raises Fenced."""
    row = await _update(
        connection, claimed, "step = %s, due_at = now() + make_interval(secs => %s)", (step, lease)
    )
    return bool(row["cancel"])


async def finish_step(connection: Connection, claimed: Claimed, step: str, calls: int) -> None:
    """Writes that a step is done, with the model calls it took. Raises Fenced."""
    await _update(
        connection,
        claimed,
        "finished = array_append(array_remove(finished, %s), %s), calls = calls + %s, attempts = 1",
        (step, step, calls),
    )


async def end_analysis(
    connection: Connection, claimed: Claimed, state: State, why: str = "", calls: int = 0
) -> None:
    """Ends an analysis as done, cancelled or failed; ``calls`` are those of its last step. Raises Fenced."""
    await _update(
        connection,
        claimed,
        "state = %s, why = %s, calls = calls + %s, due_at = NULL, lease_token = NULL",
        (state, why, calls),
    )


async def rest_analysis(connection: Connection, claimed: Claimed, calls: int, seconds: float) -> None:
    """Lets an analysis that failed in a step rest before it is taken again. Raises Fenced."""
    await _update(
        connection,
        claimed,
        "due_at = now() + make_interval(secs => %s), calls = calls + %s",
        (seconds, calls),
    )


async def _update(
    connection: Connection, claimed: Claimed, changes: str, values: tuple[Any, ...]
) -> dict[str, Any]:
    row = await (
        await connection.execute(
            f"UPDATE marketing_analyses SET {changes}, updated_at = now()"
            " WHERE project_id = %s AND id = %s AND lease_token = %s RETURNING cancel",
            (*values, claimed.project, claimed.id, claimed.token),
        )
    ).fetchone()
    if row is None:
        raise Fenced
    return row


async def _one(connection: Connection, where: str, values: tuple[Any, ...]) -> Analysis | None:
    row = await (
        await connection.execute(f"SELECT {_COLUMNS} FROM marketing_analyses WHERE {where}", values)
    ).fetchone()
    return _analysis(row) if row else None


def _analysis(row: dict[str, Any]) -> Analysis:
    return Analysis(
        id=row["id"],
        conversation=row["conversation_id"],
        language=Language(row["language"]),
        steps=tuple(row["steps"]),
        finished=tuple(row["finished"]),
        state=row["state"],
        step=row["step"],
        why=row["why"],
        calls=row["calls"],
        attempts=row["attempts"],
        cancel=row["cancel"],
        created_at=row["created_at"],
    )
