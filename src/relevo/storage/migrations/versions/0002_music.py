"""The music distributor's tables: customers, releases, statements, withdrawals, quotes.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

from relevo.storage.isolation import isolate

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE music_customers (
    project_id text NOT NULL REFERENCES projects,
    id text NOT NULL,
    role text NOT NULL DEFAULT 'artist' CHECK (role IN ('artist', 'label')),
    name text NOT NULL,
    known_as text NOT NULL,
    email text,
    phone text CHECK (phone ~ '^[+][0-9]{7,15}$'),
    plan text NOT NULL,
    country text,
    language text NOT NULL DEFAULT 'es' CHECK (language IN ('es', 'en')),
    currency text NOT NULL DEFAULT 'USD',
    account_state text NOT NULL DEFAULT 'unverified'
        CHECK (account_state IN ('unverified', 'verified', 'changed')),
    account_hint text,
    account_changed_at timestamptz,
    tax_state text NOT NULL DEFAULT 'missing' CHECK (tax_state IN ('valid', 'expired', 'missing')),
    tax_expires_on date,
    frozen jsonb,
    joined_on date,
    PRIMARY KEY (project_id, id)
);
CREATE UNIQUE INDEX music_customers_phone ON music_customers (project_id, phone) WHERE phone IS NOT NULL;

CREATE TABLE music_account_events (
    project_id text NOT NULL,
    customer_id text NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    country text,
    detail text,
    PRIMARY KEY (project_id, customer_id, id),
    FOREIGN KEY (project_id, customer_id) REFERENCES music_customers
);

CREATE TABLE music_releases (
    project_id text NOT NULL,
    customer_id text NOT NULL,
    id text NOT NULL,
    title text NOT NULL,
    artist text NOT NULL,
    upc text NOT NULL,
    state text NOT NULL CHECK (state IN
        ('draft', 'in_review', 'rejected', 'scheduled', 'live', 'takedown_requested', 'taken_down')),
    release_date date,
    rejections jsonb NOT NULL DEFAULT '[]',
    PRIMARY KEY (project_id, customer_id, id),
    UNIQUE (project_id, upc),
    FOREIGN KEY (project_id, customer_id) REFERENCES music_customers
);

CREATE TABLE music_deliveries (
    project_id text NOT NULL,
    customer_id text NOT NULL,
    release_id text NOT NULL,
    store text NOT NULL,
    state text NOT NULL CHECK (state IN ('pending', 'sent', 'live', 'failed', 'removed')),
    live_on date,
    PRIMARY KEY (project_id, customer_id, release_id, store),
    FOREIGN KEY (project_id, customer_id, release_id) REFERENCES music_releases
);

CREATE TABLE music_tracks (
    project_id text NOT NULL,
    customer_id text NOT NULL,
    release_id text NOT NULL,
    position smallint NOT NULL,
    isrc text NOT NULL,
    title text NOT NULL,
    PRIMARY KEY (project_id, customer_id, release_id, position),
    FOREIGN KEY (project_id, customer_id, release_id) REFERENCES music_releases
);

CREATE TABLE music_statements (
    project_id text NOT NULL,
    customer_id text NOT NULL,
    period text NOT NULL CHECK (period ~ '^[0-9]{4}-(Q[1-4]|0[1-9]|1[0-2])$'),
    state text NOT NULL CHECK (state IN ('accruing', 'available', 'on_hold', 'paid')),
    amount numeric(18, 8) NOT NULL DEFAULT 0,
    currency text NOT NULL,
    hold jsonb,
    due_on date,
    paid_on date,
    reference text,
    PRIMARY KEY (project_id, customer_id, period),
    FOREIGN KEY (project_id, customer_id) REFERENCES music_customers,
    CHECK ((state = 'on_hold') = (hold IS NOT NULL))
);

CREATE TABLE music_statement_lines (
    project_id text NOT NULL,
    customer_id text NOT NULL,
    period text NOT NULL,
    store text NOT NULL,
    country text NOT NULL,
    track text NOT NULL,
    usage text NOT NULL CHECK (usage IN ('stream', 'download', 'video', 'other')),
    title text NOT NULL,
    isrc text,
    units bigint NOT NULL,
    amount numeric(18, 8) NOT NULL,
    PRIMARY KEY (project_id, customer_id, period, store, country, track, usage),
    FOREIGN KEY (project_id, customer_id, period) REFERENCES music_statements
);

CREATE TABLE music_payouts (
    project_id text NOT NULL,
    customer_id text NOT NULL,
    number text NOT NULL,
    amount numeric(18, 2) NOT NULL CHECK (amount > 0),
    currency text NOT NULL,
    state text NOT NULL DEFAULT 'requested' CHECK (state IN ('requested', 'paid', 'failed')),
    account_hint text,
    idempotency_key text NOT NULL,
    requested_at timestamptz NOT NULL,
    paid_on date,
    PRIMARY KEY (project_id, customer_id, number),
    UNIQUE (project_id, number),
    UNIQUE (project_id, idempotency_key),
    FOREIGN KEY (project_id, customer_id) REFERENCES music_customers
);

CREATE TABLE music_takedowns (
    project_id text NOT NULL,
    customer_id text NOT NULL,
    number text NOT NULL,
    release_id text NOT NULL,
    idempotency_key text NOT NULL,
    requested_at timestamptz NOT NULL,
    PRIMARY KEY (project_id, number),
    UNIQUE (project_id, idempotency_key),
    FOREIGN KEY (project_id, customer_id, release_id) REFERENCES music_releases
);

CREATE TABLE music_quotes (
    project_id text NOT NULL REFERENCES projects,
    number text NOT NULL,
    holder text NOT NULL,
    plan text NOT NULL,
    billing text NOT NULL CHECK (billing IN ('monthly', 'yearly')),
    artists integer NOT NULL,
    releases integer NOT NULL,
    lines jsonb NOT NULL,
    total numeric(18, 2) NOT NULL,
    saving numeric(18, 2) NOT NULL,
    currency text NOT NULL,
    expires_on date NOT NULL,
    idempotency_key text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (project_id, number),
    UNIQUE (project_id, idempotency_key)
);

CREATE TABLE music_signups (
    project_id text NOT NULL REFERENCES projects,
    number text NOT NULL,
    holder text NOT NULL,
    plan text NOT NULL,
    name text NOT NULL,
    email text NOT NULL,
    known_as text,
    country text,
    idempotency_key text NOT NULL,
    started_at timestamptz NOT NULL,
    PRIMARY KEY (project_id, number),
    UNIQUE (project_id, idempotency_key)
);
"""


def upgrade() -> None:
    op.execute(TABLES)
    for table in [
        "music_customers",
        "music_account_events",
        "music_releases",
        "music_deliveries",
        "music_tracks",
        "music_statements",
        "music_statement_lines",
        "music_payouts",
        "music_takedowns",
        "music_quotes",
        "music_signups",
    ]:
        isolate(op.execute, table)
