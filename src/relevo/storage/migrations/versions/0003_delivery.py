"""Delivery: the parts a conversation may send next, news that come early; tickets by person.

Revision ID: 0003
Revises: 0002
"""

from alembic import op

from relevo.storage.isolation import door, isolate

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE delivery_news (
    project_id text NOT NULL REFERENCES projects,
    channel text NOT NULL,
    provider_id text NOT NULL,
    state text NOT NULL CHECK (state IN ('sent', 'delivered', 'read', 'failed')),
    error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, channel, provider_id)
);
CREATE INDEX delivery_news_age ON delivery_news (project_id, created_at);
CREATE INDEX outbox_unsent ON outbox (project_id, conversation_id, id) WHERE state IN ('due', 'sending');
CREATE INDEX tickets_person ON tickets (project_id, person_id, number);
ALTER TABLE messages DROP COLUMN attempts;
"""

DUE_OUTBOX = """
    RETURNS TABLE (project_id text, conversation_id text) LANGUAGE sql STABLE
    AS $$
        SELECT o.project_id, o.conversation_id FROM outbox o
        WHERE o.due_at <= now() AND NOT EXISTS (
            SELECT FROM outbox before WHERE before.project_id = o.project_id
                AND before.conversation_id = o.conversation_id AND before.id < o.id
                AND before.state IN ('due', 'sending')
        )
        ORDER BY o.due_at LIMIT most
    $$
"""
"""Conversations whose first unsent part is due. Parts behind one that waits must not fill the batch."""


def upgrade() -> None:
    op.execute(TABLES)
    isolate(op.execute, "delivery_news")
    op.execute("DROP FUNCTION due_outbox(integer)")
    door(op.execute, "due_outbox(most integer)", DUE_OUTBOX)
