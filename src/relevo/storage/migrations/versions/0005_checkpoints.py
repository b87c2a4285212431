"""LangGraph's tables for its checkpoints (CHECKPOINTS=postgres), fenced like every other.

Columns as of langgraph-checkpoint-postgres 3; the project is filled in by the transaction's own.

Revision ID: 0005
Revises: 0004
"""

from alembic import op

from relevo.storage.isolation import OWN_PROJECT, isolate

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

OWN = f"project_id text NOT NULL DEFAULT {OWN_PROJECT.partition(' = ')[2]} REFERENCES projects"
TABLES = f"""
CREATE TABLE checkpoints (
    {OWN},
    thread_id text COLLATE "C" NOT NULL,
    checkpoint_ns text NOT NULL DEFAULT '',
    checkpoint_id text NOT NULL,
    parent_checkpoint_id text,
    type text,
    checkpoint jsonb NOT NULL,
    metadata jsonb NOT NULL DEFAULT '{{}}',
    PRIMARY KEY (project_id, thread_id, checkpoint_ns, checkpoint_id)
);
CREATE TABLE checkpoint_blobs (
    {OWN},
    thread_id text COLLATE "C" NOT NULL,
    checkpoint_ns text NOT NULL DEFAULT '',
    channel text NOT NULL,
    version text NOT NULL,
    type text NOT NULL,
    blob bytea,
    PRIMARY KEY (project_id, thread_id, checkpoint_ns, channel, version)
);
CREATE TABLE checkpoint_writes (
    {OWN},
    thread_id text COLLATE "C" NOT NULL,
    checkpoint_ns text NOT NULL DEFAULT '',
    checkpoint_id text NOT NULL,
    task_id text NOT NULL,
    task_path text NOT NULL DEFAULT '',
    idx integer NOT NULL,
    channel text NOT NULL,
    type text,
    blob bytea NOT NULL,
    PRIMARY KEY (project_id, thread_id, checkpoint_ns, checkpoint_id, task_id, idx)
);
"""


def upgrade() -> None:
    op.execute(TABLES)
    for table in ("checkpoints", "checkpoint_blobs", "checkpoint_writes"):
        isolate(op.execute, table)
