"""Many rows in one statement.

PostgreSQL has no COPY into a table under row-level security. Handing the rows over as JSON takes half the
time of arrays and a tenth of the client's (50,000 statement lines: 1.0 s and 0.07 s on one core).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg.sql import SQL, Composed, Identifier
from psycopg.types.json import Json

from relevo.domain.ids import ProjectId
from relevo.storage.database import Connection

BATCH = 10_000  # 50,000 at once took half as long again

TABLES: dict[str, dict[str, str]] = {
    "music_customers": {
        "id": "text", "role": "text", "name": "text", "known_as": "text", "email": "text", "phone": "text",
        "plan": "text", "country": "text", "language": "text", "currency": "text", "account_state": "text",
        "account_hint": "text", "account_changed_at": "timestamptz", "tax_state": "text",
        "tax_expires_on": "date", "frozen": "jsonb", "joined_on": "date",
    },
    "music_account_events": {
        "customer_id": "text", "kind": "text", "at": "timestamptz", "country": "text", "detail": "text",
    },
    "music_releases": {
        "customer_id": "text", "id": "text", "title": "text", "artist": "text", "upc": "text",
        "state": "text", "release_date": "date", "rejections": "jsonb",
    },
    "music_deliveries": {
        "customer_id": "text", "release_id": "text", "store": "text", "state": "text", "live_on": "date",
    },
    "music_tracks": {
        "customer_id": "text", "release_id": "text", "position": "int2", "isrc": "text", "title": "text",
    },
    "music_statements": {
        "customer_id": "text", "period": "text", "state": "text", "amount": "numeric", "currency": "text",
        "hold": "jsonb", "due_on": "date", "paid_on": "date", "reference": "text",
    },
    "music_statement_lines": {
        "customer_id": "text", "period": "text", "store": "text", "country": "text", "track": "text",
        "usage": "text", "title": "text", "isrc": "text", "units": "int8", "amount": "numeric",
    },
}  # fmt: skip
"""Table → its columns and their types, without the project."""


async def insert(
    connection: Connection,
    project: ProjectId,
    table: str,
    rows: Sequence[Mapping[str, Any]],
    suffix: str = "",
) -> int:
    """Adds ``rows`` (column → value; a missing column is null) and says how many were added or changed.

    ``suffix`` is what follows the rows in the statement: an ON CONFLICT clause. A row that breaks a
    constraint raises psycopg's IntegrityError, and nothing is added.
    """
    query = _query(table, suffix)
    changed = 0
    for start in range(0, len(rows), BATCH):
        cursor = await connection.execute(query, [project, Json(rows[start : start + BATCH])])
        changed += cursor.rowcount
    return changed


def _query(table: str, suffix: str) -> Composed:
    columns = TABLES[table]
    return SQL(
        "INSERT INTO {} (project_id, {}) SELECT %s, given.* FROM json_to_recordset(%s) AS given({}) {}"
    ).format(
        Identifier(table),
        SQL(", ").join(Identifier(column) for column in columns),
        SQL(", ").join(
            SQL("{} {}").format(Identifier(name), Identifier(kind)) for name, kind in columns.items()
        ),
        SQL(suffix),
    )
