"""The people behind the agents: their hours, their tickets, and what they do in a conversation."""
