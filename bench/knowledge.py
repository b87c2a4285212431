"""How quick knowledge is: searches over 100,000 passages, indexing, and what the marketing team does with it.

    make bench                            runs it too
    python -m bench.knowledge             runs it alone: bench/results.json, its tables of docs/benchmarks.md
    python -m bench.knowledge --quick     a hundredth of the passages; the docs stay as they are

Everything acts as the application's role, under forced row security, in a project among others.
"""

import argparse
import itertools
import sys
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import orjson
import psycopg
import uvloop

from bench import knowledge_table, tables
from bench.corpus import Tongue, queries, texts, tongue
from bench.load import Figures, percentile
from bench.marketing import marketing
from bench.processes import commit, machine, pace_ms
from bench.retrieval import retrieval
from bench.services import HOME, RESULTS
from relevo.domain.ids import ProjectId
from relevo.domain.knowledge import ANYTHING, DocumentState, Filters, Kind, Passage
from relevo.domain.signals import Language
from relevo.knowledge.lexical import LexicalSearch
from relevo.knowledge.library import Library
from relevo.knowledge.weigh import indexed
from relevo.storage.database import Database
from relevo.storage.embedded import Cluster, embedded_cluster
from relevo.storage.knowledge_documents import NewDocument, store_document
from relevo.storage.knowledge_index import index_document
from relevo.storage.migrate import migrate
from relevo.storage.projects import create_project

A_DOCUMENT = 500
"""Passages of a document."""
SPANISH = 0.9
"""Share of the passages; the others are English, and every search is read in both languages."""
BIG, READ = ProjectId("big"), ProjectId("read")


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured; ``others`` are projects beside the one that is searched."""

    passages: int = 100_000
    others: int = 5
    passages_of_others: int = 4_000
    queries: int = 300
    rounds: int = 5
    read: int = 10_000
    documents: int = 10
    pages: int = 20


QUICK = Size(1_000, 1, 500, 30, 2, 500, 2, 3)


async def knowledge(cluster: Cluster, size: Size) -> Figures:
    """All of it, with the machine and the day."""
    tongues = [tongue(language) for language in Language]
    async with fresh(cluster, "knowledge") as database:
        began = time.perf_counter()
        await _fill(database, BIG, tongues, size.passages)
        filled = time.perf_counter() - began
        for number in range(size.others):
            await _fill(database, ProjectId(f"other{number}"), tongues, size.passages_of_others)
        _say(f"{size.passages} passages in {filled:.0f} s")
        asked = _asked(tongues, size)
        paces, rounds = [pace_ms()], []
        for _ in range(size.rounds):
            rounds.append(await _round(database, asked))
            paces.append(pace_ms())
            _say(f"search p50 {rounds[-1]['p50_ms']:.1f}, p99 {rounds[-1]['p99_ms']:.1f} ms")
        found: Figures = {
            "machine": machine(),
            "commit": commit(),
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "size": asdict(size),
            "pace_ms": paces,
            "filled_seconds": filled,
            "search": rounds,
            "filtered": [await _round(database, asked, Filters(kinds=(Kind.USER,))) for _ in range(2)],
            "read_seconds": await _read(database, tongues[0], size.read),
        }
        _say(f"{size.read} passages read in {found['read_seconds']:.0f} s")
        found["marketing"] = await marketing(database, size.documents, size.pages, size.rounds)
        found["retrieval"] = await retrieval(database)
        return found


@asynccontextmanager
async def fresh(cluster: Cluster, name: str) -> AsyncIterator[Database]:
    """A new database, open as the application's role; it is dropped in the end."""
    async with await psycopg.AsyncConnection.connect(cluster.admin_url, autocommit=True) as admin:
        await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await admin.execute(f"CREATE DATABASE {name}")
        await migrate(cluster.url("relevo_admin", name))
        database = Database(cluster.url("relevo_app", name), 4)
        await database.open()
        try:
            yield database
        finally:
            await database.close()
            await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def _fill(database: Database, project: ProjectId, tongues: Sequence[Tongue], count: int) -> None:
    """A project of so many passages, by the transaction that makes a document findable."""
    await create_project(database, project, "marketing", project)
    for each in tongues:
        left = round(count * (SPANISH if each.language is Language.ES else 1 - SPANISH))
        said = itertools.islice(texts(each, project), left)
        for number, part in enumerate(_documents(said)):
            name = f"{each.language} {number}"
            new = NewDocument(Kind.USER, name, name, f"{project} {name}", b"")
            weighed = [indexed(Passage(text, each.language), name) for text in part]
            async with database.project(project) as connection:
                document, _ = await store_document(connection, project, new)
                await index_document(connection, project, document.id, weighed)


def _documents(said: Iterable[str]) -> Iterator[list[str]]:
    left = iter(said)
    while part := list(itertools.islice(left, A_DOCUMENT)):
        yield part


def _asked(tongues: Sequence[Tongue], size: Size) -> list[str]:
    """Questions about the passages, in the languages' shares."""
    asked: list[str] = []
    for each in tongues:
        share = SPANISH if each.language is Language.ES else 1 - SPANISH
        about = list(itertools.islice(texts(each, BIG), max(1, round(size.passages * share / 10))))
        count = max(1, round(size.queries * share))
        asked += itertools.islice(queries(about, each.language, "asked"), count)
    return asked


async def _round(database: Database, asked: Sequence[str], filters: Filters = ANYTHING) -> Figures:
    """Every question once, by the search that the product uses; milliseconds of each."""
    search, cpu = LexicalSearch(database), time.process_time()
    taken: list[float] = []
    for query in asked:
        begun = time.perf_counter()
        if not await search.search(BIG, query, filters):
            raise RuntimeError(f"nothing was found for {query!r}")
        taken.append((time.perf_counter() - begun) * 1000)
    return {
        "p50_ms": percentile(taken, 0.5),
        "p99_ms": percentile(taken, 0.99),
        "most_ms": max(taken),
        "own_cpu_ms": (time.process_time() - cpu) / len(asked) * 1000,
    }


async def _read(database: Database, words: Tongue, count: int) -> float:
    """Seconds in which so many passages of text files are taken in, read apart, weighed and made findable."""
    await create_project(database, READ, "marketing", READ)
    library, said = Library(database), itertools.islice(texts(words, READ), count)
    files = ["\n\n".join(part).encode() for part in _documents(said)]
    begun = time.perf_counter()
    for number, body in enumerate(files):
        document, _ = await library.add(READ, f"{number}.txt", body)
        document = await library.read(READ, document.id)
        if document.state is not DocumentState.READY:
            raise RuntimeError(f"a document was not read: {document.why}")
    return time.perf_counter() - begun


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


async def _alone(size: Size) -> Figures:
    HOME.mkdir(exist_ok=True)
    async with embedded_cluster(HOME / "postgres") as cluster:
        return await knowledge(cluster, size)


def main() -> None:
    parser = argparse.ArgumentParser(description="How quick and how good knowledge is.")
    parser.add_argument("--quick", action="store_true", help="few passages; the docs stay as they are")
    given = parser.parse_args()
    found = uvloop.run(_alone(QUICK if given.quick else Size()))
    if not given.quick:
        whole = orjson.loads(RESULTS.read_bytes()) | {"knowledge": found}
        RESULTS.write_bytes(orjson.dumps(whole, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        tables.write_page(whole)
    print(knowledge_table.knowledge({"knowledge": found}))


if __name__ == "__main__":
    main()
