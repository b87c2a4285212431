"""The marketing team: from a project's documents to a persona, what hurts it, its journey, and content."""
