"""The private folder of an embedded server's socket."""

import os
import tempfile
from pathlib import Path

from relevo.storage.embedded_home import ClusterError, Home, is_private, make_private, write_private

NAME = ".s.PGSQL.5432"

_LONGEST = 107  # bytes: sockaddr_un.sun_path on Linux is 108 with its closing zero


def socket_folder(home: Home) -> Path:
    """A folder of mode 0700: the cluster's own, or a short one where that is too deep for a socket.

    The short one is remembered in the file ``socket.path`` and checked before it is used again.
    Raises ClusterError when there is none, or when the folder is open to others.
    """
    inside = home.folder / "socket"
    if _fits(inside):
        make_private(home, inside)
        return inside
    memory = home.folder / "socket.path"
    if memory.exists() and is_private(home, remembered := Path(memory.read_text())) and _fits(remembered):
        return remembered
    write_private(home, memory, str(short := _short_folder(home)))
    return short


def _short_folder(home: Home) -> Path:
    own = os.environ.get("XDG_RUNTIME_DIR") if os.geteuid() != 0 else None
    for base in filter(None, (own, tempfile.gettempdir(), "/tmp")):  # noqa: S108 # only to make a private one in
        if _fits(Path(base, "relevo-01234567")) and os.access(base, os.W_OK | os.X_OK):
            short = Path(tempfile.mkdtemp(prefix="relevo-", dir=base))
            if os.geteuid() == 0:
                os.chown(short, home.uid, home.gid)
            return short
    raise ClusterError(f"{home.folder} is too long a path for a socket: choose a shorter data folder")


def _fits(folder: Path) -> bool:
    # libpq takes a comma in a host as the start of another host
    return len(os.fsencode(folder / NAME)) <= _LONGEST and not set(",\n") & set(str(folder))
