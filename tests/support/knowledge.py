"""Puts documents into a project's knowledge without a file: what a test searches in."""

import hashlib

from relevo.domain.ids import DocumentId, ProjectId
from relevo.domain.knowledge import Kind
from relevo.domain.signals import Language
from relevo.knowledge.block import Block
from relevo.knowledge.chunk import passages
from relevo.knowledge.weigh import indexed
from relevo.storage.database import Database
from relevo.storage.knowledge_documents import NewDocument, store_document
from relevo.storage.knowledge_index import index_document


async def add_text(
    database: Database,
    project: ProjectId,
    *texts: str,
    title: str = "",
    kind: Kind = Kind.USER,
    tags: tuple[str, ...] = (),
    language: Language = Language.ES,
) -> DocumentId:
    """A ready document with a paragraph for each text."""
    body = "\n".join(texts).encode()
    new = NewDocument(kind, title, f"{title}.txt", hashlib.sha256(body).hexdigest(), body, tags)
    async with database.project(project) as connection:
        document, _ = await store_document(connection, project, new)
        found = passages([Block(text) for text in texts], language)
        assert await index_document(
            connection, project, document.id, [indexed(each, title) for each in found]
        )
    return document.id


async def add_project(database: Database, project: ProjectId) -> None:
    async with database.project(project) as connection:
        await connection.execute(
            "INSERT INTO projects (project_id, team, name) VALUES (%s, 'music', %s)", (project, project)
        )
