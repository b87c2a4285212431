-- Ends a turn: replies, record and effects together, and only if its lease still holds.
--
-- outcome is 'done'; 'fenced' when another worker owns the conversation; 'changed' when a person at the desk changed
-- it since of_version was read. Whether mail waits is asked after the lock, by a statement of its own, so that it
-- sees what has just come: then (unless the turn is deferred) the conversation stays leased, and more is true.
CREATE OR REPLACE FUNCTION turn_commit(
    of_project text, of_conversation text, of_token bigint, of_version bigint, of_channel text, of_address text,
    turn jsonb, new_state jsonb, of_snapshot jsonb, of_trace jsonb,
    lease double precision, defer double precision
) RETURNS TABLE (outcome text, message_ids bigint[], more boolean)
LANGUAGE plpgsql AS $$
DECLARE
    current_version bigint;
    answered bigint[] := ARRAY(SELECT jsonb_array_elements_text(turn -> 'answered')::bigint);
    part jsonb;
    message bigint;
BEGIN
    PERFORM enter_project(of_project);
    SELECT c.version INTO current_version FROM conversations c
    WHERE c.project_id = of_project AND c.id = of_conversation AND c.lease_token = of_token
    FOR NO KEY UPDATE;
    IF current_version IS DISTINCT FROM of_version THEN
        outcome := CASE WHEN current_version IS NULL THEN 'fenced' ELSE 'changed' END;
        RETURN NEXT;
        RETURN;
    END IF;

    message_ids := '{}';
    FOR part IN SELECT * FROM jsonb_array_elements(turn -> 'parts') LOOP
        INSERT INTO messages (project_id, conversation_id, role, name, body, channel, state, turn_id, meta)
        VALUES (of_project, of_conversation, 'agent', part ->> 'agent', part ->> 'text', of_channel, 'said',
            turn ->> 'id', part -> 'meta')
        RETURNING id INTO message;
        message_ids := message_ids || message;
        IF part -> 'parcels' <> '[]' THEN
            INSERT INTO outbox (project_id, conversation_id, message_id, channel, address, body)
            SELECT of_project, of_conversation, message, of_channel, of_address, parcel.body
            FROM jsonb_array_elements_text(part -> 'parcels') WITH ORDINALITY AS parcel (body, place)
            ORDER BY parcel.place;
        END IF;
    END LOOP;

    INSERT INTO turns (project_id, id, conversation_id, lease_token, agent, mode, route, rule, reason, snapshot,
        trace, input_tokens, output_tokens, cost_usd, milliseconds)
    VALUES (of_project, turn ->> 'id', of_conversation, of_token, turn ->> 'agent', turn ->> 'mode',
        turn ->> 'route', turn ->> 'rule', turn ->> 'reason', of_snapshot, of_trace,
        (turn ->> 'input_tokens')::integer, (turn ->> 'output_tokens')::integer, (turn ->> 'cost_usd')::numeric,
        (turn ->> 'milliseconds')::real);
    IF turn -> 'handoffs' <> '[]' THEN
        INSERT INTO handoffs (project_id, conversation_id, turn_id, giver, receiver, kind, reason, digest_before,
            digest_after)
        SELECT of_project, of_conversation, turn ->> 'id', h ->> 'giver', h ->> 'receiver', h ->> 'kind',
            h ->> 'reason', h ->> 'digest_before', h ->> 'digest_after'
        FROM jsonb_array_elements(turn -> 'handoffs') h;
    END IF;

    IF answered <> '{}' THEN
        UPDATE messages m SET state = 'done', turn_id = turn ->> 'id'
        WHERE m.project_id = of_project AND m.id = ANY (answered);
        IF turn -> 'learned' <> '{}' THEN
            INSERT INTO profile_slots AS s (project_id, person_id, slot, value, message_id)
            SELECT of_project, turn ->> 'person', learned.slot, learned.value, answered[cardinality(answered)]
            FROM jsonb_each(turn -> 'learned') AS learned (slot, value)
            ON CONFLICT (project_id, person_id, slot) DO UPDATE
                SET value = excluded.value, message_id = excluded.message_id, updated_at = now()
                WHERE s.value <> excluded.value;
        END IF;
        IF turn ->> 'ticket' IS NOT NULL THEN
            INSERT INTO ticket_events (project_id, ticket_id, kind, author, body)
            SELECT of_project, turn ->> 'ticket', 'message', 'customer', m.body FROM messages m
            WHERE m.project_id = of_project AND m.id = ANY (answered)
            ORDER BY m.id;
        END IF;
    END IF;

    more := defer IS NULL AND EXISTS (
        SELECT FROM messages m
        WHERE m.project_id = of_project AND m.conversation_id = of_conversation AND m.state = 'pending'
    );
    UPDATE conversations c SET state = new_state, version = c.version + 1,
        due_at = now() + make_interval(secs => CASE WHEN more THEN lease ELSE defer END),
        attempts = CASE WHEN more THEN 1 ELSE 0 END, lease_token = CASE WHEN more THEN of_token END
    WHERE c.project_id = of_project AND c.id = of_conversation;
    outcome := 'done';
    RETURN NEXT;
END $$;
