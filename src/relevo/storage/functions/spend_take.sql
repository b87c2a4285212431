-- Sets an amount aside for a call to a model, in the rows of the conversation, the day and the month.
--
-- NULL when it is done; else which of them had reached its ceiling (NULL: no ceiling), and nothing is set aside.
-- The rows are taken in one order by everybody, so that nobody waits in a circle. They are added to first and
-- looked at then, since only by writing is it known what others have set aside meanwhile; what was too much is
-- taken off again before anybody sees it. What a crash of the server may forget of the last moments is worth
-- less than a flush of the log for every call.
CREATE OR REPLACE FUNCTION spend_take(
    of_project text, of_conversation text, on_day date, amount double precision,
    most_conversation double precision, most_day double precision, most_month double precision
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    reached text;
BEGIN
    PERFORM enter_project(of_project);
    PERFORM set_config('synchronous_commit', 'off', true);
    WITH added AS (
        INSERT INTO model_spend AS s (project_id, span, key, usd) VALUES
            (of_project, 'conversation', of_conversation, amount),
            (of_project, 'day', on_day::text, amount),
            (of_project, 'month', to_char(on_day, 'YYYY-MM'), amount)
        ON CONFLICT (project_id, span, key) DO UPDATE SET usd = s.usd + excluded.usd
        RETURNING s.span, s.usd - amount AS before
    )
    SELECT a.span INTO reached FROM added a
    WHERE a.before >= -1e-9 + CASE a.span -- taking the amount off again may leave a trace of it
        WHEN 'conversation' THEN most_conversation WHEN 'day' THEN most_day ELSE most_month END
    ORDER BY a.span LIMIT 1;
    IF reached IS NOT NULL THEN
        PERFORM spend_give_back(of_project, of_conversation, on_day, amount);
    END IF;
    RETURN reached;
END $$;
