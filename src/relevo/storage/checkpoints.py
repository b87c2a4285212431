"""LangGraph's own checkpoints, for those who debug with its tools: inside row-level security, and pruned.

A turn is a thread of its own, ``conversation/turn``: what a turn begins with comes from our own tables.
"""

import dataclasses
import enum
from collections.abc import AsyncIterator, Iterable, Sequence
from types import ModuleType
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
)
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from relevo.domain.ids import ConversationId, ProjectId
from relevo.storage.database import Connection, Database

KEPT_TURNS = 20
"""Turns of a conversation whose checkpoints are kept."""
TABLES = ("checkpoints", "checkpoint_blobs", "checkpoint_writes")
_KEY, _FENCED = "ON CONFLICT (thread_id", "ON CONFLICT (project_id, thread_id"


def strict_serializer(modules: Iterable[ModuleType]) -> JsonPlusSerializer:
    """A serializer that makes nothing but the values defined in ``modules`` out of what is stored.

    LangGraph's own, left to itself, would import and call whatever a stored checkpoint names.
    """
    allowed = [
        (module.__name__, name)
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, type)
        and value.__module__ == module.__name__
        and (dataclasses.is_dataclass(value) or issubclass(value, enum.Enum))
    ]
    return JsonPlusSerializer(allowed_msgpack_modules=allowed)


class _Fenced(AsyncPostgresSaver):
    """LangGraph's saver on tables whose keys begin with the project, which the transaction has set."""

    UPSERT_CHECKPOINTS_SQL = AsyncPostgresSaver.UPSERT_CHECKPOINTS_SQL.replace(_KEY, _FENCED)
    UPSERT_CHECKPOINT_BLOBS_SQL = AsyncPostgresSaver.UPSERT_CHECKPOINT_BLOBS_SQL.replace(_KEY, _FENCED)
    UPSERT_CHECKPOINT_WRITES_SQL = AsyncPostgresSaver.UPSERT_CHECKPOINT_WRITES_SQL.replace(_KEY, _FENCED)
    INSERT_CHECKPOINT_WRITES_SQL = AsyncPostgresSaver.INSERT_CHECKPOINT_WRITES_SQL.replace(_KEY, _FENCED)


class ProjectSaver(BaseCheckpointSaver[str]):
    """Keeps checkpoints in PostgreSQL, each in a transaction of the project that the configuration names.

    Raises KeyError for a configuration without ``project``.
    """

    def __init__(self, database: Database, serde: JsonPlusSerializer) -> None:
        super().__init__(serde=serde)
        self._database = database

    def get_next_version(self, current: str | None, channel: None) -> str:
        return AsyncPostgresSaver.get_next_version(self, current, channel)  # type: ignore[arg-type]

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        async with self._database.project(_project(config)) as connection:
            return await self._saver(connection).aget_tuple(config)

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        async with self._database.project(_project(config or {})) as connection:
            found = self._saver(connection).alist(config, filter=filter, before=before, limit=limit)
            tuples = [each async for each in found]
        for each in tuples:
            yield each

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        project = _project(config)
        async with self._database.project(project) as connection:
            put = await self._saver(connection).aput(_bare(config), checkpoint, metadata, new_versions)
        put["configurable"]["project"] = project
        return put

    async def aput_writes(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str = "",
    ) -> None:
        async with self._database.project(_project(config)) as connection:
            await self._saver(connection).aput_writes(config, writes, task_id, task_path)

    async def keep_newest(self, project: ProjectId, conversation: ConversationId) -> None:
        """Drops the checkpoints of all but the newest turns of a conversation."""
        threads = {"from": f"{conversation}/", "to": f"{conversation}0", "project": project}
        async with self._database.project(project) as connection:
            row = await (
                await connection.execute(
                    "SELECT DISTINCT thread_id FROM checkpoints WHERE project_id = %(project)s"
                    " AND thread_id BETWEEN %(from)s AND %(to)s"
                    f" ORDER BY thread_id DESC OFFSET {KEPT_TURNS} LIMIT 1",
                    threads,
                )
            ).fetchone()
            for table in TABLES if row else ():
                await connection.execute(
                    f"DELETE FROM {table} WHERE project_id = %(project)s"
                    " AND thread_id BETWEEN %(from)s AND %(last)s",
                    {**threads, "last": row and row["thread_id"]},
                )

    def _saver(self, connection: Connection) -> _Fenced:
        return _Fenced(connection, serde=self.serde)


def _project(config: RunnableConfig) -> ProjectId:
    return ProjectId(config["configurable"]["project"])


def _bare(config: RunnableConfig) -> RunnableConfig:
    """``config`` without the project, which the saver would keep as the checkpoint's metadata."""
    known = {key: value for key, value in config["configurable"].items() if key != "project"}
    return {**config, "configurable": known}
