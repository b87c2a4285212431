"""One PostgreSQL server over a cluster's folder: made, started, watched and stopped.

Every process of PostgreSQL inherits the lock on ``server.lock`` from whoever started it. So the lock is
held exactly as long as any of them lives, whatever a stale process id in ``postmaster.pid`` may say.
"""

import asyncio
import os
import secrets
import shutil
import signal
import socket
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from relevo.storage import embedded_socket
from relevo.storage.embedded_home import (
    ClusterError,
    Home,
    detach,
    make_private,
    run,
    say,
    to_the_end,
    write_private,
)
from relevo.storage.embedded_lock import FileLock
from relevo.storage.embedded_place import MAJOR

ADMIN, APP = "relevo_admin", "relevo_app"

_SETTINGS = {
    "cluster_name": "relevo",
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "maintenance_work_mem": "32MB",
    "max_wal_size": "512MB",
    "min_wal_size": "32MB",
    # memory at rest: no I/O workers and no replication launcher
    "io_method": "sync",
    "max_worker_processes": "4",
    "max_logical_replication_workers": "0",
    "jit": "off",
    "autovacuum_naptime": "15s",  # what came in is soon read from its index alone
    "timezone": "UTC",
    "log_timezone": "UTC",
    # the log tells what happened to the server, and repeats no customer's words
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

_POLL = 0.02  # s
_STARTS = 3  # for a server that vanishes without a word, as one that is killed does
_PROGRESS = 3.0  # s between two lines while a start takes long
_PATIENCE = 60.0  # s for an orderly stop, then an immediate one
_LARGEST_LOG = 10_000_000  # bytes


class Server:
    def __init__(self, home: Home, *, durable: bool, settings: Mapping[str, str]) -> None:
        self.home = home
        self._durable = durable
        self._settings = _SETTINGS | ({} if durable else _NOT_DURABLE) | dict(settings)

    def is_down(self) -> bool:
        """Whether no process of PostgreSQL is left."""
        with self._lock() as lock:
            return lock.try_shared()

    def password(self, role: str) -> str:
        """Raises ClusterError when the file is gone."""
        path = self.home.password_file(role)
        try:
            return path.read_text()
        except FileNotFoundError:
            raise ClusterError(f"{path} is gone: restore it from a backup of this folder") from None

    async def ensure_running(self) -> Path:
        """Starts the server if nobody has, waits (for crash recovery too), and returns its socket's folder.

        Raises ClusterError when it cannot start.
        """
        began = told = asyncio.get_running_loop().time()
        starts: list[int] = []
        while (folder := self._answers()) is None:
            with self._lock() as lock:
                if lock.try_exclusive():
                    said = self._log_since(starts[-1]) if starts else ""
                    if "FATAL" in said or len(starts) == _STARTS:
                        raise explained(self.home, said)
                    starts.append(await self._launch(lock))
            await asyncio.sleep(_POLL)
            if (now := asyncio.get_running_loop().time()) - told >= _PROGRESS:
                told = now
                say(f"PostgreSQL is starting, {now - began:.0f} s so far (after a crash it first recovers)")
        return folder

    async def stop(self) -> None:
        """Stops the server in order, by force only after a minute; returns when no process of it is left."""
        began = asyncio.get_running_loop().time()
        orderly = forced = False
        while not self.is_down():
            late = asyncio.get_running_loop().time() - began > _PATIENCE
            if not orderly or (late and not forced):
                orderly, forced = self._signal(signal.SIGQUIT if late else signal.SIGINT), late
            await asyncio.sleep(_POLL)

    def _lock(self) -> FileLock:
        return FileLock(self.home.folder / "server.lock", self.home.uid)

    def _pid_file(self) -> list[str]:
        """The lines of postmaster.pid: 1 process, 5 socket's folder, 8 state. Empty when there is none."""
        try:
            return (self.home.pgdata / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _answers(self) -> Path | None:
        """The socket's folder of a server that takes connections, or None."""
        lines = self._pid_file()
        if len(lines) < 8 or lines[7].strip() != "ready":
            return None
        with socket.socket(socket.AF_UNIX) as probe:
            probe.setblocking(False)  # a full queue raises BlockingIOError: it listens
            with suppress(BlockingIOError):
                try:
                    probe.connect(f"{lines[4]}/{embedded_socket.NAME}")
                except (FileNotFoundError, ConnectionRefusedError):
                    return None
        return Path(lines[4])

    def _signal(self, number: signal.Signals) -> bool:
        lines = self._pid_file()
        if not lines:
            return False
        try:
            os.kill(int(lines[0]), number)
        except ProcessLookupError:
            return False
        return True

    async def _launch(self, lock: FileLock) -> int:
        """Starts PostgreSQL, which takes ``lock`` over; returns where in the log its words begin."""
        home = self.home
        if not home.pgdata.exists():
            await to_the_end(self._create, lock)
        if (found := (home.pgdata / "PG_VERSION").read_text().strip()) != MAJOR:
            raise ClusterError(
                f"{home.pgdata} was made by PostgreSQL {found}, and this version brings {MAJOR}: "
                f"dump it with the version that made it, or choose another data folder"
            )
        folder = embedded_socket.socket_folder(home)
        for left in (
            home.pgdata / "postmaster.pid",
            *(folder / (embedded_socket.NAME + end) for end in ("", ".lock")),
        ):
            left.unlink(missing_ok=True)
        if home.log.exists() and home.log.stat().st_size > _LARGEST_LOG:
            home.log.replace(home.log.with_suffix(".log.1"))
        if not home.log.exists():
            write_private(home, home.log, "")
        start = home.log.stat().st_size
        settings = {"unix_socket_directories": '"' + str(folder).replace('"', '""') + '"'} | self._settings
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        program = home.binaries / "bin" / "postgres"
        await to_the_end(detach, home, program, "-D", home.pgdata, *options, output=home.log, held=(lock.fd,))
        return start

    def _create(self, lock: FileLock) -> None:
        """Makes the cluster, complete with both roles, or nothing."""
        home = self.home
        fresh = home.folder / "pgdata.new"
        shutil.rmtree(fresh, ignore_errors=True)
        make_private(home, fresh)
        for role in (ADMIN, APP):
            write_private(home, home.password_file(role), secrets.token_urlsafe(32))
        binaries = home.binaries / "bin"
        options = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options += ["--auth-local=scram-sha-256", "--auth-host=scram-sha-256", "--no-instructions"]
        options += [f"--username={ADMIN}", f"--pwfile={home.password_file(ADMIN)}", f"--pgdata={fresh}"]
        options += [] if self._durable else ["--no-sync"]
        made = run(home, binaries / "initdb", *options, held=(lock.fd,))
        if made.returncode:
            raise explained(home, made.stdout)
        role = f"CREATE ROLE {APP} LOGIN NOINHERIT PASSWORD '{self.password(APP)}';\n"
        single = ["--single", "-D", str(fresh), "-c", "exit_on_error=on", "-c", "shared_buffers=16MB"]
        made = run(home, binaries / "postgres", *single, "postgres", stdin=role, held=(lock.fd,))
        if made.returncode:
            raise explained(home, made.stdout)
        fresh.rename(home.pgdata)

    def _log_since(self, start: int) -> str:
        with self.home.log.open(errors="replace") as log:
            log.seek(start)
            return log.read()


def explained(home: Home, output: str) -> ClusterError:
    """What PostgreSQL said when it failed, headed by what to do about it."""
    cures = {
        "No space left on device": f"the disk of {home.folder} is full: free some space and start again",
        "Disk quota exceeded": f"the disk quota of {home.folder} is used up: free some space and start again",
        "Read-only file system": f"{home.folder} is read-only: choose another data folder",
        "Permission denied": f"PostgreSQL may not use what is in {home.folder}: give it back to its owner",
        "invalid permissions": f"the disk of {home.folder} keeps no file modes: choose another data folder",
        "Cannot allocate memory": "there is not enough memory for PostgreSQL: free some and start again",
        "unrecognized configuration parameter": "a database setting is unknown: correct its name",
        "invalid value for parameter": "a database setting has a bad value: correct it",
    }
    cure = next((cure for sign, cure in cures.items() if sign in output), f"see {home.log}")
    last = "\n".join(line for line in output.splitlines() if line.strip()).splitlines()[-5:]
    return ClusterError("\n  ".join([f"PostgreSQL did not start; {cure}", *last]))
