-- Takes an amount off what was set aside for a call to a model: what the call did not cost.
CREATE OR REPLACE FUNCTION spend_give_back(
    of_project text, of_conversation text, on_day date, amount double precision
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM enter_project(of_project);
    PERFORM set_config('synchronous_commit', 'off', true);
    PERFORM FROM model_spend s
    WHERE s.project_id = of_project AND (s.span, s.key) IN (
        ('conversation', of_conversation), ('day', on_day::text), ('month', to_char(on_day, 'YYYY-MM')))
    ORDER BY s.span FOR UPDATE;
    UPDATE model_spend s SET usd = s.usd - amount
    WHERE s.project_id = of_project AND (s.span, s.key) IN (
        ('conversation', of_conversation), ('day', on_day::text), ('month', to_char(on_day, 'YYYY-MM')));
END $$;
