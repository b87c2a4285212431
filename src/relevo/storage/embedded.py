"""PostgreSQL without installing it: a cluster in one folder, run for as long as some process of ours uses it.

Three locks in the folder tell everything, and the kernel drops each when its holder dies:

    users.lock     shared by every process that uses the cluster
    server.lock    held by PostgreSQL while any of its processes lives; whoever gets it may start it
    leaving.lock   one leaves at a time, so that the last one knows that it is the last

Whoever leaves last stops the server. Where the last one is killed, a small shell that waits for
``users.lock`` gets it, and stops the server in its stead.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

from relevo.storage.embedded_home import ClusterError, Home, detach, say, to_the_end
from relevo.storage.embedded_lock import FileLock
from relevo.storage.embedded_place import prepare
from relevo.storage.embedded_server import ADMIN, APP, Server

__all__ = ["Cluster", "ClusterError", "embedded_cluster"]

_LOOK = 0.5  # s between two looks at whether the server still lives
_REST = 5.0  # s before a failed restart is tried again

# Descriptors: 7 makes it the only watchdog, 8 waits for the users, 9 is PostgreSQL's own lock.
# The waiting children do not inherit 7, and 7 is given back before 8: a newcomer that gets in starts its own.
_WATCHDOG = """
cd "$1" || exit 1
exec 7<>watchdog.lock 8<>users.lock 9<>server.lock || exit 1
flock -n 7 || exit 0
flock 8 7<&-
if ! flock -n 9; then
    read -r pid <pgdata/postmaster.pid && kill -INT "$pid"
    flock -w 60 9 7<&- || kill -QUIT "$pid"
    flock 9 7<&-
fi
exec 7<&-
"""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running embedded cluster that this process uses."""

    socket_folder: Path
    passwords: Mapping[str, str] = field(repr=False)

    @property
    def admin_url(self) -> str:
        """The libpq address of database ``postgres`` for the superuser: a secret, never to be printed."""
        return self.url(ADMIN, "postgres")

    def url(self, role: str, database: str) -> str:
        """The libpq address, password included, of ``database`` for ``relevo_app`` or ``relevo_admin``.

        Raises ValueError for another role: only these two may log in with a password of ours.
        """
        if role not in self.passwords:
            raise ValueError(f"no password is kept for the role {role!r}")
        host = quote(str(self.socket_folder), safe="")
        return f"postgresql://{role}:{self.passwords[role]}@/{quote(database, safe='')}?host={host}"


@asynccontextmanager
async def embedded_cluster(
    data_dir: Path, *, durable: bool = True, settings: Mapping[str, str] = MappingProxyType({})
) -> AsyncIterator[Cluster]:
    """Runs PostgreSQL over ``data_dir`` (made when new) while the block, or another process's, needs it.

    ``settings`` are PostgreSQL's, over our own; they and ``durable`` count for the process that starts it.
    ``durable=False`` is for tests: a power cut may lose everything. A server that dies inside the block is
    started again. Raises ClusterError, which says what to do, when it cannot start.
    """
    try:
        home = await asyncio.to_thread(prepare, data_dir)
        users, leaving = (FileLock(home.folder / name, home.uid) for name in ("users.lock", "leaving.lock"))
    except OSError as error:
        raise _about(error, data_dir) from error
    server = Server(home, durable=durable, settings=settings)
    with users, leaving:
        await users.shared()
        try:
            try:
                await to_the_end(_start_watchdog, home)
                folder = await server.ensure_running()
                cluster = Cluster(folder, {role: server.password(role) for role in (ADMIN, APP)})
            except OSError as error:
                raise _about(error, home.folder) from error
            keeper = asyncio.create_task(_keep_running(server))
            try:
                yield cluster
            finally:
                keeper.cancel()
                with suppress(asyncio.CancelledError):
                    await keeper
        finally:
            await leaving.exclusive()
            if users.try_exclusive():
                await server.stop()
            else:  # others use it, and this returns at once; or the watchdog is stopping it
                await users.shared()


async def _keep_running(server: Server) -> None:
    while True:
        await asyncio.sleep(_LOOK)
        if server.is_down():
            say("PostgreSQL ended unexpectedly; starting it again")
            try:
                await server.ensure_running()
            except (ClusterError, OSError) as error:
                say(str(error))
                await asyncio.sleep(_REST)


def _start_watchdog(home: Home) -> None:
    for name in ("watchdog.lock", "server.lock"):
        FileLock(home.folder / name, home.uid).close()
    detach(home, "/bin/sh", "-c", _WATCHDOG, "relevo-watchdog", home.folder)


def _about(error: OSError, folder: Path) -> ClusterError:
    reason = os.strerror(error.errno) if error.errno else str(error)
    what = error.filename or folder
    return ClusterError(f"the database cannot use {what}: {reason}; mend that, or choose another data folder")
