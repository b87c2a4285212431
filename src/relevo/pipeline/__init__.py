"""Verbs: what happens to a message, from its arrival to its answer. Begin with turn.py."""
