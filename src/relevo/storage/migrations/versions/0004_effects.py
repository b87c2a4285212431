"""Effects are written down before they are done; addresses claimed twice; what models have cost.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

from relevo.storage.isolation import isolate

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

PROJECT_OF_ADDRESS = """
CREATE OR REPLACE FUNCTION project_of_address(of_channel text, of_address text)
    RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT CASE count(*) WHEN 0 THEN NULL WHEN 1 THEN min(project_id) ELSE '' END
        FROM channel_addresses WHERE channel = of_channel AND address = of_address
    $$
"""
"""The project an address belongs to: NULL where it is nobody's, empty where more than one claims it."""


SPEND = """
CREATE TABLE model_spend (
    project_id text NOT NULL REFERENCES projects,
    span text NOT NULL CHECK (span IN ('conversation', 'day', 'month')),
    key text NOT NULL,
    usd double precision NOT NULL,
    PRIMARY KEY (project_id, span, key)
) WITH (fillfactor = 50)
"""


def upgrade() -> None:
    op.execute("ALTER TABLE effects ALTER COLUMN result DROP NOT NULL")
    op.execute(PROJECT_OF_ADDRESS)
    op.execute(SPEND)
    isolate(op.execute, "model_spend")
