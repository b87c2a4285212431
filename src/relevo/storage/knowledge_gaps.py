"""Messages that nobody could answer: kept by the message alone, so that what is erased is gone here too."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from relevo.domain.ids import AgentName, MessageId, ProjectId
from relevo.domain.signals import Language
from relevo.storage.database import Connection


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A message without an answer, by the stems of what it asks for."""

    message: MessageId
    text: str
    agent: AgentName
    language: Language
    terms: tuple[str, ...]
    at: datetime


async def record_gap(
    connection: Connection,
    project: ProjectId,
    message: MessageId,
    agent: AgentName,
    language: Language,
    terms: Sequence[str],
) -> None:
    """Keeps that ``message`` got no answer; once, however often its turn is run."""
    await connection.execute(
        "INSERT INTO knowledge_gaps (project_id, message_id, agent, language, terms)"
        " VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT (project_id, message_id) DO NOTHING",
        (project, message, agent, language, list(terms)),
    )


async def read_gaps(connection: Connection, project: ProjectId, most: int) -> list[Unanswered]:
    """The newest ``most`` messages without an answer, the newest first."""
    rows = await (
        await connection.execute(
            "SELECT g.message_id, m.body, g.agent, g.language, g.terms, g.created_at FROM knowledge_gaps g"
            " JOIN messages m ON m.project_id = g.project_id AND m.id = g.message_id"
            " WHERE g.project_id = %s ORDER BY g.message_id DESC LIMIT %s",
            (project, most),
        )
    ).fetchall()
    return [
        Unanswered(
            MessageId(row["message_id"]),
            row["body"],
            AgentName(row["agent"]),
            Language(row["language"]),
            tuple(row["terms"]),
            row["created_at"],
        )
        for row in rows
    ]
