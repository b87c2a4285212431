"""Why an account's door stays shut.

``NotOpened``
├── ``Refused``: the address, the password or the link is not good; nobody is told which, or why.
└── ``Throttled``: too many attempts; ``wait`` says how long none is looked at.
"""

from datetime import timedelta


class NotOpened(Exception):
    """A sign-in, or the use of a link, did not succeed."""


class Refused(NotOpened):
    """The proof is not good."""


class Throttled(NotOpened):
    """Too many attempts were made; none is looked at until ``wait`` has passed."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"wait {wait}")
        self.wait = wait
