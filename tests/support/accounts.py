"""Users for tests, and a browser that signs them in through the pages as a person would."""

import re
from typing import Any

import httpx
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from relevo.accounts.roles import Role
from relevo.app import App
from relevo.domain.ids import ProjectId

CHEAP = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),))
"""For tests that need many users and are about something else."""
PASSWORD = "caballo correcto pila grapa"


async def make_user(app: App, email: str, roles: dict[str, Role], password: str = PASSWORD) -> str:
    """Invites a user into each project and takes the invitations; returns the user's id."""
    for project, role in roles.items():
        token = await app.links.invite(email, ProjectId(project), role)
        await app.links.use(token, password)
    found = await app.sessions.sign_in(email, password, f"made {email}", "test")
    account = await app.sessions.account(found)
    assert account is not None
    await app.sessions.sign_out(found)
    return account.user


class Browser:
    """Keeps cookies, follows no redirect by itself, and fills in forms with what the page hides in them."""

    def __init__(self, url: str, **headers: str) -> None:
        self.url = url
        self.client = httpx.AsyncClient(base_url=url, timeout=90, headers=headers)

    async def __aenter__(self) -> "Browser":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.aclose()

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return await self.client.get(path, **more)

    async def form(self, path: str) -> dict[str, str]:
        """What the forms of a page hide."""
        text = (await self.client.get(path)).text
        return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', text))

    async def submit(self, page: str, path: str | None = None, **fields: str) -> httpx.Response:
        """Opens ``page``, fills in its form and sends it to ``path``."""
        hidden = await self.form(page)
        return await self.client.post(path or page, data={**hidden, **fields}, headers={"Origin": self.url})

    async def sign_in(self, email: str, password: str = PASSWORD) -> httpx.Response:
        return await self.submit("/sign-in", email=email, password=password)

    async def csrf(self) -> str:
        return str((await self.client.get("/api/account")).json()["csrf"])

    async def access_token(self, project: str | None = None) -> str:
        answer = await self.client.post(
            "/api/session", json={"project": project}, headers={"X-CSRF-Token": await self.csrf()}
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])
