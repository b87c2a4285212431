"""How many attempts are looked at, by account and by network address: known accounts and others alike."""

from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from relevo.accounts.errors import Throttled
from relevo.accounts.tokens import keyed
from relevo.storage.accounts import forgive_attempts, take_attempt
from relevo.storage.database import Database

MOST_FAILURES = 5
FAILURE_MINUTES = 15


class Throttle:
    """Counts attempts of one kind, such as ``sign-in``. Addresses are kept as keyed hashes only."""

    def __init__(self, database: Database, secret: str, kind: str) -> None:
        self._database = database
        self._secret = secret
        self._kind = kind

    async def take(self, email: str, address: str, at: datetime) -> None:
        """Counts one attempt, before it is looked at. Raises Throttled when there were too many."""
        subjects = [self._account(email), self._address(address)]
        within = timedelta(minutes=FAILURE_MINUTES)
        wait = await take_attempt(self._database, subjects, at, MOST_FAILURES, within)
        if wait is not None:
            raise Throttled(wait)

    async def forgive(self, email: str, address: str, at: datetime) -> None:
        """The attempt made at ``at`` was no failure: the account begins anew, the address has one less."""
        await forgive_attempts(self._database, self._account(email), self._address(address), at)

    def _account(self, email: str) -> bytes:
        return keyed(self._secret, self._kind, "account", email)

    def _address(self, address: str) -> bytes:
        return keyed(self._secret, self._kind, "address", network_of(address))


def network_of(address: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 that one IPv6 customer has to choose from."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return f"{IPv6Address(int(found) >> 64 << 64)}/64"
    return str(found)
