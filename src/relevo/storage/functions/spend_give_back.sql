-- Takes an amount off what was set aside for a call to a model: what the call did not cost.
--
-- The rows are taken in the order in which spend_take takes them.
CREATE OR REPLACE FUNCTION spend_give_back(
    of_project text, of_conversation text, on_day date, amount double precision
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM enter_project(of_project);
    PERFORM set_config('synchronous_commit', 'off', true);
    INSERT INTO model_spend AS s (project_id, span, key, usd) VALUES
        (of_project, 'conversation', of_conversation, -amount),
        (of_project, 'day', on_day::text, -amount),
        (of_project, 'month', to_char(on_day, 'YYYY-MM'), -amount)
    ON CONFLICT (project_id, span, key) DO UPDATE SET usd = s.usd + excluded.usd;
END $$;
