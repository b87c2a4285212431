"""Knowledge: documents, their files and passages, the postings that find them, and open questions.

``knowledge_postings`` is the lexical index: the stored weight of a term in a passage. Its key is the
whole of what a search reads, and text equality is leakproof, so that it is read as an index even under
row-level security. Its passages are not a foreign key: a check per row would cost more than the rows,
and a posting of a passage that is not there finds nothing.

Revision ID: 0006
Revises: 0005
"""

from alembic import op

from relevo.storage.isolation import isolate

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE knowledge_documents (
    project_id text NOT NULL REFERENCES projects,
    id text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('user', 'expert', 'book', 'help')),
    title text NOT NULL,
    source text NOT NULL,
    file_name text NOT NULL DEFAULT '',
    sha256 text NOT NULL,
    size bigint NOT NULL,
    state text NOT NULL
        CHECK (state IN ('queued', 'reading', 'embedding', 'ready', 'failed', 'revoked')),
    why text NOT NULL DEFAULT '',
    done real NOT NULL DEFAULT 0,
    language text,
    tags text[] NOT NULL DEFAULT '{}',
    passages integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, id),
    UNIQUE (project_id, sha256)
);

CREATE TABLE knowledge_files (
    project_id text NOT NULL,
    document_id text NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (project_id, document_id),
    FOREIGN KEY (project_id, document_id) REFERENCES knowledge_documents
);

CREATE TABLE knowledge_passages (
    project_id text NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    document_id text NOT NULL,
    position integer NOT NULL,
    body text NOT NULL,
    headings text[] NOT NULL DEFAULT '{}',
    page integer,
    seconds real,
    language text NOT NULL,
    terms text[] NOT NULL,
    PRIMARY KEY (project_id, id),
    FOREIGN KEY (project_id, document_id) REFERENCES knowledge_documents
);
CREATE UNIQUE INDEX knowledge_passages_document ON knowledge_passages (project_id, document_id, position);

CREATE TABLE knowledge_postings (
    project_id text COLLATE "C" NOT NULL,
    language text COLLATE "C" NOT NULL,
    term text COLLATE "C" NOT NULL,
    passage_id bigint NOT NULL,
    weight real NOT NULL,
    PRIMARY KEY (project_id, language, term, passage_id) INCLUDE (weight)
);

CREATE TABLE knowledge_gaps (
    project_id text NOT NULL,
    message_id bigint NOT NULL,
    agent text NOT NULL,
    language text NOT NULL,
    terms text[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, message_id),
    FOREIGN KEY (project_id, message_id) REFERENCES messages ON DELETE CASCADE
);
"""


def upgrade() -> None:
    op.execute(TABLES)
    for table in (
        "knowledge_documents",
        "knowledge_files",
        "knowledge_passages",
        "knowledge_postings",
        "knowledge_gaps",
    ):
        isolate(op.execute, table)
