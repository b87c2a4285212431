"""Who is signed in, and how an e-mail address is written."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NewType

from relevo.accounts.roles import Role
from relevo.domain.ids import ProjectId

UserId = NewType("UserId", str)
SessionId = NewType("SessionId", str)

MOST_EMAIL_CHARS = 254
_EMAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+")


@dataclass(frozen=True, slots=True)
class Account:
    """A signed-in user: their role in each of their projects, and the project they have chosen to be in."""

    user: UserId
    session: SessionId
    email: str
    name: str | None
    roles: Mapping[ProjectId, Role]
    project: ProjectId | None
    """One of ``roles``; None only for a user who belongs to no project."""

    @property
    def role(self) -> Role | None:
        """The role in the chosen project."""
        return self.roles[self.project] if self.project is not None else None


def read_email(text: str) -> str:
    """An address as it is kept: trimmed, in lower case. Raises ValueError for what is none.

    Only ASCII is taken, so that no address looks like another.
    """
    email = text.strip().lower()
    if len(email) > MOST_EMAIL_CHARS or not email.isascii() or _EMAIL.fullmatch(email) is None:
        raise ValueError(f"expected an e-mail address such as ana@example.com: {text!r}")
    return email
