"""An embedded cluster's own folder, and the account that PostgreSQL runs as."""

import asyncio
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class ClusterError(Exception):
    """The embedded database cannot run; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Home:
    """A cluster's folder, PostgreSQL's programs (bin, lib and share), and the account that runs them."""

    folder: Path
    binaries: Path
    uid: int
    gid: int

    @property
    def pgdata(self) -> Path:
        return self.folder / "pgdata"

    @property
    def log(self) -> Path:
        return self.folder / "postgres.log"

    def password_file(self, role: str) -> Path:
        return self.folder / f"{role}.password"


def say(message: str) -> None:
    """One line for the person who started the program."""
    print(f"relevo: {message}", file=sys.stderr, flush=True)


async def to_the_end(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Runs ``call`` in a thread; cancelled, it still waits for the thread, whose locks must stay open."""
    work = asyncio.ensure_future(asyncio.to_thread(call, *args, **kwargs))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait([work])
        raise


def run(
    home: Home, *command: str | Path, stdin: str = "", held: tuple[int, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """Runs a program as the cluster's account, away from the terminal, handing it the descriptors ``held``.

    The result's ``stdout`` has its error output too. Raises ClusterError when root may not change accounts.
    """
    as_root = os.geteuid() == 0
    try:
        return subprocess.run(
            [os.fspath(word) for word in command],
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C"},
            umask=0o077,
            start_new_session=True,  # Ctrl-C is for us: PostgreSQL is stopped in order, afterwards
            pass_fds=held,
            user=home.uid if as_root else None,
            group=home.gid if as_root else None,
            extra_groups=[] if as_root else None,
            check=False,
        )
    except PermissionError as error:
        if not as_root:
            raise
        raise ClusterError(
            "PostgreSQL must not run as root, and this root may not change to another account: "
            "start as an ordinary user, or name a server of your own in DATABASE_URL"
        ) from error


def detach(
    home: Home, *command: str | Path, output: str | Path = os.devnull, held: tuple[int, ...] = ()
) -> None:
    """Starts a program that outlives us, as ``run`` does; what it says is added to ``output``."""
    script = 'output=$1; shift; "$@" >>"$output" 2>&1 &'
    run(home, "/bin/sh", "-c", script, "sh", output, *command, held=held)


def write_private(home: Home, path: Path, text: str) -> None:
    """Replaces ``path`` with a file of mode 0600 that belongs to the cluster's account."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        _give(home, fresh)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def make_private(home: Home, folder: Path) -> None:
    """Creates ``folder`` with mode 0700 for the cluster's account. Raises ClusterError if it is otherwise."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        if not is_private(home, folder):
            raise ClusterError(f"{folder} is open to others: remove it and start again") from None
    else:
        _give(home, folder)


def is_private(home: Home, folder: Path) -> bool:
    """Whether ``folder`` is a real folder that only the cluster's account may enter."""
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == home.uid and stat.S_IMODE(found.st_mode) == 0o700


def _give(home: Home, path: Path) -> None:
    if os.geteuid() == 0:
        os.chown(path, home.uid, home.gid, follow_symlinks=False)
