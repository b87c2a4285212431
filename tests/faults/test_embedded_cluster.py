"""The embedded database over real clusters: started, shared, killed, recovered, and closed to others."""

import asyncio
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from relevo.storage import embedded_place
from relevo.storage.embedded import ClusterError, embedded_cluster
from relevo.storage.embedded_lock import FileLock

OWNER = """
import asyncio, sys
from pathlib import Path
from relevo.storage.embedded import embedded_cluster

async def main():
    async with embedded_cluster(Path(sys.argv[1]), durable=False):
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)

asyncio.run(main())
"""

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root starts PostgreSQL as another account")


def passable() -> Path:
    """A folder that PostgreSQL's account may pass through, which pytest's own is not for root."""
    folder = Path(tempfile.mkdtemp(prefix="relevo test "))
    folder.chmod(0o711)
    return folder


@pytest.fixture
def base() -> Iterator[Path]:
    folder = passable()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A cluster that was started once and stopped."""

    async def make(data: Path) -> None:
        async with embedded_cluster(data, durable=False):
            pass

    folder = passable()
    asyncio.run(make(folder / "data"))
    yield folder / "data"
    shutil.rmtree(folder)


@pytest.fixture
async def data(base: Path, made: Path) -> AsyncIterator[Path]:
    """A copy of that cluster, for one test."""
    folder = base / "data"
    subprocess.run(["cp", "-a", made, folder], check=True)  # noqa: ASYNC221 # a short one, before the test
    (folder / "postgres.log").unlink()
    yield folder
    await server_gone(folder)


@pytest.fixture
async def new(base: Path) -> AsyncIterator[Path]:
    """Where there is no cluster yet."""
    yield base / "new"
    await server_gone(base / "new")


async def ask(url: str, statement: str) -> object:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        cursor = await connection.execute(statement.encode())
        row = await cursor.fetchone() if cursor.description else None
        return row[0] if row else None


@asynccontextmanager
async def owner(data: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Another process that uses the cluster until its standard input closes."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        OWNER,
        str(data),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n", await process.communicate()
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def server_gone(data: Path) -> None:
    """Returns when no process of PostgreSQL over ``data`` is left."""
    if not (data / "server.lock").exists():
        return
    with FileLock(data / "server.lock", (data / "server.lock").stat().st_uid) as lock:
        await lock.exclusive()


async def leave(process: asyncio.subprocess.Process) -> None:
    await process.communicate(b"")
    assert process.returncode == 0


def postmaster(data: Path) -> int:
    return int((data / "pgdata" / "postmaster.pid").read_text().splitlines()[0])


def starts(data: Path) -> int:
    return (data / "postgres.log").read_text().count("starting PostgreSQL")


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 # what it waits for happens in another process
        await asyncio.sleep(0.02)


async def test_what_was_written_is_there_at_the_second_start(new: Path) -> None:
    async with embedded_cluster(new) as first:
        await ask(first.admin_url, "CREATE TABLE kept AS SELECT 'ñandú' AS word")
    await server_gone(new)
    async with embedded_cluster(new) as second:
        assert second == first
        assert await ask(second.admin_url, "SELECT upper(word) FROM kept") == "ÑANDÚ"
        assert await ask(second.admin_url, "SHOW server_encoding") == "UTF8"
        assert await ask(second.admin_url, "SHOW fsync") == "on"
        assert await ask(second.admin_url, "CREATE EXTENSION vector") is None


async def test_the_applications_role_owns_nothing_and_bypasses_nothing(data: Path) -> None:
    async with embedded_cluster(data, durable=False, settings={"work_mem": "5MB"}) as cluster:
        app = cluster.url("relevo_app", "postgres")
        assert await ask(app, "SELECT current_user") == "relevo_app"
        assert await ask(app, "SHOW work_mem") == "5MB"
        for right in ("super", "bypassrls", "createrole", "createdb", "replication", "inherit"):
            assert await ask(app, f"SELECT rol{right} FROM pg_roles WHERE rolname = current_user") is False  # noqa: S608 # fixed words
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await ask(app, "CREATE TABLE mine ()")


async def test_nobody_enters_without_a_password(data: Path) -> None:
    async with embedded_cluster(data, durable=False) as cluster:
        host = cluster.socket_folder
        for role in ("relevo_admin", "relevo_app"):
            with pytest.raises(psycopg.OperationalError, match="no password supplied"):
                await ask(f"host='{host}' user={role} dbname=postgres", "SELECT 1")
            with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
                await ask(f"host='{host}' user={role} dbname=postgres password=guess", "SELECT 1")
        assert await ask(cluster.admin_url, "SHOW listen_addresses") == ""
        secret = "SELECT count(*) FROM pg_authid WHERE rolpassword LIKE 'SCRAM-SHA-256$%'"
        assert await ask(cluster.admin_url, secret) == 2


async def test_everything_is_private_and_no_parent_is_touched(base: Path) -> None:
    parent = base / "their folder"
    parent.mkdir(mode=0o755)
    parent.chmod(0o2751)
    data = parent / "new" / "data"
    async with embedded_cluster(data, durable=False):
        assert stat.S_IMODE(parent.stat().st_mode) == 0o2751
        assert stat.S_IMODE(data.stat().st_mode) & 0o767 == 0o700
        for path in data.rglob("*"):
            if not path.is_socket():
                assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
        assert stat.S_IMODE((data / "relevo_admin.password").stat().st_mode) == 0o600
        assert stat.S_IMODE((data / "socket").stat().st_mode) == 0o700


async def test_a_deep_folder_with_odd_characters_works(base: Path) -> None:
    data = base / "it's, \"a\" 'deep' one $HOME" / ("x" * 90)
    async with embedded_cluster(data, durable=False) as cluster:
        assert await ask(cluster.url("relevo_app", "postgres"), "SELECT 1") == 1
        assert not cluster.socket_folder.is_relative_to(data)
        async with embedded_cluster(data, durable=False) as again:
            assert again == cluster
    cluster.socket_folder.rmdir()


async def test_two_processes_that_start_together_share_one_server(new: Path) -> None:
    async with owner(new) as first, owner(new) as second:
        assert starts(new) == 1
        await leave(first)
        async with embedded_cluster(new, durable=False) as cluster:
            assert await ask(cluster.admin_url, "SELECT 1") == 1
            await leave(second)
            assert await ask(cluster.admin_url, "SELECT 1") == 1
        assert starts(new) == 1
        assert not (new / "pgdata" / "postmaster.pid").exists()


async def test_many_that_come_and_go_at_once(new: Path) -> None:
    async def visit(_: int) -> None:
        for _ in range(5):
            async with embedded_cluster(new, durable=False) as cluster:
                assert await ask(cluster.url("relevo_app", "postgres"), "SELECT 1") == 1

    await asyncio.gather(*map(visit, range(4)))
    assert not (new / "pgdata" / "postmaster.pid").exists()
    fatal = [line for line in (new / "postgres.log").read_text().splitlines() if "FATAL" in line]
    ended_with_the_server = "terminating connection due to administrator command"  # a client just leaving
    assert [line for line in fatal if ended_with_the_server not in line] == []


async def test_killing_the_only_owner_stops_the_server(data: Path) -> None:
    async with owner(data) as process:
        process.kill()
        await process.wait()
        await server_gone(data)
    assert "database system is shut down" in (data / "postgres.log").read_text()
    async with embedded_cluster(data, durable=False) as cluster:
        assert await ask(cluster.admin_url, "SELECT 1") == 1


async def test_killing_one_owner_leaves_the_server_to_the_other(data: Path) -> None:
    async with owner(data) as process:
        async with embedded_cluster(data, durable=False) as cluster:
            process.kill()
            await process.wait()
            assert await ask(cluster.admin_url, "SELECT 1") == 1
        await server_gone(data)
    assert starts(data) == 1


async def test_a_killed_watchdog_is_replaced_by_the_next_process(data: Path) -> None:
    async with owner(data) as process:
        for found in psutil.process_iter(["cmdline"]):
            if "relevo-watchdog" in (found.info["cmdline"] or []) and str(data) in found.info["cmdline"]:
                found.kill()
        with FileLock(data / "watchdog.lock", (data / "watchdog.lock").stat().st_uid) as lock:
            await lock.exclusive()
        async with owner(data) as second:
            second.kill()
            process.kill()
            await server_gone(data)
    assert starts(data) == 1


async def test_ctrl_c_to_the_whole_group_is_an_orderly_stop(data: Path) -> None:
    async with owner(data) as process:
        os.killpg(process.pid, signal.SIGINT)
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
        assert not (data / "pgdata" / "postmaster.pid").exists()
    log = (data / "postgres.log").read_text()
    assert "database system is shut down" in log
    assert "immediate shutdown" not in log


async def test_a_process_id_left_by_a_dead_machine_is_no_obstacle(data: Path) -> None:
    async with embedded_cluster(data, durable=False) as cluster:
        pid_file = (data / "pgdata" / "postmaster.pid").read_text().splitlines()
    stranger = str(os.getppid())  # alive, and no PostgreSQL
    left = data / "pgdata" / "postmaster.pid"
    left.write_text("\n".join([stranger, *pid_file[1:]]) + "\n")
    for path in (left, cluster.socket_folder / ".s.PGSQL.5432.lock"):
        path.write_text("\n".join([stranger, *pid_file[1:]]) + "\n")
        shutil.chown(path, (data / "pgdata").stat().st_uid)
    async with embedded_cluster(data, durable=False) as again:
        assert await ask(again.admin_url, "SELECT 1") == 1
        assert postmaster(data) != int(stranger)


async def test_a_killed_server_recovers_what_was_committed(data: Path) -> None:
    async with embedded_cluster(data) as cluster:
        await ask(cluster.admin_url, "CREATE TABLE kept AS SELECT 42 AS number")
        os.kill(killed := postmaster(data), signal.SIGKILL)
        await until(lambda: starts(data) == 2 and postmaster(data) != killed)
        async with embedded_cluster(data) as again:  # waits for the recovery
            assert await ask(again.admin_url, "SELECT number FROM kept") == 42
    assert "automatic recovery in progress" in (data / "postgres.log").read_text()


async def test_the_server_killed_with_its_owner_recovers_at_the_next_start(data: Path) -> None:
    async with owner(data) as process:
        process.kill()
        os.kill(postmaster(data), signal.SIGKILL)
    async with embedded_cluster(data, durable=False) as cluster:
        assert await ask(cluster.admin_url, "SELECT 1") == 1


async def test_a_start_that_was_broken_off_is_made_again(new: Path) -> None:
    (new / "pgdata.new" / "base").mkdir(parents=True)
    async with embedded_cluster(new, durable=False) as cluster:
        assert await ask(cluster.admin_url, "SELECT 1") == 1
    assert not (new / "pgdata.new").exists()


async def test_what_cannot_start_says_why(data: Path) -> None:
    with pytest.raises(ClusterError, match=r"correct its name(.|\n)*wrok_mem"):
        async with embedded_cluster(data, durable=False, settings={"wrok_mem": "4MB"}):
            raise AssertionError("it started")
    version = data / "pgdata" / "PG_VERSION"
    version.write_text("17\n")
    with pytest.raises(ClusterError, match="made by PostgreSQL 17"):
        async with embedded_cluster(data, durable=False):
            raise AssertionError("it started")
    version.write_text("18\n")
    (data / "relevo_app.password").unlink()
    with pytest.raises(ClusterError, match="restore it"):
        async with embedded_cluster(data, durable=False):
            raise AssertionError("it started")
    await server_gone(data)


async def test_a_data_folder_that_is_no_folder_or_open_to_others_is_refused(base: Path) -> None:
    (base / "file").touch()
    (base / "open").mkdir()
    (base / "open" / "theirs").touch()
    (base / "open").chmod(0o777)
    for name, cure in (("file", "another data folder"), ("open", "chmod go-w")):
        with pytest.raises(ClusterError, match=cure):
            async with embedded_cluster(base / name):
                raise AssertionError("it started")


@as_root
async def test_root_hands_the_server_to_an_unprivileged_account(data: Path) -> None:
    async with embedded_cluster(data, durable=False):
        process = psutil.Process(postmaster(data))
        account = pwd.getpwuid((data / "pgdata").stat().st_uid)
        assert set(process.uids()) == {account.pw_uid} != {0}
        assert set(process.gids()) == {account.pw_gid} != {0}


@as_root
async def test_what_the_account_cannot_reach_lives_where_it_can(
    base: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    closed, library = base / "closed", base / "library"
    closed.mkdir(mode=0o700)
    wheel = embedded_place._installed().parent
    for part in (wheel, wheel.with_name(f"{wheel.name}.libs")):
        (closed / part.name).symlink_to(part)
    monkeypatch.setattr(embedded_place, "_LIBRARY", library)
    monkeypatch.setattr(embedded_place, "_installed", lambda: closed / wheel.name / "pginstall18")
    for _ in range(2):
        async with embedded_cluster(closed / "data", durable=False) as cluster:
            assert await ask(cluster.admin_url, "SELECT 1") == 1
            assert cluster.socket_folder.is_relative_to(library)
        assert f"its data is in {library}" in capfd.readouterr().err
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    moved = closed.rename(base / "renamed")
    async with embedded_cluster(moved / "data", durable=False) as same:
        assert same.passwords == cluster.passwords
