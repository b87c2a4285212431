"""Where people write: one folder per channel, each with the same files."""
