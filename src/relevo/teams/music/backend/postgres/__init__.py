"""The distributor's backend over Relevo's own tables."""

from relevo.domain.clock import Clock, SystemClock
from relevo.domain.ids import ProjectId
from relevo.storage.database import Database
from relevo.teams.music.backend.plans import Terms, load_terms
from relevo.teams.music.backend.postgres.base import Place
from relevo.teams.music.backend.postgres.customers import PostgresAccounts
from relevo.teams.music.backend.postgres.releases import PostgresCatalogue
from relevo.teams.music.backend.postgres.royalties import PostgresRoyalties
from relevo.teams.music.backend.postgres.sales import PostgresSales

__all__ = ["PostgresLabelBackend"]


class PostgresLabelBackend(PostgresAccounts, PostgresCatalogue, PostgresRoyalties, PostgresSales):
    """A ``LabelBackend`` for one project; every call is one transaction of its own."""

    def __init__(
        self,
        database: Database,
        project: ProjectId,
        terms: Terms | None = None,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(Place(database, project, terms or load_terms(), clock or SystemClock()))
