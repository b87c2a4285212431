-- Takes a due conversation for lease seconds and reads what its turn starts from; no row where it is not due.
--
-- With of_token it was taken before: then no row says that the token is stale. Messages are read by a statement of
-- their own, after the one that takes: the same statement would not see what the taking waited for. Beyond together
-- tries only the oldest message is read, so that what cannot be answered takes nothing after it along.
CREATE OR REPLACE FUNCTION turn_begin(
    of_project text, of_conversation text, of_token bigint, lease double precision, together integer
) RETURNS TABLE (
    token bigint, channel text, address text, owner text, state jsonb, version bigint, attempts smallint,
    person_id text, person_name text, customer_ref text, person_language text, ticket_id text, ticket_number bigint,
    pending jsonb, slots jsonb, resolutions jsonb
)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM enter_project(of_project);
    IF of_token IS NULL THEN
        UPDATE conversations c SET lease_token = nextval('lease_tokens'),
            due_at = now() + make_interval(secs => lease), attempts = c.attempts + 1
        WHERE c.project_id = of_project AND c.id = of_conversation
          AND coalesce(c.due_at <= now(), false) -- not by the index of what is due, which may be long
        RETURNING c.lease_token INTO of_token;
        IF of_token IS NULL THEN
            RETURN;
        END IF;
    END IF;
    RETURN QUERY
    SELECT of_token, c.channel, c.address, c.owner, c.state, c.version, c.attempts,
        p.id, p.name, p.customer_ref, p.language, t.id, t.number,
        (
            SELECT coalesce(jsonb_agg(jsonb_build_array(m.id, m.body, m.created_at) ORDER BY m.id), '[]')
            FROM (
                SELECT w.id, w.body, w.created_at FROM messages w
                WHERE w.project_id = of_project AND w.conversation_id = of_conversation AND w.state = 'pending'
                ORDER BY w.id LIMIT CASE WHEN c.attempts > together THEN 1 END
            ) m
        ),
        (
            SELECT coalesce(jsonb_agg(jsonb_build_array(s.slot, s.value, s.message_id) ORDER BY s.slot), '[]')
            FROM profile_slots s WHERE s.project_id = of_project AND s.person_id = p.id
        ),
        (
            SELECT coalesce(jsonb_agg(jsonb_build_array(r.number, r.subject, r.outcome) ORDER BY r.number), '[]')
            FROM (
                SELECT k.number, k.subject, coalesce(k.outcome, '') AS outcome FROM tickets k
                WHERE k.project_id = of_project AND k.person_id = p.id AND k.state = 'closed'
                ORDER BY k.number DESC LIMIT 10
            ) r
        )
    FROM conversations c
    JOIN persons p ON p.project_id = of_project AND p.id = c.person_id
    LEFT JOIN LATERAL (
        SELECT o.id, o.number FROM tickets o
        WHERE o.project_id = of_project AND o.conversation_id = of_conversation AND o.state <> 'closed'
        ORDER BY o.number DESC LIMIT 1
    ) t ON true
    WHERE c.project_id = of_project AND c.id = of_conversation AND c.lease_token = of_token;
END $$;
