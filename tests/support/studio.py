"""A served studio as a process of its own, with a marketing project, its users and the scripted model."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr
from tests.conftest import settings_for
from tests.support.accounts import make_user
from tests.support.marketing_brain import answer
from tests.support.model_server import ModelServer
from tests.support.processes import RELEVO, Processes, free_port, until

from relevo.accounts.roles import Role
from relevo.app import App
from relevo.bootstrap import open_app
from relevo.domain.ids import ProjectId
from relevo.storage.projects import create_project

BROTA = ProjectId("brota")
MARKETER, ANALYST, OPERATOR = "ana@example.com", "leo@example.com", "eva@example.com"


@dataclass(frozen=True, slots=True)
class Studio:
    """``app`` is an installation on the same database, for what a test looks up or changes from outside."""

    url: str
    app: App


@asynccontextmanager
async def served_studio(database: str, folder: Path) -> AsyncIterator[Studio]:
    """Serves the studio over the database with this address until the block ends."""
    port, data = free_port(), folder / "data"
    async with ModelServer(answer) as model:
        changes: dict[str, Any] = {
            "llm_provider": "compatible",
            "llm_base_url": model.url,
            "llm_model": "scripted",
            "llm_api_key": SecretStr("k"),
        }
        async with open_app(settings_for(database, data, **changes), working=False) as app:
            await create_project(app.database, BROTA, "marketing", "Brota")
            await make_user(app, MARKETER, {BROTA: Role.MARKETER, "demo": Role.MARKETER})
            await make_user(app, ANALYST, {BROTA: Role.ANALYST})
            await make_user(app, OPERATOR, {BROTA: Role.OPERATOR})
            processes = Processes(
                folder,
                {
                    "DATABASE_URL": database,
                    "DATA_DIR": str(data),
                    "PORT": str(port),
                    "LLM_PROVIDER": "compatible",
                    "LLM_BASE_URL": model.url,
                    "LLM_MODEL": "scripted",
                    "LLM_API_KEY": "k",
                    "MAX_MESSAGES_PER_MINUTE": "1000",
                },
            )
            url = f"http://localhost:{port}"
            processes.start("studio", *RELEVO, "serve")
            try:
                await until("the studio is served", lambda: _ready(url))
                yield Studio(url, app)
            finally:
                processes.end()
                assert "Traceback" not in processes.log("studio"), processes.log("studio")


async def _ready(url: str) -> bool | None:
    async with httpx.AsyncClient() as client:
        try:
            return (await client.get(f"{url}/readyz")).status_code == 200 or None
        except httpx.TransportError:
            return None
