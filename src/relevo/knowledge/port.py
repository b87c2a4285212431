"""What the rest asks of knowledge: search."""

from typing import Protocol

from relevo.domain.ids import ProjectId
from relevo.domain.knowledge import ANYTHING, Filters, Found


class Search(Protocol):
    """Finds passages of one project."""

    async def search(
        self, project: ProjectId, query: str, filters: Filters = ANYTHING, most: int = 10
    ) -> list[Found]:
        """The ``most`` passages that fit best, best first; a higher score is better.

        Raises NoProject for an empty project. Never finds another project's passages.
        """
        ...
