"""What becomes of a message that no turn could answer: it is set aside, and a person is fetched for it."""

from dataclasses import replace

import structlog

from relevo.domain.message import Wake
from relevo.insight.metrics import DEAD_LETTERS
from relevo.pipeline.human import open_dead_letter
from relevo.pipeline.state import Engine
from relevo.storage.database import Database
from relevo.storage.lease import Held, begin, bury

log = structlog.get_logger()


async def set_aside(database: Database, engine: Engine, wake: Wake, held: Held, lease: float) -> Held:
    """What is left to be answered without the oldest message, which was tried too often."""
    dead = held.pending[0]
    await open_dead_letter(engine, held.conversation, dead)
    async with database.project(wake.project) as connection:
        await bury(connection, wake, held.token, dead.id)
        DEAD_LETTERS.inc()
        log.error("dead_letter", conversation=wake.conversation, message=dead.id)
        left = await begin(connection, wake, held.token, lease)
    return left or replace(held, pending=())
