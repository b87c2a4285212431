"""What has been spent on models: a row per conversation, day and month of a project."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from relevo.domain.ids import ConversationId, ProjectId
from relevo.storage.database import Connection


@dataclass(frozen=True, slots=True)
class Ceilings:
    """US dollars that may be spent on models; None: as much as it takes."""

    conversation: float | None = None
    day: float | None = None
    month: float | None = None


class Account(Protocol):
    """Whose money it is."""

    @property
    def project(self) -> ProjectId: ...
    @property
    def conversation(self) -> ConversationId: ...


async def take(
    connection: Connection, account: Account, on: date, amount: float, ceilings: Ceilings
) -> str | None:
    """Sets ``amount`` aside, unless a ceiling is reached: then returns which (conversation, day or month)."""
    row = await (
        await connection.execute(
            "SELECT spend_take(%s, %s, %s, %s, %s, %s, %s) AS reached",
            (
                account.project,
                account.conversation,
                on,
                amount,
                ceilings.conversation,
                ceilings.day,
                ceilings.month,
            ),
        )
    ).fetchone()
    return row["reached"] if row else None


async def give_back(connection: Connection, account: Account, on: date, amount: float) -> None:
    """Takes ``amount`` off what was set aside; less than nothing where the call cost more than that."""
    await connection.execute(
        "SELECT spend_give_back(%s, %s, %s, %s)", (account.project, account.conversation, on, amount)
    )
