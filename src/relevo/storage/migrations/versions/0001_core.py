"""Core tables, row-level security, and the narrow door.

Revision ID: 0001
Revises:
"""

from alembic import op

from relevo.storage.isolation import door, isolate

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE projects (
    project_id text PRIMARY KEY CHECK (project_id <> ''),
    team text NOT NULL,
    name text NOT NULL,
    settings jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE api_keys (
    project_id text NOT NULL REFERENCES projects,
    id text NOT NULL,
    name text NOT NULL,
    key_hash bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    revoked_at timestamptz,
    PRIMARY KEY (project_id, id)
);
CREATE INDEX api_keys_hash ON api_keys (key_hash);

CREATE TABLE channel_addresses (
    project_id text NOT NULL REFERENCES projects,
    channel text NOT NULL,
    address text NOT NULL,
    PRIMARY KEY (project_id, channel, address)
);
CREATE INDEX channel_addresses_lookup ON channel_addresses (channel, address);

CREATE TABLE persons (
    project_id text NOT NULL REFERENCES projects,
    id text NOT NULL,
    name text,
    customer_ref text,
    language text,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, id)
);
CREATE UNIQUE INDEX persons_customer ON persons (project_id, customer_ref) WHERE customer_ref IS NOT NULL;

CREATE TABLE person_identities (
    project_id text NOT NULL,
    channel text NOT NULL,
    address text NOT NULL,
    person_id text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, channel, address),
    FOREIGN KEY (project_id, person_id) REFERENCES persons
);
CREATE INDEX person_identities_person ON person_identities (project_id, person_id);

CREATE TABLE conversations (
    project_id text NOT NULL,
    id text NOT NULL,
    channel text NOT NULL,
    address text NOT NULL,
    person_id text NOT NULL,
    owner text,
    state jsonb NOT NULL DEFAULT '{}',
    version bigint NOT NULL DEFAULT 0,
    due_at timestamptz,
    lease_token bigint,
    attempts smallint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_message_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, id),
    FOREIGN KEY (project_id, person_id) REFERENCES persons
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX conversations_address ON conversations (project_id, channel, address);
CREATE INDEX conversations_due ON conversations (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX conversations_person ON conversations (project_id, person_id);
CREATE SEQUENCE lease_tokens;

CREATE TABLE messages (
    project_id text NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    conversation_id text NOT NULL,
    role text NOT NULL CHECK (role IN ('customer', 'agent', 'operator', 'system')),
    name text,
    body text NOT NULL,
    channel text NOT NULL,
    provider_id text,
    state text NOT NULL CHECK (state IN ('pending', 'done', 'limited', 'dead', 'said')),
    attempts smallint NOT NULL DEFAULT 0,
    turn_id text,
    meta jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, id),
    FOREIGN KEY (project_id, conversation_id) REFERENCES conversations
) WITH (fillfactor = 85);
CREATE UNIQUE INDEX messages_inbox ON messages (project_id, channel, provider_id)
    WHERE provider_id IS NOT NULL;
CREATE INDEX messages_conversation ON messages (project_id, conversation_id, id);
CREATE INDEX messages_pending ON messages (project_id, conversation_id, id) WHERE state = 'pending';

CREATE TABLE turns (
    project_id text NOT NULL,
    id text NOT NULL,
    conversation_id text NOT NULL,
    lease_token bigint NOT NULL,
    agent text,
    mode text NOT NULL,
    route text NOT NULL,
    rule text NOT NULL,
    reason text NOT NULL,
    snapshot jsonb NOT NULL,
    trace jsonb NOT NULL,
    input_tokens integer NOT NULL DEFAULT 0,
    output_tokens integer NOT NULL DEFAULT 0,
    cost_usd numeric(12, 6) NOT NULL DEFAULT 0,
    milliseconds real NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, id),
    FOREIGN KEY (project_id, conversation_id) REFERENCES conversations
);
CREATE INDEX turns_conversation ON turns (project_id, conversation_id, id);

CREATE TABLE handoffs (
    project_id text NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    conversation_id text NOT NULL,
    turn_id text NOT NULL,
    giver text NOT NULL,
    receiver text NOT NULL,
    kind text NOT NULL,
    reason text NOT NULL,
    digest_before text NOT NULL,
    digest_after text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, id),
    FOREIGN KEY (project_id, turn_id) REFERENCES turns
);
CREATE INDEX handoffs_conversation ON handoffs (project_id, conversation_id, id);

CREATE TABLE counters (
    project_id text NOT NULL REFERENCES projects,
    name text NOT NULL,
    value bigint NOT NULL,
    PRIMARY KEY (project_id, name)
);

CREATE TABLE tickets (
    project_id text NOT NULL,
    id text NOT NULL,
    number bigint NOT NULL,
    conversation_id text,
    person_id text,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'taken', 'closed')),
    subject text NOT NULL,
    summary text NOT NULL,
    reason text NOT NULL,
    priority real NOT NULL,
    signals jsonb NOT NULL DEFAULT '{}',
    assignee text,
    outcome text,
    opened_at timestamptz NOT NULL DEFAULT now(),
    taken_at timestamptz,
    closed_at timestamptz,
    PRIMARY KEY (project_id, id),
    UNIQUE (project_id, number),
    FOREIGN KEY (project_id, conversation_id) REFERENCES conversations,
    FOREIGN KEY (project_id, person_id) REFERENCES persons
);
CREATE INDEX tickets_conversation ON tickets (project_id, conversation_id);
CREATE INDEX tickets_open ON tickets (project_id, priority DESC, opened_at) WHERE state <> 'closed';

CREATE TABLE ticket_events (
    project_id text NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    ticket_id text NOT NULL,
    kind text NOT NULL,
    author text NOT NULL,
    body text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, id),
    FOREIGN KEY (project_id, ticket_id) REFERENCES tickets
);
CREATE INDEX ticket_events_ticket ON ticket_events (project_id, ticket_id, id);

CREATE TABLE effects (
    project_id text NOT NULL,
    message_id bigint NOT NULL,
    tool text NOT NULL,
    arguments_hash text NOT NULL,
    result jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, message_id, tool, arguments_hash),
    FOREIGN KEY (project_id, message_id) REFERENCES messages
);

CREATE TABLE profile_slots (
    project_id text NOT NULL,
    person_id text NOT NULL,
    slot text NOT NULL,
    value jsonb NOT NULL,
    message_id bigint,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, person_id, slot),
    FOREIGN KEY (project_id, person_id) REFERENCES persons,
    FOREIGN KEY (project_id, message_id) REFERENCES messages
);

CREATE TABLE outbox (
    project_id text NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    conversation_id text NOT NULL,
    message_id bigint NOT NULL,
    channel text NOT NULL,
    address text NOT NULL,
    body text NOT NULL,
    state text NOT NULL DEFAULT 'due'
        CHECK (state IN ('due', 'sending', 'sent', 'delivered', 'read', 'failed', 'unknown')),
    attempts smallint NOT NULL DEFAULT 0,
    provider_id text,
    error text,
    due_at timestamptz DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, id),
    FOREIGN KEY (project_id, conversation_id) REFERENCES conversations,
    FOREIGN KEY (project_id, message_id) REFERENCES messages
);
CREATE INDEX outbox_due ON outbox (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX outbox_conversation ON outbox (project_id, conversation_id, id);
CREATE UNIQUE INDEX outbox_provider ON outbox (project_id, channel, provider_id)
    WHERE provider_id IS NOT NULL;
"""

DOORS = {
    "claim_due(most integer, lease interval)": """
        RETURNS TABLE (project_id text, conversation_id text, token bigint) LANGUAGE sql
        AS $$
            WITH due AS (
                SELECT c.project_id, c.id FROM conversations c WHERE c.due_at <= now()
                ORDER BY c.due_at LIMIT most FOR NO KEY UPDATE SKIP LOCKED
            )
            UPDATE conversations c SET lease_token = nextval('lease_tokens'), due_at = now() + lease,
                attempts = c.attempts + 1
            FROM due WHERE c.project_id = due.project_id AND c.id = due.id
            RETURNING c.project_id, c.id, c.lease_token
        $$
    """,
    "due_outbox(most integer)": """
        RETURNS TABLE (project_id text, conversation_id text) LANGUAGE sql STABLE
        AS $$
            SELECT DISTINCT o.project_id, o.conversation_id FROM (
                SELECT project_id, conversation_id FROM outbox
                WHERE due_at <= now() ORDER BY due_at LIMIT most
            ) o
        $$
    """,
    "project_of_address(of_channel text, of_address text)": """
        RETURNS text LANGUAGE sql STABLE
        AS $$
            SELECT CASE WHEN count(*) = 1 THEN min(project_id) END
            FROM channel_addresses WHERE channel = of_channel AND address = of_address
        $$
    """,
    "principal_of_key(of_hash bytea)": """
        RETURNS TABLE (project_id text, key_id text) LANGUAGE sql STABLE
        AS $$ SELECT project_id, id FROM api_keys WHERE key_hash = of_hash AND revoked_at IS NULL $$
    """,
    "known_projects()": """
        RETURNS TABLE (project_id text, team text) LANGUAGE sql STABLE
        AS $$ SELECT project_id, team FROM projects ORDER BY created_at, project_id $$
    """,
    "installation_metrics()": """
        RETURNS TABLE (name text, value bigint) LANGUAGE sql STABLE
        AS $$
            SELECT 'conversations_due', count(*) FROM conversations WHERE due_at <= now()
            UNION ALL SELECT 'messages_dead', count(*) FROM messages WHERE state = 'dead'
            UNION ALL SELECT 'outbox_waiting', count(*) FROM outbox WHERE due_at IS NOT NULL
            UNION ALL SELECT 'outbox_unknown', count(*) FROM outbox WHERE state = 'unknown'
            UNION ALL SELECT 'tickets_open', count(*) FROM tickets WHERE state <> 'closed'
        $$
    """,
}


def upgrade() -> None:
    op.execute(TABLES)
    for table in [
        "projects",
        "api_keys",
        "channel_addresses",
        "persons",
        "person_identities",
        "conversations",
        "messages",
        "turns",
        "handoffs",
        "counters",
        "tickets",
        "ticket_events",
        "effects",
        "profile_slots",
        "outbox",
    ]:
        isolate(op.execute, table)
    op.execute("GRANT USAGE ON SEQUENCE lease_tokens TO relevo_app, relevo_door")
    for signature, body in DOORS.items():
        door(op.execute, signature, body)
