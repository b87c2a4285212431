"""What every piece of the team's work is given: the project's works, its documents, and a model or none."""

from dataclasses import dataclass, field

from relevo.agents.asking import Asking
from relevo.domain.ids import DocumentId, ProjectId
from relevo.domain.knowledge import DocumentState, Kind
from relevo.domain.signals import Language
from relevo.knowledge.library import Library
from relevo.knowledge.port import Search
from relevo.storage.database import Database
from relevo.storage.knowledge_documents import list_documents
from relevo.storage.knowledge_index import passages_in
from relevo.teams.marketing.works import Works


@dataclass(slots=True)
class Desk:
    """``asking`` is None where there is no model. ``language`` is the one the works are written in."""

    database: Database
    project: ProjectId
    library: Library
    language: Language
    asking: Asking | None = None
    works: Works = field(init=False)
    search: Search = field(init=False)

    def __post_init__(self) -> None:
        self.works = Works(self.database, self.project)
        self.search = self.library.search


OWN_KINDS = (Kind.USER,)


async def project_language(database: Database, project: ProjectId, spoken: Language) -> Language:
    """The language the project's works are in: what the brief says, else most documents', else ``spoken``."""
    brief = await Works(database, project).brief()
    if brief.language is not None:
        return brief.language
    async with database.project(project) as connection:
        counts = await passages_in(connection, project)
    held = {language: count for language, count in counts.items() if count > 0}
    return max(held, key=lambda language: held[language]) if held else spoken


async def documents_of(database: Database, project: ProjectId) -> tuple[list[DocumentId], list[DocumentId]]:
    """The ids of the project's own documents that wait to be read, and of those that are ready."""
    async with database.project(project) as connection:
        known = await list_documents(connection, project, OWN_KINDS)
    pending = [each.id for each in known if each.state.pending]
    return pending, [each.id for each in known if each.state is DocumentState.READY]
