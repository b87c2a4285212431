"""What a user may do in a project, and what a key may."""

from enum import StrEnum


class Scope(StrEnum):
    """What a caller of the API may do: see (GET), or change (every other method)."""

    READ = "read"
    WRITE = "write"


class Role(StrEnum):
    """What a user is in a project; one role in each project, and not the same in all."""

    OWNER = "owner"
    OPERATOR = "operator"
    ANALYST = "analyst"
    MARKETER = "marketer"

    @property
    def scopes(self) -> frozenset[Scope]:
        """What the role may do through the API."""
        return frozenset({Scope.READ} if self is Role.ANALYST else Scope)

    @property
    def sees_all_chats(self) -> bool:
        """Whether all chats of the API are open to it, or only those that its user began."""
        return self is not Role.MARKETER


def scope_for(method: str) -> Scope:
    """What a request with this HTTP method needs."""
    return Scope.READ if method in ("GET", "HEAD", "OPTIONS") else Scope.WRITE
