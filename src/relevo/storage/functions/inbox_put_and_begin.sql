-- Stores a message in a chat (inbox_put) and, if the conversation is due, begins its turn (turn_begin): one
-- transaction for who has a worker free at once. No row where no such chat stands.
--
-- token is NULL where nothing was begun: another worker has the conversation, or the message had its turn before.
CREATE OR REPLACE FUNCTION inbox_put_and_begin(
    of_project text, of_channel text, of_address text, of_conversation text, of_provider_id text, of_body text,
    of_meta jsonb, per_minute integer, lease double precision, together integer
) RETURNS TABLE (
    message_id bigint, fresh boolean, message_state text, meta jsonb,
    token bigint, channel text, address text, owner text, state jsonb, version bigint, attempts smallint,
    person_id text, person_name text, customer_ref text, person_language text, ticket_id text, ticket_number bigint,
    pending jsonb, slots jsonb, resolutions jsonb
)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    SELECT p.message_id, p.fresh, p.state, p.meta INTO message_id, fresh, message_state, meta
    FROM inbox_put(of_project, of_channel, of_address, of_conversation, NULL, false, of_provider_id, of_body,
        of_meta, per_minute, false) p;
    IF message_id IS NULL THEN
        RETURN;
    END IF;
    IF message_state = 'pending' THEN
        SELECT b.token, b.channel, b.address, b.owner, b.state, b.version, b.attempts, b.person_id, b.person_name,
            b.customer_ref, b.person_language, b.ticket_id, b.ticket_number, b.pending, b.slots, b.resolutions
        INTO token, channel, address, owner, state, version, attempts, person_id, person_name,
            customer_ref, person_language, ticket_id, ticket_number, pending, slots, resolutions
        FROM turn_begin(of_project, of_conversation, NULL, lease, together) b;
    END IF;
    RETURN NEXT;
END $$;
