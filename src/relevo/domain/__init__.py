"""Nouns: frozen values that every other room uses; no I/O and no knowledge of any other room."""
