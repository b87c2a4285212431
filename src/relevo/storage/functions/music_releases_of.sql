-- A customer's releases, those without a date first, then from the newest on; most of them at most.
CREATE OR REPLACE FUNCTION music_releases_of(of_project text, of_customer text, most integer)
RETURNS SETOF music_releases LANGUAGE plpgsql AS $$
BEGIN
    PERFORM enter_project(of_project);
    RETURN QUERY
    SELECT * FROM music_releases r WHERE r.project_id = of_project AND r.customer_id = of_customer
    ORDER BY r.release_date DESC NULLS FIRST, r.id LIMIT most;
END $$;
