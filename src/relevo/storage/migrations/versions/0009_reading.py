"""Reading documents as a job: when one is due, for whom it is held back, how often it was tried.

``due_at`` NULL is at rest, past needs a reader, future is being read, as in conversations and analyses.

Revision ID: 0009
Revises: 0008
"""

from alembic import op

from relevo.storage.isolation import door

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

COLUMNS = """
ALTER TABLE knowledge_documents
    ADD COLUMN due_at timestamptz DEFAULT now(),
    ADD COLUMN attempts integer NOT NULL DEFAULT 0;
UPDATE knowledge_documents SET due_at = NULL WHERE state IN ('ready', 'failed', 'revoked');
CREATE INDEX knowledge_documents_due ON knowledge_documents (due_at) WHERE due_at IS NOT NULL;
"""

DOORS = {
    "claim_documents(most integer, lease interval)": """
        RETURNS TABLE (project_id text, document_id text, attempts integer) LANGUAGE sql
        AS $$
            WITH due AS (
                SELECT d.project_id, d.id FROM knowledge_documents d WHERE d.due_at <= now()
                ORDER BY d.due_at LIMIT most FOR NO KEY UPDATE SKIP LOCKED
            )
            UPDATE knowledge_documents d SET due_at = now() + lease, attempts = d.attempts + 1
            FROM due WHERE d.project_id = due.project_id AND d.id = due.id
            RETURNING d.project_id, d.id, d.attempts
        $$
    """
}


def upgrade() -> None:
    op.execute("ALTER TABLE knowledge_documents NO FORCE ROW LEVEL SECURITY")
    op.execute(COLUMNS)
    op.execute("ALTER TABLE knowledge_documents FORCE ROW LEVEL SECURITY")
    for signature, body in DOORS.items():
        door(op.execute, signature, body)
