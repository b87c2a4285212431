"""Who sits before a page: their project, role, language, and what they do there, each time checked anew."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import structlog
from fastapi import Request
from nicegui import ui

from relevo.accounts.account import Account
from relevo.accounts.roles import Role, Scope
from relevo.api.account_page import language_of
from relevo.api.errors import ApiError
from relevo.api.proxies import app_of
from relevo.api.signed_in import session_token
from relevo.app import App
from relevo.console.door import ENTERED
from relevo.console.preferences import Theme, theme_of
from relevo.console.words import words
from relevo.domain.ids import ConversationId, ProjectId
from relevo.domain.signals import Language
from relevo.knowledge.reading.errors import Unreadable, told
from relevo.llm.errors import ModelError
from relevo.storage.database import DOWN
from relevo.teams.marketing.desk import Desk, project_language
from relevo.teams.marketing.needs import Missing

log = structlog.get_logger()

SECONDS = 300.0
"""What the model may take for one thing that is asked for on a page."""
ACCOUNT_OF = ConversationId("studio")


@dataclass(frozen=True, slots=True)
class Seat:
    """A page's reader as of its loading: the project stays this one though another tab chooses another."""

    app: App
    account: Account
    token: str
    project: ProjectId
    role: Role
    language: Language
    theme: Theme
    path: str

    def say(self, name: str, /, **values: object) -> str:
        """A text of the console. Raises KeyError for an unknown name or value."""
        return words(self.language)[name].format(**values)

    @property
    def may_change(self) -> bool:
        return Scope.WRITE in self.role.scopes

    async def desk(self) -> Desk:
        """The marketing team's desk of this project, with the model where there is one."""
        language = await project_language(self.app.database, self.project, self.language)
        asking = self.app.asking(self.project, ACCOUNT_OF, SECONDS)
        return Desk(self.app.database, self.project, self.app.library, language, asking)

    async def is_still_theirs(self) -> bool:
        """Whether the session goes on and the role in this project is the one the page was made for."""
        account = await self.app.sessions.account(self.token)
        return account is not None and account.roles.get(self.project) is self.role

    async def leave_if_ended(self) -> None:
        """Goes to the sign-in page once the session has ended."""
        if not await self.is_still_theirs():
            ui.navigate.to(self.path)

    def doing(
        self, do: Callable[..., Awaitable[Any]], *, reading: bool = False
    ) -> Callable[..., Awaitable[None]]:
        """``do`` as a handler of a page: only while the session lasts and, unless it is ``reading``, for whom
        may change something; what goes wrong is told on the page."""

        async def handle(*arguments: Any) -> None:
            if not await self.is_still_theirs():
                ui.navigate.to(self.path)
                return
            if not reading and not self.may_change:
                self.warn(self.say("read_only"))
                return
            try:
                await do(*arguments)
            except Unreadable as error:
                self.warn(told(error.why, self.language))
            except Missing as missing:
                self.warn(missing.texts[self.language])
            except ModelError as error:
                self.warn(self.say("model_failed", kind=error.kind))
            except LookupError:
                self.warn(self.say("gone"))
            except ValueError as error:
                self.warn(str(error))
            except DOWN:
                self.warn(self.say("no_database"))

        return handle

    def warn(self, text: str) -> None:
        ui.notify(text, type="negative", multi_line=True, timeout=8000, close_button=self.say("close"))

    def tell(self, text: str) -> None:
        ui.notify(text, type="positive", multi_line=True)


def seat_of(request: Request) -> Seat:
    """The seat of whoever the door has let in."""
    entered: tuple[Request, Account] = request.scope[ENTERED]
    request, account = entered
    token = session_token(request)
    if token is None or account.project is None or account.role is None:
        raise ApiError(401, "unauthorized")
    return Seat(
        app=app_of(request),
        account=account,
        token=token,
        project=account.project,
        role=account.role,
        language=language_of(request),
        theme=theme_of(request),
        path=request.url.path,
    )
