"""The demonstration: a project with the sample documents, read and ready to be worked with."""

import asyncio
import hashlib
from pathlib import Path, PurePosixPath

from relevo.domain.ids import ProjectId
from relevo.domain.knowledge import Kind
from relevo.knowledge.chunk import passages
from relevo.knowledge.reading.formats import reader_of, suffix_of
from relevo.knowledge.weigh import indexed
from relevo.storage.database import Connection, Database
from relevo.storage.knowledge_documents import NewDocument, store_document
from relevo.storage.knowledge_index import index_document

SAMPLES = Path(__file__).parent / "samples"
"""Documents of a small company, written for this repository."""
FOLDER = "brota"
NAME = "Brota"


async def load_demo(database: Database, project: ProjectId) -> bool:
    """Makes the project with its documents; False, and nothing changes, when it is there already.

    All of it or nothing; of two callers at once, one waits and then finds it done.
    """
    async with database.project(project) as connection:
        made = await connection.execute(
            "INSERT INTO projects (project_id, team, name) VALUES (%s, 'marketing', %s)"
            " ON CONFLICT DO NOTHING",
            (project, NAME),
        )
        if made.rowcount == 0:
            return False
        for name, body in await asyncio.to_thread(_documents):
            await _add(connection, project, name, body)
    return True


def _documents() -> list[tuple[str, bytes]]:
    return [(path.name, path.read_bytes()) for path in sorted((SAMPLES / FOLDER).iterdir())]


async def _add(connection: Connection, project: ProjectId, name: str, body: bytes) -> None:
    """It is our own and small: it needs no process of its own to be read in."""
    digest = hashlib.sha256(body).hexdigest()
    title = PurePosixPath(name).stem
    new = NewDocument(Kind.USER, title, name, digest, body, file_name=name)
    document, _ = await store_document(connection, project, new)
    found = [indexed(each, title) for each in passages(reader_of(suffix_of(name))(body))]
    await index_document(connection, project, document.id, found)
