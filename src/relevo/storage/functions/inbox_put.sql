-- Stores a message once for ever and makes its conversation due; no row where no such conversation stands.
--
-- The conversation's row is taken first, so that its messages are numbered in the order they are committed.
-- It is found by its address or, with of_conversation, by its id, where of_address is how its address begins.
-- With proved, only a conversation of of_customer (NULL: of nobody known) counts. Beyond per_minute messages a
-- minute a message is kept as limited and gets no turn; without keep_limited nothing is kept, and RV429 raised.
CREATE OR REPLACE FUNCTION inbox_put(
    of_project text, of_channel text, of_address text, of_conversation text, of_customer text, proved boolean,
    of_provider_id text, of_body text, of_meta jsonb, per_minute integer, keep_limited boolean
) RETURNS TABLE (conversation_id text, message_id bigint, fresh boolean, state text, meta jsonb)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    conversation text;
BEGIN
    PERFORM enter_project(of_project);
    IF of_conversation IS NULL THEN
        UPDATE conversations c SET due_at = coalesce(c.due_at, now()), last_message_at = now()
        FROM persons p
        WHERE c.project_id = of_project AND c.channel = of_channel AND c.address = of_address
          AND p.project_id = of_project AND p.id = c.person_id
          AND (NOT proved OR p.customer_ref IS NOT DISTINCT FROM of_customer)
        RETURNING c.id INTO conversation;
    ELSE
        UPDATE conversations c SET due_at = coalesce(c.due_at, now()), last_message_at = now()
        WHERE c.project_id = of_project AND c.id = of_conversation AND c.channel = of_channel
          AND starts_with(c.address, of_address)
        RETURNING c.id INTO conversation;
    END IF;
    IF conversation IS NULL THEN
        RETURN;
    END IF;
    INSERT INTO messages AS m (
        project_id, conversation_id, role, body, channel, provider_id, meta, state
    ) VALUES (
        of_project, conversation, 'customer', of_body, of_channel, of_provider_id, of_meta,
        CASE WHEN (
            SELECT e.created_at FROM messages e
            WHERE e.project_id = of_project AND e.conversation_id = conversation AND e.role = 'customer'
            ORDER BY e.id DESC OFFSET per_minute - 1 LIMIT 1
        ) > now() - interval '1 minute' THEN 'limited' ELSE 'pending' END
    )
    ON CONFLICT (project_id, channel, provider_id) WHERE provider_id IS NOT NULL DO NOTHING
    RETURNING m.conversation_id, m.id, true, m.state, m.meta
    INTO conversation_id, message_id, fresh, state, meta;
    IF fresh AND state = 'limited' AND NOT keep_limited THEN
        RAISE EXCEPTION 'too many messages in a minute' USING ERRCODE = 'RV429';
    END IF;
    IF fresh IS NULL THEN
        SELECT m.conversation_id, m.id, false, m.state, m.meta
        FROM messages m
        WHERE m.project_id = of_project AND m.channel = of_channel AND m.provider_id = of_provider_id
        INTO conversation_id, message_id, fresh, state, meta;
    END IF;
    RETURN NEXT;
END $$;
