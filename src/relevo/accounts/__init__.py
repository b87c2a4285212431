"""Accounts: who signs in, what they may in which project, and how they prove it."""
