"""Relevo."""
