"""The distributor's backend over its own HTTP API, as docs/label-api.md describes it."""

from collections.abc import Mapping
from typing import Any

from relevo.domain.ids import ProjectId
from relevo.teams.music.backend.plans import Terms, load_terms
from relevo.teams.music.backend.port import LabelBackend
from relevo.teams.music.backend.rest.access import Access, access_of
from relevo.teams.music.backend.rest.accounts import RestAccounts
from relevo.teams.music.backend.rest.base import Place
from relevo.teams.music.backend.rest.catalogue import RestCatalogue
from relevo.teams.music.backend.rest.royalties import RestRoyalties
from relevo.teams.music.backend.rest.sales import RestSales
from relevo.teams.music.backend.rest.wire import NAME, Wire

__all__ = ["Access", "LabelApi", "RestLabelBackend", "access_of"]


class LabelApi(Wire):
    """The music team's connection to the distributor: a backend for every project."""

    name = NAME

    def services(self, project: ProjectId) -> Mapping[type[Any], Any]:
        return {LabelBackend: RestLabelBackend(self, project)}


class RestLabelBackend(RestAccounts, RestCatalogue, RestRoyalties, RestSales):
    """A ``LabelBackend`` for one project.

    Reads that get no usable answer raise Unavailable. Requests raise NotDone where surely nothing was done,
    and Unclear where nobody knows.
    """

    def __init__(self, api: Wire, project: ProjectId, terms: Terms | None = None) -> None:
        super().__init__(Place(api, project, terms or load_terms()))
