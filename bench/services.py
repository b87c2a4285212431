"""What both sides stand on: one PostgreSQL, one Redis, one stand-in for the model."""

import asyncio
import contextlib
import shutil
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString

import aiohttp
import psycopg
from psycopg.rows import TupleRow
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as NoConnection

from bench.processes import Program, cpu_seconds, free_port, parent
from bench.stub import Counted
from relevo.storage.embedded import Cluster, embedded_cluster

ROOT = Path(__file__).parents[1]
HOME = ROOT / ".bench"
RESULTS = ROOT / "bench" / "results.json"
START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Services:
    """What runs, and the hands on it; ``postmaster`` is PostgreSQL's first process."""

    cluster: Cluster
    postmaster: int
    redis_url: str
    stub_url: str
    web: aiohttp.ClientSession
    watching: psycopg.AsyncConnection[TupleRow]
    """A connection that stays, so that asking starts no process of PostgreSQL's."""

    def database_url(self, name: str) -> str:
        return self.cluster.url("relevo_admin", name)

    async def behave(self, **wanted: object) -> None:
        """Tells the model how to answer, and sets its counters to nothing."""
        async with self.web.post(f"{self.stub_url}/behave", json=wanted) as answer:
            answer.raise_for_status()

    async def counted(self) -> Counted:
        async with self.web.get(f"{self.stub_url}/counted") as answer:
            return Counted(**await answer.json())

    def postgres_cpu(self) -> float:
        """CPU seconds of PostgreSQL so far, all its processes."""
        return cpu_seconds(self.postmaster)

    async def wal_bytes(self) -> int:
        """Bytes of write-ahead log so far."""
        return await _number(self.watching, "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')")

    async def rows_written(self, database: str) -> int:
        """Rows inserted, updated and deleted so far; what just happened is told ten seconds later."""
        async with await psycopg.AsyncConnection.connect(self.database_url(database)) as connection:
            return await _number(
                connection, "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables"
            )

    async def checkpoint(self) -> None:
        """Writes what waits, so that no checkpoint falls into what is measured next."""
        await self.watching.execute("CHECKPOINT")

    async def customers(self) -> list[str]:
        """The customers of the demo data."""
        async with await psycopg.AsyncConnection.connect(self.database_url("relevo")) as connection:
            rows = await connection.execute("SELECT id FROM music_customers ORDER BY id")
            return [row[0] for row in await rows.fetchall()]


async def _number(connection: psycopg.AsyncConnection[TupleRow], query: LiteralString) -> int:
    row = await (await connection.execute(query)).fetchone()
    return int(row[0] or 0) if row else 0


@contextlib.asynccontextmanager
async def services() -> AsyncIterator[Services]:
    """Starts them in .bench, in the settings that Relevo gives its own PostgreSQL, and stops them again."""
    HOME.mkdir(exist_ok=True)
    async with contextlib.AsyncExitStack() as stack:
        cluster = await stack.enter_async_context(embedded_cluster(HOME / "postgres"))
        postmaster = await _databases(cluster)
        redis_port, stub_port = free_port(), free_port()
        await stack.enter_async_context(_redis(redis_port))
        redis_url = f"redis://127.0.0.1:{redis_port}/0"
        await _redis_ready(redis_url)
        web = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        command = [sys.executable, "-m", "bench.stub", str(stub_port)]
        stub = Program("the stub", command, HOME / "stub.log", {}, ROOT)
        await stack.enter_async_context(stub)
        stub_url = f"http://127.0.0.1:{stub_port}"
        await ready(web, f"{stub_url}/counted", stub)
        watching = await stack.enter_async_context(
            await psycopg.AsyncConnection.connect(cluster.admin_url, autocommit=True)
        )
        yield Services(cluster, postmaster, redis_url, stub_url, web, watching)


async def _databases(cluster: Cluster) -> int:
    """Makes both sides' databases anew; returns the id of PostgreSQL's first process."""
    async with await psycopg.AsyncConnection.connect(cluster.admin_url, autocommit=True) as connection:
        for name in ("relevo", "peer"):
            await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            await connection.execute(f"CREATE DATABASE {name}")
        return parent(connection.info.backend_pid)


def _redis(port: int) -> Program:
    program = shutil.which("redis-server")
    if program is None:
        raise RuntimeError("the benchmark needs redis-server: sudo apt-get install redis-server")
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    return Program("redis-server", command, HOME / "redis.log", {}, HOME)


async def _redis_ready(url: str) -> None:
    async with asyncio.timeout(START_SECONDS), Redis.from_url(url) as client:
        while True:
            with contextlib.suppress(NoConnection):
                await client.ping()
                return
            await asyncio.sleep(0.02)


async def ready(web: aiohttp.ClientSession, url: str, program: Program) -> None:
    """Waits until the program answers. Raises RuntimeError when it ends, TimeoutError when it is late."""
    async with asyncio.timeout(START_SECONDS):
        while True:
            program.check()
            with contextlib.suppress(aiohttp.ClientConnectionError):
                async with web.get(url) as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(0.01)
