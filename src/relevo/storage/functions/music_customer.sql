-- A customer of the distributor's by their reference; no row for one it does not know.
CREATE OR REPLACE FUNCTION music_customer(of_project text, of_customer text) RETURNS SETOF music_customers
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM enter_project(of_project);
    RETURN QUERY
    SELECT * FROM music_customers c WHERE c.project_id = of_project AND c.id = of_customer;
END $$;
