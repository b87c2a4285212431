"""The revisions, numbered; the highest is what the program expects."""
