"""Every statement of a conversation's way is answered from an index, as the application's role, fenced.

The statements are not listed here: their plans are overheard while an installation works.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from psycopg.errors import Diagnostic
from psycopg.sql import SQL, Composable
from tests.conftest import settings_for
from tests.support.http import served
from tests.support.knowledge import add_text
from tests.support.plans import OPTIONS, Scan, parse, scans

from relevo.bootstrap import App, open_app
from relevo.domain.ids import ChannelName, ConversationId, MessageId, ProjectId
from relevo.domain.knowledge import Filters, Kind
from relevo.domain.message import InboundMessage, Wake
from relevo.domain.signals import Language
from relevo.knowledge.lexical import LexicalSearch
from relevo.memory.in_process import InProcessHistory, InProcessSessions
from relevo.memory.manager import MemoryManager
from relevo.pipeline.receive import receive
from relevo.storage import database as database_module
from relevo.storage.database import Connection
from relevo.storage.embedded import Cluster
from relevo.storage.knowledge_documents import delete_document, read_document, revoke_document
from relevo.storage.knowledge_index import document_passages
from relevo.storage.knowledge_vectors import nearest_passages
from relevo.storage.lease import begin, owner_now, renew
from relevo.storage.outbox import conversations_due, enqueue, next_parcel, settle, update_delivery

WHOLE_PROJECT = (
    "SELECT id FROM messages ORDER BY id DESC",
    "FROM (SELECT * FROM tickets WHERE project_id = %s AND state",
    "FROM channel_addresses",
    "SELECT p.id FROM knowledge_documents d",
    "FROM knowledge_documents d WHERE d.project_id = %(project)s AND d.state",
    "FROM knowledge_documents WHERE project_id = %s AND kind",
    "FROM knowledge_vectors v",
)
"""Statements that do read many of a project's rows: the desk's list, a search in some documents or by
meaning; or whose table has a handful."""
DOORS = (
    "principal_of_key",
    "claim_due",
    "claim_analyses",
    "claim_documents",
    "due_outbox",
    "known_projects",
    "installation_metrics",
)
"""They look across projects, by an index of their own where there is more than a handful to look at."""

FILL = """
INSERT INTO persons (project_id, id, customer_ref)
    SELECT project_id, 'p' || n, 'ref' || n FROM projects, generate_series(1, {n}) n;
INSERT INTO person_identities (project_id, channel, address, person_id)
    SELECT project_id, 'api', 'x' || n, 'p' || n FROM projects, generate_series(1, {n}) n;
INSERT INTO conversations (project_id, id, channel, address, person_id, due_at)
    SELECT project_id, 'x' || n, 'api', 'x' || n, 'p' || n,
        CASE WHEN n % 20 = 0 THEN now() + interval '1 day' END
    FROM projects, generate_series(1, {n}) n;
INSERT INTO messages (project_id, conversation_id, role, body, channel, provider_id, turn_id,
        state)
    SELECT project_id, 'x' || n, 'customer', 'hola', 'api', 'x' || n || '.' || m, 'x' || n,
        CASE WHEN n % 50 = 0 THEN 'pending' ELSE 'done' END
    FROM projects, generate_series(1, {n}) n, generate_series(1, 5) m;
INSERT INTO turns (project_id, id, conversation_id, lease_token, mode, route, rule, reason, snapshot, trace,
        milliseconds)
    SELECT project_id, 'x' || n, 'x' || n, 1, 'playbook', 'agent', 'stay', '', '{{}}', '{{}}', 1
    FROM projects, generate_series(1, {n}) n;
INSERT INTO handoffs (project_id, conversation_id, turn_id, giver, receiver, kind, reason, digest_before,
        digest_after)
    SELECT project_id, 'x' || n, 'x' || n, 'a', 'b', 'explicit', '', '', ''
    FROM projects, generate_series(1, {n}) n;
INSERT INTO tickets (project_id, id, number, conversation_id, person_id, subject, summary, reason, priority,
        state)
    SELECT project_id, 'x' || n, 1000 + n, 'x' || n, 'p' || n, '', '', '', 1,
        CASE WHEN n % 10 = 0 THEN 'open' ELSE 'closed' END
    FROM projects, generate_series(1, {n}) n;
INSERT INTO ticket_events (project_id, ticket_id, kind, author, body)
    SELECT project_id, 'x' || n, 'message', 'customer', '' FROM projects, generate_series(1, {n}) n;
INSERT INTO effects (project_id, message_id, tool, arguments_hash, result)
    SELECT project_id, id, 'x', 'x', '{{}}' FROM messages WHERE state = 'done';
INSERT INTO profile_slots (project_id, person_id, slot, value)
    SELECT project_id, 'p' || n, 'genre', '1' FROM projects, generate_series(1, {n}) n;
INSERT INTO outbox (project_id, conversation_id, message_id, channel, address, body, state, due_at,
        provider_id)
    SELECT project_id, conversation_id, id, 'whatsapp', 'x', '',
        CASE WHEN id % 20 = 0 THEN 'due' ELSE 'sent' END,
        CASE WHEN id % 20 = 0 THEN now() + interval '1 day' END, 'x' || id FROM messages;
INSERT INTO delivery_news (project_id, channel, provider_id, state)
    SELECT project_id, 'whatsapp', 'x' || n, 'sent' FROM projects, generate_series(1, {n}) n;
INSERT INTO knowledge_documents (project_id, id, kind, title, source, sha256, size, state, due_at)
    SELECT project_id, 'x' || n, 'user', '', '', 'x' || n, 1, 'ready',
        CASE WHEN n % 20 = 0 THEN now() + interval '1 day' END
    FROM projects, generate_series(1, {n}) n;
INSERT INTO knowledge_passages (project_id, document_id, position, body, language, terms)
    SELECT project_id, 'x' || n, 0, 'la portada', 'es', '{{x,portad}}'
    FROM projects, generate_series(1, {n}) n;
INSERT INTO knowledge_postings (project_id, language, term, passage_id, weight)
    SELECT project_id, language, 'x' || id % 500, id, 1 FROM knowledge_passages;
INSERT INTO knowledge_postings (project_id, language, term, passage_id, weight)
    SELECT project_id, language, 'portad', id, 1 FROM knowledge_passages WHERE id % 20 = 0;
INSERT INTO knowledge_vectors (project_id, model, passage_id, document_id, language, vector, dimensions)
    SELECT project_id, 'm', id, document_id, language, '[1,0]', 2 FROM knowledge_passages;
INSERT INTO counters (project_id, name, value)
    SELECT project_id, 'passages.es', {n} FROM projects
    ON CONFLICT (project_id, name) DO UPDATE SET value = counters.value + excluded.value;
ANALYZE;
"""


LABELS = "(SELECT * FROM projects WHERE team = 'music')"
"""The projects that get so many rows."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What PostgreSQL planned, for which statement of ours (with the place in a function, if it was one)."""

    statement: str
    tree: str


@pytest.fixture
def overheard(monkeypatch: pytest.MonkeyPatch) -> list[Plan]:
    """The plans of everything that the application's connections do from now on."""
    heard: list[Plan] = []
    at_hand: dict[object, str] = {}
    execute, configure = psycopg.AsyncConnection.execute, database_module._configure

    async def listening(self: Any, query: Any, params: Any = None, **more: Any) -> Any:
        at_hand[self] = query.as_string(self) if isinstance(query, Composable) else str(query)
        return await execute(self, query, params, **more)

    async def configured(connection: psycopg.AsyncConnection[Any]) -> None:
        await configure(connection)

        def hear(notice: Diagnostic) -> None:
            if notice.message_primary == "plan:" and notice.message_detail:
                statement = at_hand.get(connection, "?")
                heard.append(Plan(f"{statement} {notice.context or ''}", notice.message_detail))

        connection.add_notice_handler(hear)

    monkeypatch.setattr(psycopg.AsyncConnection, "execute", listening)
    monkeypatch.setattr(database_module, "_configure", configured)
    return heard


async def test_no_statement_reads_a_tenants_table_whole(
    cluster: Cluster, demo_name: str, demo_admin_url: str, tmp_path: Path, overheard: list[Plan]
) -> None:
    with psycopg.connect(demo_admin_url, autocommit=True) as admin:
        admin.execute("INSERT INTO projects (project_id, team, name) VALUES ('other', 'music', 'x')")
        fill = FILL.format(n=3_000).replace("FROM projects", f"FROM {LABELS} AS projects")
        for statement in fill.strip().split(";\n"):
            admin.execute(SQL(statement))
        tables = admin.execute("SELECT oid, relname FROM pg_class WHERE relkind = 'r'").fetchall()
    names: dict[int, str] = dict(tables)
    url = f"{cluster.url('relevo_app', demo_name)}&options={quote(OPTIONS)}"
    async with open_app(settings_for(url, tmp_path)) as app:
        await _a_working_day(app)
    seen = {plan.statement: plan for plan in overheard}
    assert len(seen) > 60
    assert sum("PL/pgSQL function" in statement for statement in seen) > 15
    whole = [
        (statement, names[scan.table], scan.kind)
        for statement, plan in seen.items()
        for scan in scans(parse(plan.tree))
        if not _narrow(scan, names)
        and not _labels_own(statement, names[scan.table])
        and not any(known in statement for known in (*WHOLE_PROJECT, *DOORS))
    ]
    assert not whole, "\n".join(map(str, whole))


def _narrow(scan: Scan, names: dict[int, str]) -> bool:
    """By an index, and by more than the project alone; or of a table with a row a project, or no tenant's."""
    if names[scan.table] == "projects" or names[scan.table].startswith("pg_"):
        return True
    return scan.kind != "SEQSCAN" and scan.conditions > 1


def _labels_own(statement: str, table: str) -> bool:
    """A statement that test_music_isolation.py looks at: the label's, unless it stands in a function."""
    return table.startswith("music_") and "PL/pgSQL function" not in statement


async def _a_working_day(app: App) -> None:
    """Everything that an installation does often, once; through the doors where there are doors."""
    project, api = app.default_project, ChannelName("api")
    async with served(app) as site:
        chat = await site.open_chat("ana")
        for text in (
            "hola",
            "¿cuánto cuesta el plan Pro?",
            "¿cuál es mi saldo?",
            "quiero retirar 60",
            "confirmo",
        ):
            await site.say(chat, text, **{"Idempotency-Key": text.encode("ascii", "ignore").decode()})
        await site.say(chat, "hola", **{"Idempotency-Key": "hola"})
        ticket = (await site.say(chat, "quiero hablar con una persona"))["ticket"]["number"]
        await site.say(chat, "¿ya?")
        reply = await site.say(await site.open_chat(), "mi lanzamiento no aparece en Spotify")
        await site.client.get(f"/api/chats/{chat}/messages")
        assert reply["turn"]
        (await site.client.get(f"/api/chats/{chat}/turns/none")).read()
    await _knowledge(app, project)
    await app.operator.list(project)
    await app.operator.take(project, ticket, "eva")
    await app.operator.say(project, ticket, "eva", "hola")
    await app.operator.show(project, ticket)
    await app.operator.give_back(project, ticket, "eva", "nada", "adiós")
    await app.operator.close(project, ticket, "eva", "solved")
    stored = await receive(
        app.database, app.wakeups, InboundMessage(project, api, "new", "n1", "hola"), per_minute=30
    )
    await _by_hand(app, project, stored.conversation)


async def _knowledge(app: App, project: ProjectId) -> None:
    search = LexicalSearch(app.database)
    assert len(await search.search(project, "la portada de x17")) == 10
    assert await search.search(project, "portada", Filters(kinds=(Kind.USER,), tags=("none",))) == []
    document = await add_text(app.database, project, "Otra portada.")
    async with app.database.project(project) as connection:
        await read_document(connection, project, document)
        near = await nearest_passages(connection, project, "m", [1.0, 0.0], [Language.ES], 5)
        assert len(near) == 5
        await document_passages(connection, project, document)
        await revoke_document(connection, project, document)
        await delete_document(connection, project, document)


async def _by_hand(app: App, project: ProjectId, conversation: ConversationId) -> None:
    """What only trouble or a channel brings about: failing, rebuilding, sending."""
    wake, name = Wake(project, conversation), ChannelName("whatsapp")
    async with app.database.project(project) as connection:
        await connection.execute(
            "UPDATE conversations SET due_at = now() - interval '1 s', attempts = 2 WHERE id = %s",
            (conversation,),
        )
        held = await begin(connection, wake, None, 5)
        assert held is not None
        await renew(connection, wake, held.token, 5)
        await owner_now(connection, wake, held.token)
        await enqueue(connection, project, conversation, await _some_message(connection), name, "x", ["a"])
        parcel = await next_parcel(connection, wake, 5)
        assert parcel is not None
        await settle(connection, project, parcel.id, "sent", provider_id="SM1")
        assert await update_delivery(connection, project, name, "SM1", "read", None)
    fresh = MemoryManager(app.database, InProcessSessions(app.clock), InProcessHistory(app.clock), app.clock)
    await fresh.recall(held.conversation)
    async with app.database.door() as connection:
        await conversations_due(connection, 5)


async def _some_message(connection: Connection) -> MessageId:
    row = await (await connection.execute("SELECT id FROM messages ORDER BY id DESC LIMIT 1")).fetchone()
    assert row is not None
    return MessageId(row["id"])
