"""Runs a turn through its team's compiled graph. LangGraph is loaded where a graph is built, not here."""

from typing import TYPE_CHECKING, cast

from relevo.pipeline.state import TurnContext, TurnState

if TYPE_CHECKING:
    from relevo.pipeline.graph import TurnGraph


async def run(graph: "TurnGraph", turn: TurnContext) -> TurnState:
    """Takes the turn through the graph; what it knows at the end."""
    begin = {"state": turn.held.conversation.state}
    saver = graph.checkpointer
    if saver is None or isinstance(saver, bool):
        return cast("TurnState", await graph.ainvoke(begin, context=turn))
    from relevo.pipeline.checkpointing import config_of, prune

    done = cast("TurnState", await graph.ainvoke(begin, config_of(turn), context=turn))
    await prune(saver, turn)
    return done
