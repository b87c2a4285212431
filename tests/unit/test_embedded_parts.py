"""The parts of the embedded database that need no server: addresses, locks, explanations, folders."""

import os
import stat
from pathlib import Path

import psycopg.conninfo
import pytest

from relevo.storage.embedded import Cluster, ClusterError
from relevo.storage.embedded_home import Home, is_private, make_private, write_private
from relevo.storage.embedded_lock import FileLock
from relevo.storage.embedded_server import explained
from relevo.storage.embedded_socket import NAME, socket_folder

CLUSTER = Cluster(Path("/home/a b/ñ/socket"), {"relevo_admin": "one", "relevo_app": "two"})


def home(folder: Path) -> Home:
    return Home(folder, folder, os.geteuid(), os.getegid())


def test_an_address_survives_spaces_and_accents() -> None:
    parts = psycopg.conninfo.conninfo_to_dict(CLUSTER.url("relevo_app", "my db"))
    assert parts == {
        "user": "relevo_app",
        "password": "two",
        "dbname": "my db",
        "host": "/home/a b/ñ/socket",
    }
    assert psycopg.conninfo.conninfo_to_dict(CLUSTER.admin_url)["user"] == "relevo_admin"


def test_a_role_without_a_kept_password_is_refused() -> None:
    with pytest.raises(ValueError, match="somebody"):
        CLUSTER.url("somebody", "postgres")


def test_passwords_are_not_shown() -> None:
    assert "one" not in repr(CLUSTER)
    assert "two" not in repr(CLUSTER)


def test_sharers_keep_out_whoever_wants_a_lock_alone(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with FileLock(path, os.geteuid()) as alone:
        with FileLock(path, os.geteuid()) as first, FileLock(path, os.geteuid()) as second:
            assert first.try_shared()
            assert second.try_shared()
            assert not alone.try_exclusive()
        assert alone.try_exclusive()
        with FileLock(path, os.geteuid()) as late:
            assert not late.try_shared()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_lock_is_never_opened_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic"):
        FileLock(tmp_path / "lock", os.geteuid())


@pytest.mark.parametrize(
    ("output", "cure"),
    [
        ("FATAL:  could not write to file: No space left on device", "free some space"),
        ("could not create directory: Read-only file system", "choose another data folder"),
        ("could not open file: Permission denied", "give it back to its owner"),
        ("FATAL: could not map anonymous shared memory: Cannot allocate memory", "memory"),
        ('FATAL:  unrecognized configuration parameter "wrok_mem"', "correct its name"),
        ("FATAL:  something new", "postgres.log"),
    ],
)
def test_a_failure_says_what_to_do_and_what_postgresql_said(tmp_path: Path, output: str, cure: str) -> None:
    message = str(explained(home(tmp_path), f"LOG: one\n\n{output}\n"))
    assert cure in message
    assert output in message


def test_private_files_replace_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("old")
    path.chmod(0o644)
    write_private(home(tmp_path), path, "new")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_folder_open_to_others_is_not_used_as_private(tmp_path: Path) -> None:
    make_private(home(tmp_path), tmp_path / "own")
    assert is_private(home(tmp_path), tmp_path / "own")
    (tmp_path / "own").chmod(0o750)
    with pytest.raises(ClusterError, match="open to others"):
        make_private(home(tmp_path), tmp_path / "own")
    (tmp_path / "link").symlink_to(tmp_path)
    assert not is_private(home(tmp_path), tmp_path / "link")


@pytest.mark.parametrize("name", ["x" * 120, "a,b"])
def test_a_socket_that_does_not_fit_gets_a_place_that_is_remembered(tmp_path: Path, name: str) -> None:
    deep = tmp_path / name
    deep.mkdir()
    folder = socket_folder(home(deep))
    assert is_private(home(deep), folder)
    assert len(os.fsencode(folder / NAME)) <= 107
    assert socket_folder(home(deep)) == folder
    folder.chmod(0o755)
    other = socket_folder(home(deep))
    assert other != folder
    folder.rmdir()
    other.rmdir()
