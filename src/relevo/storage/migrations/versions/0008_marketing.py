"""Marketing: what was answered at the start, works in versions, and analyses that run in the background.

A work is a persona, a forum, pain points, a journey, a summary or a piece of content; its versions are kept.
An analysis is a job: ``due_at`` NULL is idle, past needs a worker, future is leased, as in conversations.

Revision ID: 0008
Revises: 0007
"""

from alembic import op

from relevo.storage.isolation import door, isolate

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE marketing_briefs (
    project_id text PRIMARY KEY REFERENCES projects,
    body jsonb NOT NULL,
    template jsonb,
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE marketing_works (
    project_id text NOT NULL REFERENCES projects,
    kind text NOT NULL
        CHECK (kind IN ('persona', 'forum', 'pain_points', 'journey', 'summary', 'content')),
    id text NOT NULL,
    version integer NOT NULL,
    body jsonb NOT NULL,
    origin text,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, kind, id, version)
);
CREATE UNIQUE INDEX marketing_works_origin ON marketing_works (project_id, kind, origin)
    WHERE origin IS NOT NULL;

CREATE TABLE marketing_analyses (
    project_id text NOT NULL REFERENCES projects,
    id text NOT NULL,
    conversation_id text,
    language text NOT NULL,
    steps text[] NOT NULL,
    finished text[] NOT NULL DEFAULT '{}',
    state text NOT NULL DEFAULT 'queued'
        CHECK (state IN ('queued', 'running', 'done', 'cancelled', 'failed')),
    step text NOT NULL DEFAULT '',
    why text NOT NULL DEFAULT '',
    calls integer NOT NULL DEFAULT 0,
    attempts integer NOT NULL DEFAULT 0,
    cancel boolean NOT NULL DEFAULT false,
    due_at timestamptz DEFAULT now(),
    lease_token bigint,
    origin text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, id),
    FOREIGN KEY (project_id, conversation_id) REFERENCES conversations
);
CREATE INDEX marketing_analyses_due ON marketing_analyses (due_at) WHERE due_at IS NOT NULL;
CREATE UNIQUE INDEX marketing_analyses_origin ON marketing_analyses (project_id, origin)
    WHERE origin IS NOT NULL;
"""

DOORS = {
    "claim_analyses(most integer, lease interval)": """
        RETURNS TABLE (project_id text, analysis_id text, token bigint) LANGUAGE sql
        AS $$
            WITH due AS (
                SELECT a.project_id, a.id FROM marketing_analyses a WHERE a.due_at <= now()
                ORDER BY a.due_at LIMIT most FOR NO KEY UPDATE SKIP LOCKED
            )
            UPDATE marketing_analyses a SET lease_token = nextval('lease_tokens'), due_at = now() + lease,
                attempts = a.attempts + 1, state = 'running', updated_at = now()
            FROM due WHERE a.project_id = due.project_id AND a.id = due.id
            RETURNING a.project_id, a.id, a.lease_token
        $$
    """
}


def upgrade() -> None:
    op.execute(TABLES)
    for table in ("marketing_briefs", "marketing_works", "marketing_analyses"):
        isolate(op.execute, table)
    for signature, body in DOORS.items():
        door(op.execute, signature, body)
