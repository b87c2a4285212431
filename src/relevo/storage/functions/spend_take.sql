-- Sets an amount aside for a call to a model, in the rows of the conversation, the day and the month.
--
-- NULL when it is done; else which of them had reached its ceiling (NULL: no ceiling), and nothing is set aside.
-- The rows are taken in one order by everybody, so that nobody waits in a circle. What a crash of the server may
-- forget of the last moments is worth less than a flush of the log for every call.
CREATE OR REPLACE FUNCTION spend_take(
    of_project text, of_conversation text, on_day date, amount double precision,
    most_conversation double precision, most_day double precision, most_month double precision
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    spans text[] := ARRAY['conversation', 'day', 'month'];
    keys text[] := ARRAY[of_conversation, on_day::text, to_char(on_day, 'YYYY-MM')];
    most double precision[] := ARRAY[most_conversation, most_day, most_month];
    so_far double precision;
BEGIN
    PERFORM enter_project(of_project);
    PERFORM set_config('synchronous_commit', 'off', true);
    FOR place IN 1..3 LOOP
        INSERT INTO model_spend AS s (project_id, span, key, usd) VALUES (of_project, spans[place], keys[place], 0)
        ON CONFLICT (project_id, span, key) DO UPDATE SET usd = s.usd
        RETURNING s.usd INTO so_far;
        IF so_far >= most[place] THEN
            RETURN spans[place];
        END IF;
    END LOOP;
    UPDATE model_spend s SET usd = s.usd + amount
    FROM unnest(spans, keys) AS own (span, key)
    WHERE s.project_id = of_project AND s.span = own.span AND s.key = own.key;
    RETURN NULL;
END $$;
