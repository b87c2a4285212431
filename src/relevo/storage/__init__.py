"""PostgreSQL: the database, its schema and isolation, and one file per thing that is stored."""
