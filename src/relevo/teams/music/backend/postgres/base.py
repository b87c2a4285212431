"""What every part of the PostgreSQL backend shares: its project's connection, terms, clock and numbers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, LiteralString

from psycopg.errors import UniqueViolation

from relevo.domain.clock import Clock
from relevo.domain.ids import ProjectId
from relevo.storage.database import Connection, Database
from relevo.teams.music.backend.errors import KeyTaken
from relevo.teams.music.backend.plans import Terms

NEXT_NUMBER = """
    INSERT INTO counters (project_id, name, value) VALUES (%(project)s, %(name)s, 1001)
    ON CONFLICT (project_id, name) DO UPDATE SET value = counters.value + 1
    RETURNING value
"""


@dataclass(frozen=True, slots=True)
class Place:
    database: Database
    project: ProjectId
    terms: Terms
    clock: Clock


class Part:
    def __init__(self, place: Place) -> None:
        self.project = place.project
        self.terms = place.terms
        self.clock = place.clock
        self._database = place.database

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        async with self._database.project(self.project) as connection:
            yield connection

    @property
    def _today(self) -> date:
        return self.clock.now().date()

    async def _add(self, connection: Connection, query: LiteralString, values: dict[str, Any]) -> None:
        """Adds the row of a request. Raises KeyTaken when another customer's came first with the same key."""
        try:
            await connection.execute(query, values)
        except UniqueViolation as error:
            raise KeyTaken(values["key"]) from error

    async def _next_number(self, connection: Connection, name: str, prefix: str) -> str:
        """The next number of its kind in the project, such as Q-1001; others wait for this transaction."""
        cursor = await connection.execute(NEXT_NUMBER, {"project": self.project, "name": name})
        row = await cursor.fetchone()
        if row is None:
            raise LookupError(f"no counter {name}")
        return f"{prefix}-{row['value']}"
