"""LangGraph's own checkpoints of turns (``CHECKPOINTS``), for those who debug with its tools."""

from typing import Literal

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver

from relevo.agents import playbook
from relevo.domain import conversation, decision, message, signals, ticket
from relevo.llm import port
from relevo.memory import manager
from relevo.pipeline import state
from relevo.pipeline.state import TurnContext
from relevo.storage import history, people
from relevo.storage.database import Database

Saver = BaseCheckpointSaver[str]
VALUES = (conversation, decision, message, signals, ticket, playbook, port, manager, state, history, people)
"""The modules whose values a turn's state is made of: nothing else is made out of a stored checkpoint."""


def checkpoint_saver(mode: Literal["memory", "postgres"], database: Database) -> Saver:
    """Where checkpoints are kept."""
    from langgraph.checkpoint.memory import InMemorySaver

    from relevo.storage.checkpoints import ProjectSaver, strict_serializer

    serializer = strict_serializer(VALUES)
    return InMemorySaver(serde=serializer) if mode == "memory" else ProjectSaver(database, serializer)


def config_of(turn: TurnContext) -> RunnableConfig:
    """Where a turn's checkpoints are found: each turn is a thread of its own, ``conversation/turn``."""
    talk = turn.held.conversation
    return {"configurable": {"thread_id": f"{talk.id}/{turn.id}", "project": talk.project}}


async def prune(saver: Saver, turn: TurnContext) -> None:
    """Drops the checkpoints of all but the conversation's newest turns."""
    from relevo.storage.checkpoints import ProjectSaver

    if isinstance(saver, ProjectSaver):
        await saver.keep_newest(turn.held.conversation.project, turn.held.conversation.id)
