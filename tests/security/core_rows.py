"""One row in every core table, for as many projects as a test needs."""

from psycopg import Connection
from psycopg.sql import SQL

CORE = """
INSERT INTO projects (project_id, team, name) VALUES (%(project)s, 'music', 'x') ON CONFLICT DO NOTHING;
INSERT INTO api_keys (project_id, id, name, key_hash) VALUES (%(project)s, 'k', 'x', 'hash');
INSERT INTO users (id, email, created_at) VALUES (%(project)s, %(project)s || '@example.com', now());
INSERT INTO memberships (project_id, user_id, role) VALUES (%(project)s, %(project)s, 'owner');
INSERT INTO channel_addresses (project_id, channel, address)
    VALUES (%(project)s, 'whatsapp', 'whatsapp:+1555');
INSERT INTO persons (project_id, id, name, customer_ref) VALUES (%(project)s, 'p', 'Ana', 'someone');
INSERT INTO person_identities (project_id, channel, address, person_id)
    VALUES (%(project)s, 'api', 'a', 'p');
INSERT INTO conversations (project_id, id, channel, address, person_id)
    VALUES (%(project)s, 'c', 'api', 'a', 'p');
INSERT INTO messages (project_id, conversation_id, role, body, channel, provider_id, state)
    VALUES (%(project)s, 'c', 'customer', 'hola', 'api', 'same id', 'done');
INSERT INTO turns (project_id, id, conversation_id, lease_token, mode, route, rule, reason, snapshot, trace,
    milliseconds) VALUES (%(project)s, 't', 'c', 1, 'playbook', 'agent', 'stay', 'x', '{}', '{}', 1);
INSERT INTO handoffs (project_id, conversation_id, turn_id, giver, receiver, kind, reason, digest_before,
    digest_after) VALUES (%(project)s, 'c', 't', 'sales', 'support', 'explicit', 'x', 'd', 'd');
INSERT INTO counters (project_id, name, value) VALUES (%(project)s, 'test', 1);
INSERT INTO tickets (project_id, id, number, conversation_id, person_id, subject, summary, reason, priority)
    VALUES (%(project)s, 't', 1, 'c', 'p', 'x', 'x', 'x', 1);
INSERT INTO ticket_events (project_id, ticket_id, kind, author, body)
    VALUES (%(project)s, 't', 'x', 'x', 'x');
INSERT INTO effects (project_id, message_id, tool, arguments_hash, result)
    SELECT project_id, id, 'x', 'x', '{}' FROM messages WHERE project_id = %(project)s;
INSERT INTO profile_slots (project_id, person_id, slot, value) VALUES (%(project)s, 'p', 'genre', '"pop"');
INSERT INTO outbox (project_id, conversation_id, message_id, channel, address, body)
    SELECT project_id, 'c', id, 'whatsapp', 'a', 'hola' FROM messages WHERE project_id = %(project)s;
INSERT INTO delivery_news (project_id, channel, provider_id, state)
    VALUES (%(project)s, 'whatsapp', 'SM', 'sent');
INSERT INTO model_spend (project_id, span, key, usd) VALUES (%(project)s, 'day', '2026-01-05', 1);
INSERT INTO checkpoints (thread_id, checkpoint_id, checkpoint) VALUES ('c/t', '1', '{}');
INSERT INTO checkpoint_blobs (thread_id, channel, version, type) VALUES ('c/t', 'state', '1', 'empty');
INSERT INTO checkpoint_writes (thread_id, checkpoint_id, task_id, idx, channel, blob)
    VALUES ('c/t', '1', 'x', 0, 'state', 'x');
INSERT INTO knowledge_documents (project_id, id, kind, title, source, sha256, size, state)
    VALUES (%(project)s, 'd', 'user', 'x', 'x', 'x', 1, 'ready');
INSERT INTO knowledge_files (project_id, document_id, body) VALUES (%(project)s, 'd', 'x');
INSERT INTO knowledge_passages (project_id, document_id, position, body, language, terms)
    VALUES (%(project)s, 'd', 0, 'x', 'es', '{x}');
INSERT INTO knowledge_postings (project_id, language, term, passage_id, weight)
    SELECT project_id, 'es', 'x', id, 1 FROM knowledge_passages WHERE project_id = %(project)s;
INSERT INTO knowledge_vectors (project_id, model, passage_id, document_id, language, vector, dimensions)
    SELECT project_id, 'm', id, document_id, 'es', '[1,0]', 2 FROM knowledge_passages
    WHERE project_id = %(project)s;
INSERT INTO knowledge_gaps (project_id, message_id, agent, language, terms)
    SELECT project_id, id, 'sales', 'es', '{x}' FROM messages WHERE project_id = %(project)s;
INSERT INTO marketing_briefs (project_id, body) VALUES (%(project)s, '{}');
INSERT INTO marketing_works (project_id, kind, id, version, body, origin)
    VALUES (%(project)s, 'persona', 'main', 1, '{}', 'o');
INSERT INTO marketing_analyses (project_id, id, conversation_id, language, steps, origin)
    VALUES (%(project)s, 'a', 'c', 'es', '{persona}', 'o');
INSERT INTO music_customers (project_id, id, name, known_as, plan)
    VALUES (%(project)s, 'someone', 'Ana', 'Ana', 'pro');
INSERT INTO music_account_events (project_id, customer_id, kind, at)
    VALUES (%(project)s, 'someone', 'login', now());
INSERT INTO music_releases (project_id, customer_id, id, title, artist, upc, state)
    VALUES (%(project)s, 'someone', 'R1', 'x', 'x', '1', 'live');
INSERT INTO music_deliveries (project_id, customer_id, release_id, store, state)
    VALUES (%(project)s, 'someone', 'R1', 'x', 'live');
INSERT INTO music_tracks (project_id, customer_id, release_id, position, isrc, title)
    VALUES (%(project)s, 'someone', 'R1', 1, 'x', 'x');
INSERT INTO music_statements (project_id, customer_id, period, state, currency)
    VALUES (%(project)s, 'someone', '2026-Q1', 'available', 'USD');
INSERT INTO music_statement_lines (project_id, customer_id, period, store, country, track, usage, title,
    units, amount) VALUES (%(project)s, 'someone', '2026-Q1', 'x', 'MX', 'x', 'stream', 'x', 1, 1);
INSERT INTO music_payouts (project_id, customer_id, number, amount, currency, idempotency_key, requested_at)
    VALUES (%(project)s, 'someone', 'P-1', 1, 'USD', 'k', now());
INSERT INTO music_takedowns (project_id, customer_id, number, release_id, idempotency_key, requested_at)
    VALUES (%(project)s, 'someone', 'T-1', 'R1', 'k', now());
INSERT INTO music_quotes (project_id, number, holder, plan, billing, artists, releases, lines, total, saving,
    currency, expires_on, idempotency_key, created_at)
    VALUES (%(project)s, 'Q-1', 'p', 'pro', 'monthly', 1, 1, '[]', 1, 0, 'USD', now(), 'k', now());
INSERT INTO music_signups (project_id, number, holder, plan, name, email, idempotency_key, started_at)
    VALUES (%(project)s, 'S-1', 'p', 'pro', 'x', 'x', 'k', now());
"""


def fill(connection: Connection[object], project: str) -> None:
    """Writes one row of ``project`` into every tenant table; the connection may write them."""
    with connection.transaction():
        connection.execute("SELECT set_config('relevo.project', %s, true)", (project,))
        for statement in CORE.strip().split(";\n"):
            if statement.strip(" ;\n"):
                connection.execute(SQL(statement.rstrip(";")), {"project": project})
