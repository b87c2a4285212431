"""What is remembered for a turn: asked for as the turn begins, and waited for where it is first needed."""

from functools import partial

from relevo.memory.manager import Context, Profile
from relevo.pipeline.state import TurnContext


async def recall(turn: TurnContext) -> Context:
    """Every layer of memory, gathered at once."""
    engine = turn.engine
    account = partial(engine.team.account, engine.services) if engine.team.account is not None else None
    profile = Profile(turn.held.slots, turn.held.resolutions)
    return await engine.memory.recall(turn.held.conversation, profile, account)
