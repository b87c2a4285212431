"""The vectors of passages, one per passage, where the server has the extension ``vector`` (pgvector).

Without it everything else works; EMBEDDINGS says then what to do.

Revision ID: 0011
Revises: 0010
"""

from alembic import op

from relevo.storage.isolation import isolate

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = """
CREATE EXTENSION IF NOT EXISTS vector;
CREATE TABLE knowledge_vectors (
    project_id text NOT NULL,
    model text NOT NULL,
    passage_id bigint NOT NULL,
    document_id text NOT NULL,
    language text NOT NULL,
    vector halfvec NOT NULL,
    dimensions integer NOT NULL,
    PRIMARY KEY (project_id, passage_id),
    FOREIGN KEY (project_id, passage_id) REFERENCES knowledge_passages ON DELETE CASCADE
);
"""


AVAILABLE = "SELECT FROM pg_available_extensions WHERE name = 'vector'"


def upgrade() -> None:
    if op.get_bind().exec_driver_sql(AVAILABLE).first() is None:
        return
    op.execute(TABLES)
    isolate(op.execute, "knowledge_vectors")
