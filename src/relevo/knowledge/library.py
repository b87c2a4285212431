"""A project's documents: taken in, read, listed, revoked, deleted."""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from relevo.domain.ids import DocumentId, ProjectId
from relevo.domain.knowledge import Document, DocumentState, Indexed, Kind
from relevo.knowledge.embedding import Embedder, EmbeddingFailed
from relevo.knowledge.fused import FusedSearch
from relevo.knowledge.lexical import LexicalSearch
from relevo.knowledge.port import Search
from relevo.knowledge.reading.apart import Limits, read_apart
from relevo.knowledge.reading.errors import Unreadable, Why
from relevo.knowledge.reading.formats import check_kind, suffix_of
from relevo.knowledge.video_address import video_in
from relevo.storage.database import Connection, Database
from relevo.storage.knowledge_documents import (
    NewDocument,
    allow_document,
    delete_document,
    document_of_bytes,
    read_document,
    read_file,
    revoke_document,
    set_state,
    store_document,
    stored_bytes,
)
from relevo.storage.knowledge_index import index_document
from relevo.storage.knowledge_reading import claim_document
from relevo.storage.knowledge_vectors import store_vectors

if TYPE_CHECKING:
    from relevo.knowledge.fetch import Fetcher, Page
    from relevo.knowledge.youtube import Transcripts

LOOK_SECONDS = 0.3
"""How often a reader looks whether another one is done."""
Watch = Callable[[Document], None]
"""Told of a document whenever its state changes."""


@dataclass(frozen=True, slots=True)
class LibraryLimits:
    """Sizes in bytes. Help pages of the team count for nothing."""

    file: int = 10_000_000
    project: int = 100_000_000
    reading: Limits = field(default_factory=Limits)


class Library:
    """The documents of every project; whoever calls says of which."""

    def __init__(
        self,
        database: Database,
        limits: LibraryLimits | None = None,
        fetcher: "Fetcher | None" = None,
        embedder: Embedder | None = None,
        transcripts: "Transcripts | None" = None,
    ) -> None:
        self._database = database
        self._limits = limits or LibraryLimits()
        self._fetcher = fetcher
        self._embedder = embedder
        self._transcripts = transcripts
        self.search: Search = FusedSearch(database, embedder) if embedder else LexicalSearch(database)

    async def add(
        self,
        project: ProjectId,
        name: str,
        body: bytes,
        *,
        kind: Kind = Kind.USER,
        tags: tuple[str, ...] = (),
        title: str = "",
        source: str = "",
    ) -> tuple[Document, bool]:
        """Stores a file as ``queued``; False with the document that has the same bytes, where there is one.

        Raises Unreadable for what is refused at the door: its name, its kind, its size. A revoked document
        stays revoked.
        """
        suffix = suffix_of(name)
        if len(body) > self._limits.file:
            raise Unreadable(Why.TOO_LARGE)
        check_kind(body, suffix)
        title = "".join(filter(str.isprintable, title)).strip() or PurePosixPath(name).stem
        digest = await asyncio.to_thread(lambda: hashlib.sha256(body).hexdigest())
        new = NewDocument(kind, title[:300], (source or name)[:2_000], digest, body, tags, file_name=name)
        async with self._database.project(project) as connection:
            known = await document_of_bytes(connection, project, digest)
            if known is not None:
                return known, False
            await self._make_room(connection, project, len(body))
            return await store_document(connection, project, new)

    async def add_address(
        self, project: ProjectId, address: str, *, kind: Kind = Kind.USER, tags: tuple[str, ...] = ()
    ) -> tuple[Document, bool]:
        """Fetches a page or file of the public web, or a video's transcript; stores it. Raises Unreadable."""
        video = video_in(address)
        page = await (self._page(address) if video is None else self._transcript(video))
        return await self.add(
            project, page.name, page.body, kind=kind, tags=tags, title=page.title, source=address
        )

    async def _page(self, address: str) -> "Page":
        if self._fetcher is None:
            from relevo.knowledge.fetch import Fetcher  # the client for the web: only addresses need it

            self._fetcher = Fetcher(self._limits.file)
        return await self._fetcher.fetch(address)

    async def _transcript(self, video: str) -> "Page":
        if self._transcripts is None:
            from relevo.knowledge.youtube import Transcripts  # YouTube's client: only videos need it

            self._transcripts = Transcripts()
        return await self._transcripts.fetch(video)

    @property
    def lease_seconds(self) -> float:
        """How long a reader keeps a document to itself: longer than it may take to read one."""
        return 2.0 * self._limits.reading.seconds + 60

    async def read(
        self,
        project: ProjectId,
        document: DocumentId,
        watch: Watch | None = None,
        *,
        claimed: bool = False,
    ) -> Document:
        """Reads a stored document and makes it findable; what cannot be read is ``failed`` and says why.

        Where another reader has it, waits for what comes of that; ``claimed``: it is the caller's already.
        Raises LookupError for an unknown one. One that is revoked or deleted meanwhile stays so.
        """
        done = None if claimed else await self._claimed_or_done(project, document, watch)
        if done is not None:
            return done
        try:
            return await self._read(project, document, watch)
        except asyncio.CancelledError:
            await self._now(project, document, DocumentState.QUEUED, watch=None)
            raise

    async def _read(self, project: ProjectId, document: DocumentId, watch: Watch | None) -> Document:
        async with self._database.project(project) as connection:
            known = await read_document(connection, project, document)
            body = await read_file(connection, project, document)
        if known is None or body is None:
            raise LookupError(f"no document {document!r}")
        await self._now(project, document, DocumentState.READING, 0.1, watch=watch)
        try:
            found = await read_apart(body, suffix_of(known.file_name), known.title, self._limits.reading)
        except Unreadable as error:
            return await self._now(project, document, DocumentState.FAILED, why=error.why, watch=watch)
        await self._now(project, document, DocumentState.EMBEDDING, 0.6, watch=watch)
        vectors = await self._vectors(known.title, found)
        return await self._index(project, document, found, vectors, watch)

    async def _vectors(self, title: str, found: list[Indexed]) -> list[list[float]] | None:
        """A vector for each passage; None without an embedding, or an answer of it."""
        if self._embedder is None:
            return None
        texts = [" ".join((title, *each.passage.place.headings, each.passage.text)) for each in found]
        try:
            return await self._embedder.embed(texts)
        except EmbeddingFailed:
            return None

    async def _claimed_or_done(
        self, project: ProjectId, document: DocumentId, watch: Watch | None
    ) -> Document | None:
        """None once the document is ours to read; else what another reader has made of it."""
        waited = False
        while True:
            async with self._database.project(project) as connection:
                known = await read_document(connection, project, document)
                if known is not None and waited and not known.state.pending:
                    return known
                if await claim_document(connection, project, document, self.lease_seconds):
                    return None
                known = await self._seen(connection, project, document, watch)
            if not known.state.pending:
                return known
            waited = True
            await asyncio.sleep(LOOK_SECONDS)

    async def give_up(self, project: ProjectId, document: DocumentId, why: Why) -> Document:
        """Makes a document ``failed`` without reading it. Raises LookupError for an unknown one."""
        return await self._now(project, document, DocumentState.FAILED, why=why, watch=None)

    async def again(self, project: ProjectId, document: DocumentId, watch: Watch | None = None) -> Document:
        """Reads a document anew; a revoked one is allowed again. Raises LookupError for an unknown one."""
        await self.queue(project, document)
        return await self.read(project, document, watch)

    async def queue(self, project: ProjectId, document: DocumentId) -> Document:
        """Has a document read anew in the background; a revoked one too. Raises LookupError."""
        async with self._database.project(project) as connection:
            if not await allow_document(connection, project, document):
                raise LookupError(f"no document {document!r}")
            return await self._seen(connection, project, document, None)

    async def revoke(self, project: ProjectId, document: DocumentId) -> None:
        """Takes a document out of every answer at once. Raises LookupError for an unknown one."""
        async with self._database.project(project) as connection:
            if not await revoke_document(connection, project, document):
                raise LookupError(f"no document {document!r}")

    async def delete(self, project: ProjectId, document: DocumentId) -> None:
        """Deletes a document and all that came of it. Raises LookupError for an unknown one."""
        async with self._database.project(project) as connection:
            if not await delete_document(connection, project, document):
                raise LookupError(f"no document {document!r}")

    async def _make_room(self, connection: Connection, project: ProjectId, size: int) -> None:
        await connection.execute("SELECT pg_advisory_xact_lock(hashtext('relevo.room:' || %s))", (project,))
        if await stored_bytes(connection, project) + size > self._limits.project:
            raise Unreadable(Why.PROJECT_FULL)

    async def _index(
        self,
        project: ProjectId,
        document: DocumentId,
        found: list[Indexed],
        vectors: list[list[float]] | None,
        watch: Watch | None,
    ) -> Document:
        """A document whose vectors could not be made is ready all the same, and says so."""
        async with self._database.project(project) as connection:
            standing = await index_document(connection, project, document, found)
            if standing and self._embedder is not None and vectors is not None:
                await store_vectors(connection, project, document, self._embedder.name, vectors)
            elif standing and self._embedder is not None:
                await set_state(
                    connection, project, document, DocumentState.READY, done=1, why=Why.NOT_EMBEDDED
                )
            return await self._seen(connection, project, document, watch)

    async def _now(
        self,
        project: ProjectId,
        document: DocumentId,
        state: DocumentState,
        done: float = 0.0,
        *,
        why: str = "",
        watch: Watch | None,
    ) -> Document:
        async with self._database.project(project) as connection:
            await set_state(connection, project, document, state, done=done, why=why)
            return await self._seen(connection, project, document, watch)

    async def _seen(
        self, connection: Connection, project: ProjectId, document: DocumentId, watch: Watch | None
    ) -> Document:
        known = await read_document(connection, project, document)
        if known is None:
            raise LookupError(f"no document {document!r}")
        if watch is not None:
            watch(known)
        return known
