"""Users, their memberships of projects, sessions, one-time links, counted attempts; scopes of API keys.

Memberships are a project's rows. The rest is the installation's: the application has no right to these
tables and reaches them through the functions below alone.

Revision ID: 0007
Revises: 0006
"""

from alembic import op

from relevo.storage.isolation import door, isolate, seclude

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE users (
    id text PRIMARY KEY,
    email text NOT NULL UNIQUE CHECK (email = lower(email)),
    name text,
    password_hash text,
    demo boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    signed_in_at timestamptz
);

CREATE TABLE memberships (
    project_id text NOT NULL REFERENCES projects,
    user_id text NOT NULL REFERENCES users ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('owner', 'operator', 'analyst', 'marketer')),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, user_id)
);
CREATE INDEX memberships_user ON memberships (user_id);

CREATE TABLE user_sessions (
    token_hash bytea PRIMARY KEY,
    id text NOT NULL UNIQUE,
    user_id text NOT NULL REFERENCES users ON DELETE CASCADE,
    chosen_project text,
    origin text NOT NULL,
    created_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX user_sessions_user ON user_sessions (user_id);
CREATE INDEX user_sessions_end ON user_sessions (expires_at);

CREATE TABLE user_links (
    token_hash bytea PRIMARY KEY,
    user_id text NOT NULL REFERENCES users ON DELETE CASCADE,
    purpose text NOT NULL CHECK (purpose IN ('invitation', 'reset')),
    to_project text REFERENCES projects,
    to_role text CHECK (to_role IN ('owner', 'operator', 'analyst', 'marketer')),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CHECK ((purpose = 'invitation') = (to_project IS NOT NULL AND to_role IS NOT NULL))
);
CREATE INDEX user_links_user ON user_links (user_id);

CREATE TABLE user_attempts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject bytea NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX user_attempts_subject ON user_attempts (subject, at);
CREATE INDEX user_attempts_age ON user_attempts (at);

ALTER TABLE api_keys ADD COLUMN scopes text[] NOT NULL DEFAULT '{read,write}'
    CHECK (scopes <@ '{read,write}' AND cardinality(scopes) > 0);
"""
INSTALLATION = ("users", "user_sessions", "user_links", "user_attempts")
"""Tables of no project."""

DOORS = {
    "attempt_take(of_subjects bytea[], of_at timestamptz, most integer, within interval)": """
        RETURNS interval LANGUAGE plpgsql
        AS $$
        DECLARE
            of_lock bigint;
            wait interval;
        BEGIN
            DELETE FROM user_attempts WHERE id IN (
                SELECT id FROM user_attempts WHERE at <= of_at - within
                ORDER BY at LIMIT 100 FOR UPDATE SKIP LOCKED
            );
            FOR of_lock IN
                SELECT DISTINCT hashtextextended(encode(s, 'hex'), 0) FROM unnest(of_subjects) s ORDER BY 1
            LOOP
                PERFORM pg_advisory_xact_lock(of_lock);
            END LOOP;
            SELECT max(nth.at) + within - of_at INTO wait FROM unnest(of_subjects) s, LATERAL (
                SELECT a.at FROM user_attempts a WHERE a.subject = s AND a.at > of_at - within
                ORDER BY a.at DESC OFFSET most - 1 LIMIT 1
            ) nth;
            IF wait IS NULL THEN
                INSERT INTO user_attempts (subject, at) SELECT s, of_at FROM unnest(of_subjects) s;
            END IF;
            RETURN wait;
        END $$
    """,
    "attempts_forgive(of_account bytea, of_address bytea, of_at timestamptz)": """
        RETURNS void LANGUAGE sql
        AS $$
            DELETE FROM user_attempts WHERE subject = of_account OR id = (
                SELECT min(id) FROM user_attempts WHERE subject = of_address AND at = of_at
            )
        $$
    """,
    "user_by_email(of_email text)": """
        RETURNS TABLE (user_id text, password_hash text) LANGUAGE sql STABLE
        AS $$ SELECT id, password_hash FROM users WHERE email = of_email $$
    """,
    "session_open(usr text, secret text, token bytea, sid text, of_at timestamptz, until timestamptz)": """
        RETURNS boolean LANGUAGE plpgsql
        AS $$
        BEGIN
            DELETE FROM user_sessions WHERE token_hash IN (
                SELECT token_hash FROM user_sessions WHERE expires_at <= of_at
                ORDER BY expires_at LIMIT 100 FOR UPDATE SKIP LOCKED
            );
            UPDATE users SET signed_in_at = of_at WHERE id = usr AND password_hash = secret;
            IF NOT FOUND THEN
                RETURN false;
            END IF;
            INSERT INTO user_sessions (token_hash, id, user_id, origin, created_at, seen_at, expires_at)
                VALUES (token, sid, usr, '', of_at, of_at, until);
            RETURN true;
        END $$
    """,
    "session_seen(token bytea, of_id text, of_at timestamptz, idle interval, longest interval)": """
        RETURNS TABLE (session_id text, user_id text, email text, name text, chosen text, roles jsonb)
        LANGUAGE plpgsql
        AS $$
        #variable_conflict use_column
        BEGIN
            IF idle IS NOT NULL THEN
                UPDATE user_sessions
                SET seen_at = of_at, expires_at = least(of_at + idle, created_at + longest)
                WHERE token_hash = token AND expires_at > of_at AND seen_at < of_at - interval '1 minute';
            END IF;
            RETURN QUERY
                SELECT s.id, u.id, u.email, u.name, s.chosen_project, coalesce(
                    (SELECT jsonb_object_agg(m.project_id, m.role) FROM memberships m WHERE m.user_id = u.id),
                    '{}'
                )
                FROM user_sessions s JOIN users u ON u.id = s.user_id
                WHERE (s.token_hash = token OR s.id = of_id) AND s.expires_at > of_at;
        END $$
    """,
    "session_note(token bytea, of_project text, of_origin text)": """
        RETURNS boolean LANGUAGE sql
        AS $$
            UPDATE user_sessions s SET chosen_project = coalesce(of_project, s.chosen_project),
                origin = coalesce(of_origin, s.origin)
            WHERE s.token_hash = token AND (of_project IS NULL OR EXISTS (
                SELECT FROM memberships m WHERE m.project_id = of_project AND m.user_id = s.user_id
            ))
            RETURNING true
        $$
    """,
    "sessions_end(token bytea, of_user text)": """
        RETURNS bigint LANGUAGE sql
        AS $$
            WITH gone AS (
                DELETE FROM user_sessions WHERE token_hash = token OR user_id = of_user RETURNING 1
            )
            SELECT count(*) FROM gone
        $$
    """,
    "user_invite(uid text, of_email text, project text, as_role text, token bytea, until timestamptz)": """
        RETURNS void LANGUAGE sql
        AS $$
            INSERT INTO users (id, email, created_at) VALUES (uid, of_email, now()) ON CONFLICT DO NOTHING;
            INSERT INTO user_links
                (token_hash, user_id, purpose, to_project, to_role, created_at, expires_at)
                SELECT token, id, 'invitation', project, as_role, now(), until
                FROM users WHERE email = of_email
        $$
    """,
    "user_reset(of_email text, token bytea, of_at timestamptz, until timestamptz)": """
        RETURNS boolean LANGUAGE plpgsql
        AS $$
        BEGIN
            DELETE FROM user_links WHERE expires_at < of_at - interval '30 days';
            INSERT INTO user_links (token_hash, user_id, purpose, created_at, expires_at)
                SELECT token, id, 'reset', of_at, until FROM users WHERE email = of_email;
            RETURN FOUND;
        END $$
    """,
    "link_seen(token bytea, of_at timestamptz)": """
        RETURNS TABLE (purpose text, email text, project text, role text, new boolean) LANGUAGE sql STABLE
        AS $$
            SELECT l.purpose, u.email, l.to_project, l.to_role, u.password_hash IS NULL
            FROM user_links l JOIN users u ON u.id = l.user_id
            WHERE l.token_hash = token AND l.used_at IS NULL AND l.expires_at > of_at
        $$
    """,
    "link_use(token bytea, secret text, of_name text, of_at timestamptz)": """
        RETURNS text LANGUAGE plpgsql
        AS $$
        DECLARE
            link user_links;
            who users;
        BEGIN
            UPDATE user_links SET used_at = of_at
            WHERE token_hash = token AND used_at IS NULL AND expires_at > of_at RETURNING * INTO link;
            IF NOT FOUND THEN
                RETURN NULL;
            END IF;
            SELECT * INTO who FROM users WHERE id = link.user_id FOR UPDATE;
            IF secret IS NULL AND (link.purpose = 'reset' OR who.password_hash IS NULL) THEN
                RAISE EXCEPTION 'a password is needed' USING ERRCODE = 'RV002';
            END IF;
            IF link.purpose = 'reset' OR who.password_hash IS NULL THEN
                UPDATE users SET password_hash = secret, name = coalesce(of_name, name) WHERE id = who.id;
                UPDATE user_links SET used_at = of_at
                WHERE user_id = who.id AND purpose = 'reset' AND used_at IS NULL;
                DELETE FROM user_sessions WHERE user_id = who.id;
            END IF;
            IF link.purpose = 'invitation' THEN
                INSERT INTO memberships (project_id, user_id, role)
                    VALUES (link.to_project, who.id, link.to_role)
                    ON CONFLICT (project_id, user_id) DO UPDATE SET role = excluded.role;
            END IF;
            RETURN who.email;
        END $$
    """,
    "user_make_demo(of_id text, of_email text, secret text, project text, as_role text, at timestamptz)": """
        RETURNS boolean LANGUAGE plpgsql
        AS $$
        BEGIN
            INSERT INTO users (id, email, password_hash, demo, created_at)
                VALUES (of_id, of_email, secret, true, at) ON CONFLICT DO NOTHING;
            IF NOT FOUND THEN
                RETURN false;
            END IF;
            INSERT INTO memberships (project_id, user_id, role) VALUES (project, of_id, as_role);
            RETURN true;
        END $$
    """,
    "users_known()": """
        RETURNS TABLE (user_id text, email text, name text, demo boolean, invited boolean,
            created_at timestamptz, signed_in_at timestamptz, roles jsonb) LANGUAGE sql STABLE
        AS $$
            SELECT u.id, u.email, u.name, u.demo, u.password_hash IS NULL, u.created_at, u.signed_in_at,
                coalesce(
                    (SELECT jsonb_object_agg(m.project_id, m.role) FROM memberships m WHERE m.user_id = u.id),
                    '{}'
                )
            FROM users u ORDER BY u.email
        $$
    """,
    "sessions_known(of_user text, of_at timestamptz)": """
        RETURNS TABLE (session_id text, origin text, created_at timestamptz, seen_at timestamptz,
            expires_at timestamptz) LANGUAGE sql STABLE
        AS $$
            SELECT id, origin, created_at, seen_at, expires_at FROM user_sessions
            WHERE user_id = of_user AND expires_at > of_at ORDER BY seen_at DESC
        $$
    """,
    "user_remove(of_email text)": """
        RETURNS boolean LANGUAGE plpgsql
        AS $$
        BEGIN
            DELETE FROM users WHERE email = of_email;
            RETURN FOUND;
        END $$
    """,
}

KEYS = {
    "principal_of_key(of_hash bytea)": """
        RETURNS TABLE (project_id text, key_id text, scopes text[]) LANGUAGE sql
        AS $$
            UPDATE api_keys SET last_used_at = now() WHERE key_hash = of_hash AND revoked_at IS NULL
                AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute');
            SELECT project_id, id, scopes FROM api_keys WHERE key_hash = of_hash AND revoked_at IS NULL
        $$
    """,
}


def upgrade() -> None:
    op.execute(TABLES)
    isolate(op.execute, "memberships")
    op.execute("GRANT INSERT ON memberships TO relevo_door")
    for table in INSTALLATION:
        seclude(op.execute, table)
    op.execute("DROP FUNCTION principal_of_key(bytea)")
    for signature, body in {**DOORS, **KEYS}.items():
        door(op.execute, signature, body)
