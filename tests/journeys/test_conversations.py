"""The hundred scripted conversations over HTTP, with playbooks alone and through a model.

Those that change nothing in an account share one installation per mode; the others have one each.
"""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
from tests.conftest import settings_for
from tests.journeys.scripts import MODES, Desk, Script, hold, load_scripts, open_desk

from relevo.storage.embedded import Cluster

SCRIPTS = load_scripts()
ALONE = [script for script in SCRIPTS if script.changes_the_account]
TOGETHER = [script for script in SCRIPTS if not script.changes_the_account]
DONE = "SELECT (SELECT count(*) FROM music_payouts), (SELECT count(*) FROM music_takedowns)"

Record = Callable[[str, object], None]


@pytest_asyncio.fixture(loop_scope="module", scope="module", params=MODES)
async def shared_desk(
    request: pytest.FixtureRequest,
    cluster: Cluster,
    demo_template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Desk]:
    """One installation for all conversations of a mode that leave accounts as they were."""
    name = f"conversations_{request.param}"
    with psycopg.connect(cluster.admin_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {demo_template} STRATEGY FILE_COPY")
    settings = settings_for(cluster.url("relevo_app", name), tmp_path_factory.mktemp("shared"))
    before = _done(cluster, name)
    async with open_desk(settings, request.param) as desk:
        yield desk
    assert _done(cluster, name) == before, "a conversation that shares its data changed an account"


def _done(cluster: Cluster, database: str) -> tuple[int, ...]:
    with psycopg.connect(cluster.url("relevo_admin", database)) as connection:
        row = connection.execute(DONE).fetchone()
    assert row is not None
    return tuple(row)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("script", TOGETHER, ids=lambda script: script.name)
async def test_conversation(shared_desk: Desk, script: Script, record_property: Record) -> None:
    await _holds(shared_desk, script, record_property)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("script", ALONE, ids=lambda script: script.name)
async def test_conversation_that_changes_an_account(
    script: Script, mode: str, cluster: Cluster, demo_name: str, tmp_path: Path, record_property: Record
) -> None:
    settings = settings_for(cluster.url("relevo_app", demo_name), tmp_path)
    async with open_desk(settings, mode) as desk:
        await _holds(desk, script, record_property)


async def _holds(desk: Desk, script: Script, record_property: Record) -> None:
    held = await hold(desk, script)
    record_property("conversation", held.figures())
    assert not held.faults, str(held)


def test_the_set_is_whole() -> None:
    assert len(SCRIPTS) == 100
    assert sum(script.language == "es" for script in SCRIPTS) == 60
    assert len(ALONE) == 6
