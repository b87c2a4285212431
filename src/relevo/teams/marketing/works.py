"""A project's works, read and stored as values: brief, template, persona, findings, content."""

from collections.abc import Sequence
from typing import TypeVar

from relevo.domain.ids import ProjectId
from relevo.storage.database import Database
from relevo.storage.knowledge_documents import usable_documents
from relevo.storage.marketing import (
    Work,
    WorkKind,
    delete_work,
    list_works,
    read_brief,
    read_versions,
    read_work,
    save_brief,
    save_template,
    store_work,
)
from relevo.teams.marketing.findings import Content, Finding, Forum, Journey, PainPoints, Summary
from relevo.teams.marketing.standing import documents_in, without
from relevo.teams.marketing.template import Template, default_template, edited_template, read_template
from relevo.teams.marketing.values import Brief, Persona, Value

Of = TypeVar("Of", bound=Finding)
Stands = TypeVar("Stands", bound=Value)
MAIN = "main"
KINDS: dict[type[Finding], WorkKind] = {
    Forum: "forum",
    PainPoints: "pain_points",
    Journey: "journey",
    Summary: "summary",
}


class Works:
    """What the team has made for one project."""

    def __init__(self, database: Database, project: ProjectId) -> None:
        self._database = database
        self.project = project

    async def brief(self) -> Brief:
        async with self._database.project(self.project) as connection:
            stored = await read_brief(connection, self.project)
        return Brief.model_validate(stored.body)

    async def save_brief(self, brief: Brief) -> None:
        async with self._database.project(self.project) as connection:
            await save_brief(connection, self.project, brief.model_dump(mode="json"))

    async def template(self) -> Template:
        """The project's own template, the shipped one where it has none."""
        async with self._database.project(self.project) as connection:
            stored = await read_brief(connection, self.project)
        return default_template() if stored.template is None else read_template(stored.template)

    async def save_template(self, written: object | None) -> None:
        """Gives the project a template of its own; None: the shipped one again. Raises ValueError."""
        own = None if written is None else edited_template(written).model_dump(mode="json")
        async with self._database.project(self.project) as connection:
            await save_template(connection, self.project, own)

    async def persona(self, id: str = MAIN, version: int | None = None) -> Persona | None:
        """A version of a persona, the newest without ``version``."""
        async with self._database.project(self.project) as connection:
            work = await read_work(connection, self.project, "persona", id, version)
        return await self._standing_one(_persona(work)) if work else None

    async def personas(self) -> list[Persona]:
        """The newest version of each persona of the project."""
        async with self._database.project(self.project) as connection:
            works = await list_works(connection, self.project, "persona")
        return await self._standing([_persona(each) for each in works])

    async def persona_versions(self, id: str = MAIN) -> list[Persona]:
        """Every version, the newest first."""
        async with self._database.project(self.project) as connection:
            works = await read_versions(connection, self.project, "persona", id)
        return await self._standing([_persona(each) for each in works])

    async def store_persona(self, persona: Persona, origin: str | None = None) -> Persona:
        """Stores the next version; what ``origin`` has stored already is returned instead."""
        body = persona.model_dump(mode="json", exclude={"version", "created_at"})
        async with self._database.project(self.project) as connection:
            return _persona(await store_work(connection, self.project, "persona", persona.id, body, origin))

    async def newest(self, kind: type[Of], version: int | None = None) -> Of | None:
        """The newest finding of a kind, or a version of it."""
        async with self._database.project(self.project) as connection:
            work = await read_work(connection, self.project, KINDS[kind], MAIN, version)
        return await self._standing_one(_finding(kind, work)) if work else None

    async def store(self, finding: Of, origin: str | None = None) -> Of:
        """Stores the next version of a finding."""
        body = finding.model_dump(mode="json", exclude={"version", "created_at"})
        kind = KINDS[type(finding)]
        async with self._database.project(self.project) as connection:
            work = await store_work(connection, self.project, kind, MAIN, body, origin)
        return _finding(type(finding), work)

    async def content(self, id: str, version: int | None = None) -> Content | None:
        async with self._database.project(self.project) as connection:
            work = await read_work(connection, self.project, "content", id, version)
        return await self._standing_one(_finding(Content, work)) if work else None

    async def content_versions(self, id: str) -> list[Content]:
        """Every version of a piece of content, the newest first."""
        async with self._database.project(self.project) as connection:
            works = await read_versions(connection, self.project, "content", id)
        return await self._standing(_contents(works))

    async def library(self) -> list[Content]:
        """The newest version of each piece of content, the last changed first."""
        async with self._database.project(self.project) as connection:
            works = await list_works(connection, self.project, "content")
        return await self._standing(_contents(works))

    async def delete_content(self, id: str) -> bool:
        """Deletes a piece of content with all its versions; False where there is none."""
        async with self._database.project(self.project) as connection:
            return await delete_work(connection, self.project, "content", id)

    async def store_content(self, content: Content, origin: str | None = None) -> Content:
        body = content.model_dump(mode="json", exclude={"version", "created_at"})
        async with self._database.project(self.project) as connection:
            work = await store_work(connection, self.project, "content", content.id, body, origin)
        return _finding(Content, work)

    async def _standing_one(self, work: Stands) -> Stands:
        [stands] = await self._standing([work])
        return stands

    async def _standing(self, works: list[Stands]) -> list[Stands]:
        """The works without what came of documents that are deleted or revoked by now."""
        quoted = documents_in(works)
        if not quoted:
            return works
        async with self._database.project(self.project) as connection:
            gone = frozenset(quoted - await usable_documents(connection, self.project, quoted))
        return [without(each, gone) for each in works]


def _persona(work: Work) -> Persona:
    return Persona.model_validate(
        work.body | {"id": work.id, "version": work.version, "created_at": work.created_at}
    )


def _finding(kind: type[Of], work: Work) -> Of:
    return kind.model_validate(work.body | {"version": work.version, "created_at": work.created_at})


def _contents(works: Sequence[Work]) -> list[Content]:
    return [_finding(Content, each) for each in works]
