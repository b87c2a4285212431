"""A team's help articles in a project: loaded when they change, searched, quoted where it is sure."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from relevo.domain.ids import DocumentId, ProjectId
from relevo.domain.knowledge import DocumentState, Filters, Found, Kind
from relevo.domain.signals import Language
from relevo.knowledge.articles import Article, document_of, read_articles
from relevo.knowledge.chunk import passages
from relevo.knowledge.reading.text import markdown
from relevo.knowledge.search import search_in
from relevo.knowledge.sureness import Ranked, question, ranked, sure
from relevo.knowledge.weigh import indexed
from relevo.storage.database import Connection, Database
from relevo.storage.knowledge_documents import (
    NewDocument,
    delete_document,
    list_documents,
    read_document,
    read_file,
    store_document,
)
from relevo.storage.knowledge_index import index_document

HELP_FOLDER = "knowledge"
"""Under a team's folder."""
MOST_QUOTED = 700
"""Characters of an article that an answer quotes."""
LOOKED_AT = 30
"""Passages among which articles are ranked."""


@dataclass(frozen=True, slots=True)
class Quote:
    """What an article says to a question, and where the whole of it is."""

    id: str
    title: str
    text: str
    link: str


async def load_help(database: Database, project: ProjectId, folder: Path) -> int:
    """Makes the project's help the articles of ``folder``; how many it had to write or take away.

    Nothing is written where nothing changed; an article that was revoked stays revoked until it changes.
    Several processes may load at once. Raises ValueError naming a file that is wrong.
    """
    articles = read_articles(folder)
    async with database.project(project) as connection:
        if not await _changed(connection, project, articles):
            return 0
        await connection.execute("SELECT pg_advisory_xact_lock(hashtext('relevo.help:' || %s))", (project,))
        changed = await _changed(connection, project, articles)
        for document in changed:
            await delete_document(connection, project, document)
        written = [article for article in articles if article.document in changed]
        for article in written:
            await _store(connection, project, article)
        return len(changed)


async def _changed(
    connection: Connection, project: ProjectId, articles: Sequence[Article]
) -> set[DocumentId]:
    """The documents that are not as the articles are: new, changed, or of an article that is gone."""
    known = {each.id: each.sha256 for each in await list_documents(connection, project, (Kind.HELP,))}
    wanted = {article.document: article.digest for article in articles}
    return {id for id in known.keys() | wanted.keys() if known.get(id) != wanted.get(id)}


async def _store(connection: Connection, project: ProjectId, article: Article) -> None:
    body = article.body.encode()
    tags = (*article.tags, *(f"agent:{agent}" for agent in article.agents))
    new = NewDocument(
        Kind.HELP,
        article.title,
        f"help/{article.language}/{article.id}",
        article.digest,
        body,
        tags,
        article.document,
        f"{article.id}.md",
    )
    document, _ = await store_document(connection, project, new)
    heading = " ".join((article.title, *article.tags))
    found = [indexed(each, heading) for each in passages(markdown(body), article.language, known=True)]
    await index_document(connection, project, document.id, found)


class Help:
    """The help of one project. ``base`` is the address under which its pages are reached; empty: relative."""

    def __init__(self, database: Database, project: ProjectId, base: str = "", place: str = "/help") -> None:
        self._database, self._project = database, project
        self._place = f"{base}{place}"

    def link(self, id: str, language: Language) -> str:
        return f"{self._place}/{id}?lang={language}"

    async def answer(self, text: str, language: Language) -> Quote | None:
        """What the help says to a message, where it is sure which article answers; else None."""
        best = sure(await self._ranked(text, language))
        return self._quote(best.found, language) if best else None

    async def search(self, text: str, language: Language, most: int = 3) -> list[tuple[Quote, float]]:
        """The articles nearest to ``text``, best first, each with the share of its words that it holds."""
        found = (await self._ranked(text, language))[:most]
        return [(self._quote(each.found, language), round(each.found.covered, 2)) for each in found]

    async def article(self, id: str, language: Language) -> tuple[str, str] | None:
        """An article's title and text (Markdown); None where there is none, or it is revoked."""
        async with self._database.project(self._project) as connection:
            known = await read_document(connection, self._project, document_of(language, id))
            body = await read_file(connection, self._project, document_of(language, id))
        if known is None or body is None or known.state is not DocumentState.READY:
            return None
        return known.title, body.decode()

    async def titles(self, language: Language) -> list[tuple[str, str]]:
        """The id and title of every article that may be read, by title."""
        async with self._database.project(self._project) as connection:
            documents = await list_documents(connection, self._project, (Kind.HELP,))
        start = document_of(language, "")
        ready = [each for each in documents if each.state is DocumentState.READY]
        own = [(each.id.removeprefix(start), each.title) for each in ready if each.id.startswith(start)]
        return sorted(own, key=lambda each: each[1].casefold())

    async def _ranked(self, text: str, language: Language) -> list[Ranked]:
        filters = Filters(kinds=(Kind.HELP,), language=language)
        async with self._database.project(self._project) as connection:
            found = await search_in(connection, self._project, question(text), filters, LOOKED_AT)
        return ranked(found)

    def _quote(self, found: Found, language: Language) -> Quote:
        id = found.source.rpartition("/")[2]
        return Quote(id, found.title, shortened(found.text), self.link(id, language))


def shortened(text: str) -> str:
    """``text`` up to MOST_QUOTED characters, cut after a line or a sentence."""
    if len(text) <= MOST_QUOTED:
        return text
    cut = max(text.rfind(end, 0, MOST_QUOTED) for end in (".\n", "\n", ". "))
    return text[: cut + 1].rstrip() if cut > 0 else text[:MOST_QUOTED].rsplit(" ", 1)[0] + "…"
