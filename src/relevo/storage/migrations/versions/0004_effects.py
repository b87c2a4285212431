"""Effects are written down before they are done; an address that two projects claim is told from nobody's.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

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


def upgrade() -> None:
    op.execute("ALTER TABLE effects ALTER COLUMN result DROP NOT NULL")
    op.execute(PROJECT_OF_ADDRESS)
