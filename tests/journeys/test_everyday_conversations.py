"""Everyday conversations beside the hundred, with playbooks alone: what testers and customers asked."""

from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
from tests.conftest import settings_for
from tests.journeys.scripts import FOLDER, PLAYBOOK, Desk, Script, hold, load_scripts, open_desk

from relevo.storage.embedded import Cluster

SCRIPTS = load_scripts(FOLDER / "everyday")
MOVING = "es_withdrawal_on_its_way"
"""The one in which money moves: the others find the accounts as they are loaded."""
SHARING = [script for script in SCRIPTS if script.name != MOVING]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def shared_desk(
    cluster: Cluster, demo_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Desk]:
    """One installation for all that leave accounts as they were."""
    with psycopg.connect(cluster.admin_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE everyday TEMPLATE {demo_template} STRATEGY FILE_COPY")
    url = cluster.url("relevo_app", "everyday")
    folder = tmp_path_factory.mktemp("everyday")
    async with open_desk(settings_for(url, folder, max_messages_per_minute=1000), PLAYBOOK) as desk:
        yield desk
    with psycopg.connect(cluster.url("relevo_admin", "everyday")) as connection:
        query = "SELECT count(*) FROM music_payouts WHERE idempotency_key LIKE '%:%'"
        assert connection.execute(query).fetchone() == (0,), (
            "money moved in a conversation that shares its data"
        )


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("script", SHARING, ids=lambda script: script.name)
async def test_conversation(shared_desk: Desk, script: Script) -> None:
    held = await hold(shared_desk, script)
    assert not held.faults, str(held)


async def test_conversation_that_moves_money(cluster: Cluster, demo_name: str, tmp_path: Path) -> None:
    script = next(script for script in SCRIPTS if script.name == MOVING)
    async with open_desk(settings_for(cluster.url("relevo_app", demo_name), tmp_path), PLAYBOOK) as desk:
        held = await hold(desk, script)
    assert not held.faults, str(held)
