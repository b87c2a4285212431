"""The search without a model: the postings in PostgreSQL."""

from relevo.domain.ids import ProjectId
from relevo.domain.knowledge import ANYTHING, Filters, Found
from relevo.knowledge.search import search_in
from relevo.storage.database import Database


class LexicalSearch:
    """A ``Search`` over the lexical index."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def search(
        self, project: ProjectId, query: str, filters: Filters = ANYTHING, most: int = 10
    ) -> list[Found]:
        async with self._database.project(project) as connection:
            return await search_in(connection, project, query, filters, most)
