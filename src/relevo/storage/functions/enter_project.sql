-- Begins work on a project's rows in this transaction; a transaction never passes to another project.
CREATE OR REPLACE FUNCTION enter_project(of_project text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    current text := nullif(current_setting('relevo.project', true), '');
BEGIN
    IF coalesce(of_project, '') = '' THEN
        RAISE EXCEPTION 'no project in context' USING ERRCODE = 'RV001';
    ELSIF current IS NULL THEN
        PERFORM set_config('relevo.project', of_project, true);
    ELSIF current <> of_project THEN
        RAISE EXCEPTION 'this transaction is another project''s' USING ERRCODE = 'RV001';
    END IF;
END $$;
